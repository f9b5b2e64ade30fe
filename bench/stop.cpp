/// From a stop to silence (DESIGN §13): a client whose socket and queue are full
/// of an answer it has not read stops it. Measured until the server's answer to
/// the stop, with nothing of that answer after it.
///
///     bench_stop [--rounds N] [--pairs N] [--burst BYTES]
///
/// Baseline: a bare Beast server with the same answer, whose queue is emptied
/// by the stop, and the same send buffer.

#include "bench/support/child.hpp"
#include "bench/support/options.hpp"
#include "bench/support/pairs.hpp"

using namespace troupe::bench;

int main(int count, char** arguments) {
  const bench_options options(count, arguments, {{"rounds", 100}, {"pairs", 3}, {"burst", 2 << 20}});
  const std::vector<std::string> load{"--rounds", options.text("rounds"), "--burst", options.text("burst")};
  scratch_folder folder;
  auto bare = start_bench_server("bare");
  auto node = start_bench_server("node", {"--data_dir", folder.path()});
  pairs tail, middle, after;
  double late = 0;
  for (int i = 0; i < options.whole("pairs"); ++i) {
    auto [base, own] = run_pair(
        i, [&] { return run_load("stop", bare.port, load); }, [&] { return run_load("stop", node.port, load); });
    tail.add(base["silence_p99_ms"], own["silence_p99_ms"]);
    middle.add(base["silence_median_ms"], own["silence_median_ms"]);
    after.add(base["kib_after_stop"], own["kib_after_stop"]);
    late += own["late_pieces"];
  }
  print_header();
  print_pairs("stop to silence, full queue, p99", "ms", "<= 20 ms", tail);
  print_pairs("stop to silence, full queue, median", "ms", "", middle);
  print_pairs("of the answer read after the stop", "KiB", "", after);
  std::printf("  pieces of the answer after the answer to the stop: %.0f\n", late);
  stop(bare);
  stop(node);
  return late == 0 ? 0 : 1;
}
