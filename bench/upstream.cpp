/// Turns of the real program with a language model behind HTTP, OpenAI's protocol,
/// that answers at once (DESIGN §13), against the same clients calling that model
/// themselves: what a turn takes beyond it, the journal's syncs included.
///
///     bench_upstream [--pairs N] [--seconds S] [--chunks N] [--long N] [--streams N]
///
/// `--chunks`: pieces of a short answer; `--long`: of one from which the cost of
/// each further piece is found; `--streams`: paced answers side by side (0: left out),
/// whose baseline is the same node with the model inside it.

#include "bench/load/paced_text.hpp"
#include "bench/support/child.hpp"
#include "bench/support/options.hpp"
#include "bench/support/pairs.hpp"

#include <cmath>

using namespace troupe::bench;

namespace {

using arguments = std::vector<std::string>;

arguments operator+(arguments one, const arguments& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

struct measured {
  results load;
  double own_cpu = 0;        ///< s, of the server that was asked
  double upstream_cpu = 0;   ///< s, of the model's; 0 where that was the one asked
  double request_bytes = 0;  ///< of a request to the model, the mean
};

class upstream_bench {
 public:
  explicit upstream_bench(double seconds) : seconds_(seconds) {}

  /// The clients ask the model.
  measured direct(const arguments& load, bool at_once = false) {
    auto model = start_model(at_once);
    measured found;
    found.load = checked(run_load("requests", model.port, load));
    found.own_cpu = cpu_seconds(model.process->pid());
    found.request_bytes = end(model);
    return found;
  }

  /// The clients ask Troupe, which asks the model.
  measured through(const std::string& scenario, const arguments& load, const std::string& data_in = {},
                   bool at_once = false) {
    auto model = start_model(at_once);
    const scratch_folder folder(data_in);
    auto server =
        start_troupe(folder.path(), {{"MODEL", "openai:bench"},
                                     {"OPENAI_BASE_URL", "http://127.0.0.1:" + std::to_string(model.port) + "/v1"},
                                     {"MODEL_MAX_CALLS", "2000"}});
    const double before = cpu_seconds(server.process->pid());
    measured found;
    found.load = checked(run_load(scenario, server.port, load));
    found.own_cpu = cpu_seconds(server.process->pid()) - before;
    found.upstream_cpu = cpu_seconds(model.process->pid());
    stop(server);
    found.request_bytes = end(model);
    return found;
  }

  arguments load(int clients, int chunks) const {
    const paced_order order{static_cast<std::uint64_t>(chunks), static_cast<std::uint64_t>(chunks), 0, 32};
    return {"--connections", std::to_string(clients), "--seconds", std::to_string(seconds_), "--text", to_text(order)};
  }

  double faults() const { return faults_; }
  results checked(results found) {
    faults_ += found["errors"] + found["wrong"] + found["missing"] + std::abs(found["status"]);
    return found;
  }

 private:
  static running_server start_model(bool at_once) {
    return start_bench_server("upstream", {"--at_once", at_once ? "1" : "0"});
  }

  /// Ends the model; the mean size of what it was asked.
  static double end(running_server& model) {
    const std::string_view name = "request_bytes ";
    std::string line;
    model.process->close_input();
    const bool told = model.process->read_line(line) && line.starts_with(name);
    stop(model);
    return told ? std::atof(line.c_str() + name.size()) : 0;
  }

  double seconds_;
  double faults_ = 0;
};

/// What Troupe sends soon: the last 40 messages, and the declarations of the tools
/// that Luna's dialect offers. The requests' sizes are printed.
const arguments as_troupe{"--history", "20", "--tools", "6400"};
const arguments without_history{"--tools", "6400"};
const arguments fresh{"--fresh", "1"};

/// One client, short answers.
void one_client(upstream_bench& bench, int count, int chunks) {
  pairs whole, tail, first, first_tail, memory_whole, memory_first_tail;
  const auto load = bench.load(1, chunks);
  for (int i = 0; i < count; ++i) {
    auto [base, own] = run_pair(
        i, [&] { return bench.direct(load + as_troupe).load; }, [&] { return bench.through("turns", load).load; });
    auto memory = bench.through("turns", load, "/dev/shm").load;
    whole.add(base["median_ms"], own["median_ms"]);
    tail.add(base["p99_ms"], own["p99_ms"]);
    first.add(base["first_median_ms"], own["first_median_ms"]);
    first_tail.add(base["first_p99_ms"], own["first_p99_ms"]);
    memory_whole.add(base["median_ms"], memory["median_ms"]);
    memory_first_tail.add(base["first_p99_ms"], memory["first_p99_ms"]);
  }
  const auto name = "turn, " + std::to_string(chunks) + " chunks, 1 client, ";
  print_pairs((name + "median").c_str(), "ms", "", whole);
  print_added("  added", "ms", "<= 0.5", whole);
  print_pairs((name + "p99").c_str(), "ms", "", tail);
  print_pairs("first delta, median", "ms", "", first);
  print_added("  added", "ms", "", first);
  print_pairs("first delta, p99", "ms", "", first_tail);
  print_added("  added", "ms", "<= 0.25", first_tail);
  print_added("turn, data in memory, median, added", "ms", "", memory_whole);
  print_added("first delta, data in memory, p99, added", "ms", "", memory_first_tail);
}

/// What each piece beyond the short answer's takes: time of the turn, and the server's CPU.
void further_deltas(upstream_bench& bench, int count, int few, int many, bool at_once) {
  pairs time, cpu;
  double frames = 0;
  const double between = many - few;
  const auto each_us = [&](results& longer, results& shorter) {
    return (longer["median_ms"] - shorter["median_ms"]) / between * 1e3;
  };
  const auto cpu_us = [&](measured& longer, measured& shorter) {
    return (longer.own_cpu / longer.load["turns"] - shorter.own_cpu / shorter.load["turns"]) / between * 1e6;
  };
  for (int i = 0; i < count; ++i) {
    auto [base, own] = run_pair(
        i,
        [&] {
          return std::pair(bench.direct(bench.load(1, few) + without_history, at_once),
                           bench.direct(bench.load(1, many) + without_history, at_once));
        },
        [&] {
          return std::pair(bench.through("turns", bench.load(1, few) + fresh, {}, at_once),
                           bench.through("turns", bench.load(1, many) + fresh, {}, at_once));
        });
    frames += own.second.load["pieces_per_turn"] / count;
    time.add(each_us(base.second.load, base.first.load), each_us(own.second.load, own.first.load));
    cpu.add(cpu_us(base.second, base.first), cpu_us(own.second, own.first));
  }
  const std::string name = at_once ? "further delta, all in one write, " : "further delta, a write each, ";
  print_pairs((name + "time").c_str(), "us", "", time);
  print_added("  added", "us", "<= 2", time);
  print_pairs((name + "CPU").c_str(), "us", "", cpu);
  std::printf("  (of %d pieces the client got %.0f frames)\n", many, frames);
}

void many_clients(upstream_bench& bench, int count, int chunks) {
  pairs rate;
  double own_cpu = 0, model_cpu = 0, base_bytes = 0, own_bytes = 0;
  const auto load = bench.load(16, chunks);
  for (int i = 0; i < count; ++i) {
    auto [base, own] = run_pair(
        i, [&] { return bench.direct(load + as_troupe); }, [&] { return bench.through("turns", load); });
    rate.add(base.load["turns_per_second"], own.load["turns_per_second"]);
    own_cpu += own.own_cpu / own.load["turns"] * 1e6 / count;
    model_cpu += own.upstream_cpu / own.load["turns"] * 1e6 / count;
    base_bytes += base.request_bytes / count;
    own_bytes += own.request_bytes / count;
  }
  print_pairs("turns, 16 clients", "turns/s", ">= 2500/s", rate);
  std::printf("  (CPU a turn: %.0f us Troupe's, %.0f us the model's; a request has %.0f bytes, the baseline's %.0f)\n",
              own_cpu, model_cpu, own_bytes, base_bytes);
}

/// Answers at a model's pace. Few pieces of many answers are dear where a round looks at all that are open.
void many_streams(upstream_bench& bench, int count, int streams, int per_second, int seconds) {
  const arguments load{"--connections", std::to_string(streams),
                       "--count",       std::to_string(per_second * seconds),
                       "--pace_us",     std::to_string(1'000'000 / per_second)};
  pairs tail, middle, cpu;
  double model_cpu = 0;
  for (int i = 0; i < count; ++i) {
    double base_cpu = 0;
    auto [base, own] = run_pair(
        i,
        [&] {
          const scratch_folder folder;
          auto server = start_bench_server("node", {"--data_dir", folder.path()});
          auto found = bench.checked(run_load("streams", server.port, load));
          base_cpu = cpu_seconds(server.process->pid());
          stop(server);
          return found;
        },
        [&] { return bench.through("streams", load); });
    tail.add(base["p99_ms"], own.load["p99_ms"]);
    middle.add(base["median_ms"], own.load["median_ms"]);
    model_cpu += own.upstream_cpu / own.load["records"] * 1e6 / count;
    cpu.add(base_cpu / base["records"] * 1e6, own.own_cpu / own.load["records"] * 1e6);
  }
  const auto name = std::to_string(streams) + " streams at " + std::to_string(per_second) + "/s, ";
  print_pairs((name + "p99 delay").c_str(), "ms", per_second == 50 ? "<= 50 ms" : "", tail);
  print_pairs((name + "median").c_str(), "ms", "", middle);
  print_pairs((name + "CPU/delta").c_str(), "us", "", cpu);
  std::printf("  (and %.0f us a delta the model's, on the same cores)\n", model_cpu);
}

}  // namespace

int main(int count, char** values) {
  const bench_options options(count, values,
                              {{"pairs", 5}, {"seconds", 1}, {"chunks", 6}, {"long", 2006}, {"streams", 1000}});
  const int chunks = options.whole("chunks"), pairs_wanted = options.whole("pairs");
  upstream_bench bench(options["seconds"]);
  print_header();
  one_client(bench, pairs_wanted, chunks);
  further_deltas(bench, pairs_wanted, chunks, options.whole("long"), false);
  further_deltas(bench, pairs_wanted, chunks, options.whole("long"), true);
  many_clients(bench, pairs_wanted, chunks);
  if (const int streams = options.whole("streams"); streams > 0)
    for (const int per_second : {50, 5}) many_streams(bench, (pairs_wanted + 1) / 2, streams, per_second, 6);
  std::printf(
      "  (baseline: the same clients asking the model itself, for streams the model inside the node; errors and wrong "
      "answers: %.0f)\n",
      bench.faults());
  return bench.faults() == 0 ? 0 : 1;
}
