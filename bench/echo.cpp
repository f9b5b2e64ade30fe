/// Echo of 64 bytes through a connection actor and a session actor against bare
/// Beast (DESIGN §13): throughput with 100 clients, median latency with one, and
/// the tail latency at a fixed rate, a quarter of the baseline's throughput.
///
///     bench_echo [--pairs N] [--seconds S] [--threads N] [--workers N]
///
/// `--threads` is the number of I/O threads of both servers, `--workers` that of
/// the threads that run actors (0: one per core).

#include "bench/support/child.hpp"
#include "bench/support/options.hpp"
#include "bench/support/pairs.hpp"

using namespace troupe::bench;

namespace {

struct side {
  running_server server;
  double cpu_us = 0;  ///< of the server, per message, of the last run

  results run(const std::string& clients, const std::string& seconds, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--connections", clients, "--seconds", seconds};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const double before = cpu_seconds(server.process->pid());
    auto found = run_load("echo", server.port, arguments);
    // The warm-up is part of both, and nearly cancels out.
    const double messages = found["bytes_in"] / 66;
    cpu_us = messages > 0 ? (cpu_seconds(server.process->pid()) - before) / messages * 1e6 : 0;
    return found;
  }
};

}  // namespace

int main(int count, char** arguments) {
  const bench_options options(count, arguments, {{"pairs", 7}, {"seconds", 2}, {"threads", 2}, {"workers", 0}});
  const auto seconds = options.text("seconds");
  side bare{start_bench_server("bare", {"--threads", options.text("threads")})};
  side actors{
      start_bench_server("actors", {"--threads", options.text("threads"), "--workers", options.text("workers")})};

  const auto pair = [&](int i, const std::string& clients, std::vector<std::string> more = {}) {
    return run_pair(
        i, [&] { return bare.run(clients, seconds, more); }, [&] { return actors.run(clients, seconds, more); });
  };
  pairs throughput, latency, tail, open_loop, cpu;
  for (int i = 0; i < options.whole("pairs"); ++i) {
    auto [base, own] = pair(i, "100");
    throughput.add(base["messages_per_second"], own["messages_per_second"]);
    cpu.add(bare.cpu_us, actors.cpu_us);
  }
  for (int i = 0; i < options.whole("pairs"); ++i) {
    auto [base, own] = pair(i, "1");
    latency.add(base["median_us"], own["median_us"]);
    tail.add(base["p99_us"], own["p99_us"]);
  }
  const auto rate = std::to_string(static_cast<int>(spread_of(throughput.baseline).median / 4));
  for (int i = 0; i < options.whole("pairs"); ++i) {
    auto [base, own] = pair(i, "100", {"--rate", rate});
    open_loop.add(base["p99_us"], own["p99_us"]);
  }
  print_header();
  print_pairs("echo, 100 clients, throughput", "msg/s", ">= 0.80", throughput);
  print_pairs("echo, 1 client, median latency", "us", "<= 1.25", latency);
  print_pairs("echo, 1 client, p99 latency", "us", "", tail);
  print_pairs(("echo, 100 clients at " + rate + " msg/s, p99").c_str(), "us", "", open_loop);
  print_pairs("echo, 100 clients, server CPU per message", "us", "", cpu);
  stop(bare.server);
  stop(actors.server);
}
