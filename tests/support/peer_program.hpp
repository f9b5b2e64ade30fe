#pragma once

/// \file
/// Someone else's server, started for a test and stopped by its process id.
///
///     peer_program mock({{"/path/node", "server.js"}});
///     const auto port = mock.wait_port("listening on http://127.0.0.1:");
///
/// What it prints is read all the time, so that it never waits for us. The
/// destructor kills. Errors: throws, with what the program printed, where a test
/// cannot go on. Thread safety: all members from any thread, but it ends with
/// the thread that made it.

#include "support/http_client.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace troupe::test {

class peer_program {
 public:
  struct options {
    std::vector<std::string> command;
    std::map<std::string, std::string> environment = {};  ///< added to a nearly empty one
    std::string folder = {};
  };

  explicit peer_program(options with);
  ~peer_program();
  peer_program(const peer_program&) = delete;
  peer_program& operator=(const peer_program&) = delete;

  /// Waits, up to `patience`, until it has printed `text`.
  void wait_output(std::string_view text);
  /// The number that it prints behind `mark`.
  std::uint16_t wait_port(std::string_view mark);
  /// Standard output and error so far.
  std::string output() const;
  pid_t pid() const { return pid_; }
  void kill(int signal);
  /// Exit status, or 128 + signal.
  int wait();

 private:
  void read_all(int descriptor);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  bool closed_ = false;
  pid_t pid_ = -1;
  int status_ = -1;
  std::thread reader_;
};

}  // namespace troupe::test
