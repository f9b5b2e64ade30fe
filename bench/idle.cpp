/// What clients cost that do nothing, and what those leave that have gone
/// (DESIGN §13):
///
///   * memory per idle Luna client of the real server: connected (its connection
///     actor), and after a turn (connection, session and runner awake);
///   * the slope of memory over 10,000 cycles of connecting and disconnecting;
///   * 15,000 clients: until all are accepted; then turns of 500 of them.
///
///     bench_idle [--clients N] [--cycles N] [--many N] [--talking N]
///
/// Baseline: bare Beast, same loads. Kernel memory of sockets is in neither.

#include "bench/support/child.hpp"
#include "bench/support/options.hpp"
#include "bench/support/pairs.hpp"

#include <chrono>
#include <cmath>
#include <thread>

using namespace troupe::bench;

namespace {

using arguments_list = std::vector<std::string>;

const arguments_list luna{"--greeting", "1"};

/// A timer keeps the memory of an ended actor until it is due: recall's 2 s, and
/// the idle time that is set below.
constexpr auto timers_due = std::chrono::milliseconds(2500);

/// For the real server: waits until every client has left it, then for their
/// actors. For both: until memory stands still.
double settled_memory(const running_server& server, bool real) {
  for (int i = 0; real && i < 200; ++i) {
    if (http_get(server.port, "/health").find("\"active_clients\":0") != std::string::npos) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  if (real) std::this_thread::sleep_for(timers_due);
  double before = -1e12, now = 0;
  for (int i = 0; i < 20 && std::abs(before - now) > 65536; ++i) {
    before = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    now = memory_of(server.process->pid()).proportional;
  }
  return now;
}

arguments_list with(arguments_list first, const arguments_list& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

/// Bytes per client, after a first wave of clients has come and gone, so that
/// what is made once is not counted.
double per_client(running_server& server, bool real, int clients, const arguments_list& how) {
  const auto number = std::to_string(clients);
  run_load("cycles", server.port, with({"--connections", "500", "--parallel", "50"}, how));
  const double empty = settled_memory(server, real);
  results found;
  auto load = start_load("hold", server.port, with({"--connections", number}, how), found);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  double full = -1e12, now = 0;
  for (int i = 0; i < 20 && std::abs(full - now) > 65536; ++i) {
    full = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    now = memory_of(server.process->pid()).proportional;
  }
  if (found["connected"] != clients) std::printf("only %.0f of %d clients came in\n", found["connected"], clients);
  load->write_line();
  load->wait();
  return (now - empty) / clients;
}

void idle_memory(int clients) {
  const auto bare_bytes = [&] {
    auto server = start_bench_server("bare");
    const double bytes = per_client(server, false, clients, {});
    stop(server);
    return bytes;
  };
  const auto luna_bytes = [&](const arguments_list& how) {
    scratch_folder folder;
    auto server = start_troupe(folder.path(), {{"SESSION_IDLE_MS", "3600000"}});
    const double bytes = per_client(server, true, clients, how);
    stop(server);
    return bytes;
  };
  pairs connected, after_turn;
  for (int i = 0; i < 3; ++i) {
    auto [base, own] = run_pair(i, bare_bytes, [&] { return luna_bytes(luna); });
    connected.add(base / 1024, own / 1024);
    after_turn.add(base / 1024, luna_bytes(with(luna, {"--turn", "1"})) / 1024);
  }
  print_pairs("idle client, connected", "KiB", "<= 10 KB", connected);
  print_pairs("idle client after a turn, session awake", "KiB", "<= 10 KB", after_turn);
}

struct slope_result {
  std::vector<double> memory;  ///< bytes
  double per_cycle = 0;
};

/// Memory after each tenth of the cycles, and the slope of the line through it.
slope_result slope(running_server& server, bool real, int cycles, const arguments_list& how) {
  const auto run = [&](int number) {
    run_load("cycles", server.port, with({"--connections", std::to_string(number), "--parallel", "50"}, how));
  };
  run(cycles);  // warm-up: pools, arenas and the store's buffers find their size
  std::vector<double> memory{settled_memory(server, real)};
  constexpr int steps = 10;
  for (int i = 0; i < steps; ++i) {
    run(cycles / steps);
    memory.push_back(settled_memory(server, real));
  }
  double mean = 0, numerator = 0, denominator = 0;
  for (double each : memory) mean += each / (steps + 1);
  for (int i = 0; i <= steps; ++i) {
    const double x = (i - steps / 2.0) * cycles / steps;
    numerator += x * (memory[static_cast<std::size_t>(i)] - mean);
    denominator += x * x;
  }
  return {std::move(memory), numerator / denominator};
}

void print_slope(const char* name, const slope_result& of) {
  std::printf("  %-30s %8.2f bytes/cycle, %+.0f KiB from start to end; after each tenth, KiB:", name, of.per_cycle,
              (of.memory.back() - of.memory.front()) / 1024);
  for (double each : of.memory) std::printf(" %.0f", each / 1024);
  std::printf("\n");
  std::fflush(stdout);
}

void cycle_slope(int cycles) {
  std::printf("%d connect/disconnect cycles, slope of memory (goal: ends at the starting memory)\n", cycles);
  {
    auto server = start_bench_server("bare");
    print_slope("bare Beast", slope(server, false, cycles, {}));
    stop(server);
  }
  scratch_folder folder;
  auto server = start_troupe(folder.path(), {{"SESSION_IDLE_MS", "500"}});
  print_slope("connect, greeting, disconnect", slope(server, true, cycles, luna));
  print_slope("the same with a turn each", slope(server, true, cycles, with(luna, {"--turn", "1"})));
  stop(server);
}

void many_clients(int clients, int talking) {
  const auto number = std::to_string(clients);
  const auto connect = [&](running_server& server, const arguments_list& how) {
    results found;
    auto load = start_load("hold", server.port, with({"--connections", number, "--parallel", "500"}, how), found);
    return std::pair(std::move(load), found);
  };
  const arguments_list talk{"--connections", std::to_string(talking), "--pause_ms", "1000", "--seconds", "5"};
  pairs accepted, overhead;
  for (int i = 0; i < 3; ++i) {
    const auto base = [&] {
      auto server = start_bench_server("bare");
      auto [load, found] = connect(server, {});
      load->write_line();
      load->wait();
      stop(server);
      return found["connect_seconds"];
    };
    double alone = 0, among = 0;
    const auto ours = [&] {
      scratch_folder folder;
      auto server = start_troupe(folder.path());
      alone = run_load("turns", server.port, talk)["p99_ms"];
      auto [load, found] = connect(server, luna);
      if (found["connected"] != clients) std::printf("only %.0f of %d clients came in\n", found["connected"], clients);
      among = run_load("turns", server.port, talk)["p99_ms"];
      load->write_line();
      load->wait();
      stop(server);
      return found["connect_seconds"];
    };
    auto [bare_seconds, own_seconds] = run_pair(i, base, ours);
    accepted.add(bare_seconds, own_seconds);
    overhead.add(alone, among);
  }
  print_pairs((number + " clients accepted").c_str(), "s", "< 10 s", accepted);
  print_pairs((std::to_string(talking) + " talking among them, p99 turn").c_str(), "ms", "< 50 ms", overhead);
  std::printf("  (baseline of the last row: the same clients talking to a server without the others)\n");
}

}  // namespace

int main(int count, char** arguments) {
  const bench_options options(count, arguments,
                              {{"clients", 5000}, {"cycles", 10000}, {"many", 15000}, {"talking", 500}});
  print_header();
  if (options.whole("clients") > 0) idle_memory(options.whole("clients"));
  if (options.whole("many") > 0) many_clients(options.whole("many"), options.whole("talking"));
  if (options.whole("cycles") > 0) cycle_slope(options.whole("cycles"));
}
