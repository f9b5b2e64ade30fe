/// bench_server MODE [--threads N] [--workers N] [--data_dir DIR] [--idle N] [--consoles N] [--at_once 1]: see
/// serve.hpp.

#include "bench/server/serve.hpp"

#include <csignal>
#include <cstdlib>
#include <string_view>

#include <sys/resource.h>

int main(int count, char** arguments) {
  using namespace troupe::bench;
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  serve_options options;
  for (int i = 2; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    if (name == "--threads") options.threads = static_cast<unsigned>(std::atoi(arguments[i + 1]));
    if (name == "--workers") options.workers = static_cast<unsigned>(std::atoi(arguments[i + 1]));
    if (name == "--data_dir") options.data_dir = arguments[i + 1];
    if (name == "--idle") options.idle = static_cast<unsigned>(std::atoi(arguments[i + 1]));
    if (name == "--consoles") options.consoles = static_cast<unsigned>(std::atoi(arguments[i + 1]));
    if (name == "--at_once") options.at_once = std::atoi(arguments[i + 1]) != 0;
  }
  const std::string_view mode = count > 1 ? arguments[1] : "";
  if (mode == "bare") return serve_bare(options);
  if (mode == "actors") return serve_actors(options);
  if (mode == "node") return serve_node(options);
  if (mode == "upstream") return serve_upstream(options);
  std::fprintf(stderr, "bench_server: MODE must be bare, actors, node or upstream\n");
  return 2;
}
