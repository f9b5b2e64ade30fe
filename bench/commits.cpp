/// Durable commits per second at 1, 16 and 64 callers: candidates against
/// RocksDB's own concurrent `DB::Write` with sync (DESIGN §13).
///
/// Every side gets the same options, a fresh store on the same disk and the
/// same change: one event of a session, some 200 bytes. Baseline and candidate
/// run in turns, the first of a pair alternating; a ratio is that of one pair.
///
///     bench_commits [--seconds S] [--pairs N] [--folder PATH]
///
/// A candidate is a function: to add one, append to `candidates()`.

#include "actors/journal.hpp"
#include "runtime/actor/registry.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/system_clock_port.hpp"
#include "runtime/system_config.hpp"
#include "runtime/system_random.hpp"
#include "runtime/thread_pool.hpp"
#include "storage/database.hpp"
#include "storage/session_log.hpp"

#include <rocksdb/db.h>
#include <caf/all.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <latch>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace troupe;
using namespace troupe::storage;
using clock = std::chrono::steady_clock;

/// Commits with `callers` callers, each with one commit under way at a time,
/// into the open store for `time`. Returns acknowledged commits per second.
using commit_load = std::function<double(database&, unsigned callers, std::chrono::duration<double> time)>;

struct contender {
  std::string name;
  commit_load run;
};

std::vector<write_op> one_event(unsigned caller, std::uint64_t number) {
  std::vector<write_op> ops;
  append_event(ops, "bench-session-" + std::to_string(caller),
               {number, number, event_kind::user, 1'700'000'000'000, std::string(160, 'x')});
  return ops;
}

double per_second(std::uint64_t count, clock::time_point begin) {
  return static_cast<double>(count) / std::chrono::duration<double>(clock::now() - begin).count();
}

/// `commit(caller, number)` on a thread for each caller until the time is up.
double on_threads(unsigned callers, std::chrono::duration<double> time,
                  const std::function<bool(unsigned, std::uint64_t)>& commit) {
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> total = 0;
  std::vector<std::thread> threads;
  const auto begin = clock::now();
  for (unsigned caller = 0; caller < callers; ++caller)
    threads.emplace_back([&, caller] {
      std::uint64_t number = 0;
      while (!stop)
        if (!commit(caller, ++number)) std::abort();
      total += number;
    });
  std::this_thread::sleep_for(time);
  stop = true;
  for (auto& thread : threads) thread.join();
  return per_second(total, begin);
}

/// RocksDB alone: no column lookup, no state of ours.
double rocksdb_itself(database& store, unsigned callers, std::chrono::duration<double> time) {
  const auto db = store.native().value();
  rocksdb::WriteOptions how;
  how.sync = true;
  return on_threads(callers, time, [&](unsigned caller, std::uint64_t number) {
    const auto ops = one_event(caller, number);
    return db->Put(how, ops[0].key, ops[0].value).ok();
  });
}

/// The store's `write` from as many threads; RocksDB groups them.
double store_write(database& store, unsigned callers, std::chrono::duration<double> time) {
  return on_threads(callers, time, [&](unsigned caller, std::uint64_t number) {
    return store.write(one_event(caller, number), true).has_value();
  });
}

/// An actor that commits, waits for the answer and commits again, as sessions do.
struct commit_caller {
  void next(caf::stateful_actor<commit_caller>* self) {
    if (*stop) {
      *total += number;
      ended->count_down();
      return self->quit();
    }
    self->request(journal, caf::infinite, journal_append{journal_lane::turns, one_event(caller, ++number)})
        .then([this, self](const journal_committed&) { next(self); }, [](caf::error&) { std::abort(); });
  }
  journal_actor journal;
  unsigned caller = 0;
  std::uint64_t number = 0;
  std::atomic<bool>* stop = nullptr;
  std::atomic<std::uint64_t>* total = nullptr;
  std::latch* ended = nullptr;
};

/// The journal actor with actors as callers: the way of every turn.
double through_journal(database& store, unsigned callers, std::chrono::duration<double> time) {
  system_clock_port clock_port;
  system_random random;
  thread_pool pool(1);
  actor_registry registry;
  system_config config;
  caf::actor_system system(config);
  node_services node{system, clock_port, random, pool, registry};
  auto journal = spawn<journal_role>(node, {.label = "journal", .mailbox_bound = 100000, .detached = true},
                                     journal_deps{.database = &store});
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> total = 0;
  std::latch ended(callers);
  const auto begin = clock::now();
  for (unsigned caller = 0; caller < callers; ++caller)
    system.spawn([&, caller](caf::stateful_actor<commit_caller>* self) {
      self->state = {journal, caller, 0, &stop, &total, &ended};
      self->state.next(self);
    });
  std::this_thread::sleep_for(time);
  stop = true;
  ended.wait();
  const double rate = per_second(total, begin);
  caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
  return rate;
}

std::vector<contender> candidates() {
  return {{"journal actor", through_journal}, {"database::write", store_write}};
}

double commits_per_second(const contender& side, unsigned callers, double seconds, const std::string& folder) {
  const auto path = folder + "/bench_commits_store";
  std::filesystem::remove_all(path);
  double rate = 0;
  {
    auto store = database::open({.path = path}).value();
    rate = side.run(*store, callers, std::chrono::duration<double>(seconds));
  }
  std::filesystem::remove_all(path);
  return rate;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void compare(const contender& candidate, unsigned callers, int pairs, double seconds, const std::string& folder) {
  const contender baseline{"RocksDB", rocksdb_itself};
  std::vector<double> ratios;
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int pair = 0; pair < pairs; ++pair) {
    double rates[2];
    for (const int side : {pair % 2, 1 - pair % 2})
      rates[side] = commits_per_second(side == 0 ? baseline : candidate, callers, seconds, folder);
    theirs.push_back(rates[0]);
    ours.push_back(rates[1]);
    ratios.push_back(rates[1] / rates[0]);
  }
  std::printf("%-18s %7u %7.2f  %5.2f to %5.2f %14.0f %14.0f\n", candidate.name.c_str(), callers, median(ratios),
              std::ranges::min(ratios), std::ranges::max(ratios), median(ours), median(theirs));
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
  double seconds = 1;
  int pairs = 5;
  std::string folder = ".";
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = arguments[i];
    if (name == "--seconds")
      seconds = std::atof(arguments[i + 1]);
    else if (name == "--pairs")
      pairs = std::max(1, std::atoi(arguments[i + 1]));
    else if (name == "--folder")
      folder = arguments[i + 1];
    else {
      std::fprintf(stderr, "bench_commits: unknown option %s; known: --seconds, --pairs, --folder\n", name.c_str());
      return 2;
    }
  }
  std::printf("%-18s %7s %7s %15s %14s %14s\n", "candidate", "callers", "ratio", "spread", "commits/s", "RocksDB");
  for (const auto& candidate : candidates())
    for (const unsigned callers : {1u, 16u, 64u}) compare(candidate, callers, pairs, seconds, folder);
}
