/// Whole turns of the real server with its offline model, journal sync included
/// (DESIGN §13). Baseline: what the disk allows, two synced RocksDB writes in
/// place of a turn (the user's event and the reply's), by as many threads.
///
///     bench_turns [--pairs N] [--seconds S]
///
/// `explain` teaches the agent nothing; `chat` asks it a question, so that it
/// recalls and learns as well.

#include "bench/support/child.hpp"
#include "bench/support/options.hpp"
#include "bench/support/pairs.hpp"
#include "storage/database.hpp"
#include "storage/session_log.hpp"

#include <rocksdb/db.h>

#include <atomic>
#include <chrono>
#include <thread>

using namespace troupe::bench;

namespace {

namespace storage = troupe::storage;
using steady = std::chrono::steady_clock;

struct durable_pairs {
  double per_second = 0;
  double median_ms = 0;
};

/// Each thread writes a user's event, then the reply's, each with a sync.
durable_pairs write_pairs(unsigned threads, double seconds) {
  scratch_folder folder;
  auto store = storage::database::open({.path = folder.path() + "/store"}).value();
  const auto db = store->native().value();
  std::atomic<bool> ended = false;
  std::vector<std::vector<double>> times(threads);
  std::vector<std::thread> writers;
  const auto begin = steady::now();
  for (unsigned each = 0; each < threads; ++each)
    writers.emplace_back([&, each] {
      rocksdb::WriteOptions how;
      how.sync = true;
      for (std::uint64_t number = 1; !ended; number += 2) {
        const auto from = steady::now();
        for (const auto event : {number, number + 1}) {
          std::vector<troupe::write_op> ops;
          storage::append_event(ops, "bench-" + std::to_string(each),
                                {event, number, troupe::event_kind::user, 1, std::string(100, 'x')});
          db->Put(how, ops[0].key, ops[0].value);
        }
        times[each].push_back(std::chrono::duration<double, std::milli>(steady::now() - from).count());
      }
    });
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  ended = true;
  for (auto& writer : writers) writer.join();
  const double spent = std::chrono::duration<double>(steady::now() - begin).count();
  std::vector<double> all;
  for (auto& some : times) all.insert(all.end(), some.begin(), some.end());
  return {static_cast<double>(all.size()) / spent, spread_of(all).median};
}

results turns(int clients, double seconds, const std::vector<std::string>& what) {
  scratch_folder folder;
  auto server = start_troupe(folder.path());
  std::vector<std::string> arguments{"--connections", std::to_string(clients), "--seconds", std::to_string(seconds)};
  arguments.insert(arguments.end(), what.begin(), what.end());
  const double before = cpu_seconds(server.process->pid());
  auto found = run_load("turns", server.port, arguments);
  found["cpu_share"] = (cpu_seconds(server.process->pid()) - before) / (seconds + 0.3);
  stop(server);
  return found;
}

}  // namespace

int main(int count, char** arguments) {
  const bench_options options(count, arguments, {{"pairs", 5}, {"seconds", 2}});
  const double seconds = options["seconds"];
  const std::vector<std::string> explain{"--action", "explain"};
  const std::vector<std::string> chat{"--action", "chat", "--question", "When does the tide come in?"};
  pairs rate, chat_rate, latency, chat_latency, first;
  double busy = 0, errors = 0;
  for (int i = 0; i < options.whole("pairs"); ++i) {
    auto [disk, own] = run_pair(
        i, [&] { return write_pairs(16, seconds); }, [&] { return turns(16, seconds, explain); });
    rate.add(disk.per_second, own["turns_per_second"]);
    busy += own["cpu_share"] / options["pairs"];
    auto chatting = turns(16, seconds, chat);
    chat_rate.add(disk.per_second, chatting["turns_per_second"]);
    auto [one_disk, one_own] = run_pair(
        i, [&] { return write_pairs(1, seconds); }, [&] { return turns(1, seconds, explain); });
    latency.add(one_disk.median_ms, one_own["median_ms"]);
    first.add(one_disk.median_ms, one_own["first_median_ms"]);
    auto one_chatting = turns(1, seconds, chat);
    chat_latency.add(one_disk.median_ms, one_chatting["median_ms"]);
    errors += own["errors"] + chatting["errors"] + one_own["errors"] + one_chatting["errors"];
  }
  print_header();
  print_pairs("turns, 16 clients, explain", "turns/s", ">= 2500/s", rate);
  print_pairs("turns, 16 clients, chat (recall, learning)", "turns/s", ">= 2500/s", chat_rate);
  print_pairs("turn, 1 client, explain, median", "ms", "<= +0.5 ms", latency);
  print_pairs("turn, 1 client, chat, median", "ms", "", chat_latency);
  print_pairs("first delta, 1 client, explain, median", "ms", "", first);
  std::printf("  (baseline: two synced writes for a turn; the server used %.2f cores at 16 clients; errors: %.0f)\n",
              busy, errors);
}
