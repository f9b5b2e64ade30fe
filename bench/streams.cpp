/// A thousand answers at 50 deltas a second each (DESIGN §13): every byte, in
/// order, and how long after its moment each delta is with its client; then the
/// same beside a client that never reads.
///
///     bench_streams [--streams N] [--deltas N] [--pairs N]
///
/// Ours is the whole node with a language model that keeps the pace: model
/// actor, runner, session, connection, socket. Baseline: a bare Beast server
/// whose timers write the same texts.

#include "bench/support/child.hpp"
#include "bench/support/options.hpp"
#include "bench/support/pairs.hpp"

using namespace troupe::bench;

int main(int count, char** arguments) {
  const bench_options options(count, arguments, {{"streams", 1000}, {"deltas", 500}, {"pairs", 3}});
  const std::vector<std::string> load{
      "--connections", options.text("streams"), "--count", options.text("deltas"), "--pace_us", "20000"};
  auto stalled = load;
  stalled.insert(stalled.end(), {"--stalled", "1"});

  double missing = 0, wrong = 0, records = 0, cpu_bare = 0, cpu_own = 0;
  const auto on_bare = [&] {
    auto server = start_bench_server("bare");
    auto found = run_load("streams", server.port, load);
    cpu_bare = cpu_seconds(server.process->pid()) / found["records"] * 1e6;
    stop(server);
    return found;
  };
  const auto on_node = [&](const std::vector<std::string>& how) {
    scratch_folder folder;
    auto server = start_bench_server("node", {"--data_dir", folder.path()});
    auto found = run_load("streams", server.port, how);
    cpu_own = cpu_seconds(server.process->pid()) / found["records"] * 1e6;
    missing += found["missing"];
    wrong += found["wrong"];
    records += found["records"];
    stop(server);
    return found;
  };

  pairs tail, middle, beside, cpu;
  double lost = 0;
  for (int i = 0; i < options.whole("pairs"); ++i) {
    auto [base, own] = run_pair(i, on_bare, [&] { return on_node(load); });
    tail.add(base["p99_ms"], own["p99_ms"]);
    middle.add(base["median_ms"], own["median_ms"]);
    cpu.add(cpu_bare, cpu_own);
    auto with = on_node(stalled);
    lost += with["stalled_lost"];
    beside.add(own["p99_ms"], with["p99_ms"]);
  }
  print_header();
  const auto name = options.text("streams") + " streams at 50/s, ";
  print_pairs((name + "p99 delay").c_str(), "ms", "<= 50 ms", tail);
  print_pairs((name + "median").c_str(), "ms", "", middle);
  print_pairs((name + "CPU/delta").c_str(), "us", "", cpu);
  print_pairs("the same beside a stalled reader, p99", "ms", "~ 1", beside);
  std::printf("  (baseline of the last row: ours without it; stalled readers disconnected: %.0f)\n", lost);
  std::printf("  of %.0f records of ours %.0f missing, %.0f wrong or out of order\n", records + missing, missing,
              wrong);
  return missing + wrong == 0 ? 0 : 1;
}
