#pragma once

/// \file
/// The servers that benchmarks compare, each in a process of its own:
/// `bench_server MODE`. Each prints `port N` and serves until its standard
/// input ends.

#include <cstdint>
#include <cstdio>
#include <string>

#include <unistd.h>

namespace troupe::bench {

struct serve_options {
  unsigned threads = 2;   ///< I/O threads
  unsigned workers = 0;   ///< threads that run actors; 0: one per core
  std::string data_dir;   ///< node: where its store is
  unsigned idle = 0;      ///< actors: so many more that do nothing
  unsigned consoles = 0;  ///< actors: how many ask the inspector each second, as an open console does
  bool at_once = false;   ///< upstream: all that is due in one write, not each piece in one of its own
};

/// Bare Beast, one `io_context` per thread: echoes; a text with a paced order
/// is answered with that answer, one with `stop_text_session` ends it.
int serve_bare(const serve_options& options);
/// The project's server, echo through a connection actor and a session actor.
int serve_actors(const serve_options& options);
/// The whole node with Luna's dialect; its language model speaks paced orders.
int serve_node(const serve_options& options);
/// A language model's provider that speaks OpenAI's protocol over HTTP/1.1, on one
/// thread: it streams the paced order that stands last in the request. In the end
/// it prints the mean size of a request.
int serve_upstream(const serve_options& options);

inline void announce(std::uint16_t port) {
  std::printf("port %u\n", port);
  std::fflush(stdout);
}

inline void wait_for_end_of_input() {
  char byte;
  while (::read(0, &byte, 1) > 0) {
  }
}

}  // namespace troupe::bench
