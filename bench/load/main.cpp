/// bench_load SCENARIO --port P [--path /ws] [--NAME VALUE ...]
///
/// The load of a benchmark, as a process of its own, so that its work is not
/// the server's and each has 20,000 descriptors. Prints `name value` lines;
/// the benchmark that started it reads them.

#include "bench/load/scenarios.hpp"

#include <string_view>

#include <sys/resource.h>

int main(int count, char** arguments) {
  using namespace troupe::bench;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const std::string_view scenario = count > 1 ? arguments[1] : "";
  const load_options options(count, arguments);
  if (scenario == "echo") return run_echo(options);
  if (scenario == "hold") return run_hold(options);
  if (scenario == "cycles") return run_cycles(options);
  if (scenario == "streams") return run_streams(options);
  if (scenario == "stop") return run_stop(options);
  if (scenario == "turns") return run_turns(options);
  if (scenario == "requests") return run_requests(options);
  if (scenario == "audience") return run_audience(options);
  if (scenario == "visits") return run_visits(options);
  std::fprintf(stderr,
               "bench_load: SCENARIO must be echo, hold, cycles, streams, stop, turns, requests, audience or visits\n");
  return 2;
}
