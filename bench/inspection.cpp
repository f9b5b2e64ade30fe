/// What looking costs (docs/console.md): echo of 64 bytes through two actors a
/// client, beside 10,000 actors that do nothing, with three consoles open against
/// none; and how long the table of all these actors takes.
///
///     bench_inspection [--pairs N] [--seconds S] [--consoles N] [--idle N]

#include "bench/support/child.hpp"
#include "bench/support/options.hpp"
#include "bench/support/pairs.hpp"

#include <cstdio>
#include <cstdlib>

using namespace troupe::bench;

namespace {

/// The figures a server tells at its end.
results end_of(running_server& server) {
  results out;
  std::string line;
  server.process->close_input();
  while (server.process->read_line(line)) {
    const auto blank = line.find(' ');
    if (blank != line.npos) out[line.substr(0, blank)] = std::atof(line.c_str() + blank);
  }
  stop(server);
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  const bench_options options(count, arguments, {{"pairs", 7}, {"seconds", 2}, {"consoles", 3}, {"idle", 10000}});
  const auto seconds = options.text("seconds");
  pairs throughput, cpu;
  results tables;
  // Each server is alone while it is measured: open consoles take time from whatever else runs.
  const auto run = [&](const std::string& consoles, double& cost) {
    auto server = start_bench_server("actors", {"--idle", options.text("idle"), "--consoles", consoles});
    const double before = cpu_seconds(server.process->pid());
    auto found = run_load("echo", server.port, {"--connections", "100", "--seconds", seconds});
    cost = (cpu_seconds(server.process->pid()) - before) / (found["bytes_in"] / 66) * 1e6;
    auto told = end_of(server);
    if (consoles != "0") tables = told;
    return found["messages_per_second"];
  };
  for (int i = 0; i < options.whole("pairs"); ++i) {
    double base_cpu = 0, own_cpu = 0;
    auto [base, own] = run_pair(
        i, [&] { return run("0", base_cpu); }, [&] { return run(options.text("consoles"), own_cpu); });
    throughput.add(base, own);
    cpu.add(base_cpu, own_cpu);
  }
  print_header();
  print_pairs(("echo, 100 clients, " + options.text("consoles") + " consoles open").c_str(), "msg/s", ">= 0.97",
              throughput);
  print_pairs("the same, server CPU per message", "us", "", cpu);
  std::printf("table of %s actors, sorted, first page: median %.1f ms, most %.1f ms (goal <= 50 ms)\n",
              options.text("idle").c_str(), tables["table_median_us"] / 1000, tables["table_most_us"] / 1000);
}
