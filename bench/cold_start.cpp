/// Start of the real program on a store of 1 GB (DESIGN §13): from exec until
/// the first Luna client has its greeting. Baseline: the same on an empty store.
///
///     bench_cold_start [--megabytes N] [--pairs N]
///
/// The store is written through storage/: conversations of 20 turns and spaces
/// of 1,000 memories, half of the bytes each. Before every start the store's
/// files are dropped from the page cache.

#include "bench/load/frames.hpp"
#include "bench/support/child.hpp"
#include "bench/support/options.hpp"
#include "bench/support/pairs.hpp"
#include "storage/database.hpp"
#include "storage/memory_store.hpp"
#include "storage/session_log.hpp"

#include <rocksdb/db.h>

#include <chrono>
#include <filesystem>
#include <random>

#include <fcntl.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::bench;

namespace {

/// Text that does not compress away: words of random letters.
class text_source {
 public:
  std::string text(std::size_t size) {
    std::string out;
    while (out.size() < size) {
      for (auto letters = 2 + random_() % 8; letters > 0; --letters) out += static_cast<char>('a' + random_() % 26);
      out += ' ';
    }
    return out;
  }
  std::uint64_t number() { return random_(); }
  std::vector<float> vector() {
    std::vector<float> out(100);
    for (auto& value : out) value = static_cast<float>(random_() % 2001) / 10000.0f - 0.1f;
    return out;
  }

 private:
  std::mt19937_64 random_{7};
};

std::size_t bytes_of(const std::vector<write_op>& ops) {
  std::size_t bytes = 0;
  for (auto& op : ops) bytes += op.key.size() + op.value.size();
  return bytes;
}

std::string hex_id(text_source& random) {
  char id[33];
  std::snprintf(id, sizeof id, "%016llx%016llx", static_cast<unsigned long long>(random.number()),
                static_cast<unsigned long long>(random.number()));
  return id;
}

std::vector<write_op> one_session(text_source& random, std::int64_t now) {
  const auto id = hex_id(random);
  storage::session_snapshot snapshot;
  snapshot.spec.id = id;
  snapshot.spec.dialect = "luna";
  snapshot.spec.principal = "default";
  snapshot.spec.retention = session_retention::resumable;
  snapshot.spec.opened_at = now;
  std::vector<write_op> ops;
  std::uint64_t number = 1;
  storage::append_event(ops, id, {number++, 0, event_kind::opened, now, {}});
  for (std::uint64_t turn = 1; turn <= 20; ++turn) {
    const auto question = random.text(100), answer = random.text(400);
    storage::append_event(ops, id, {number++, turn, event_kind::user, now, question});
    storage::append_event(ops, id, {number++, turn, event_kind::reply, now, answer});
    snapshot.history.push_back({chat_role::user, question});
    snapshot.history.push_back({chat_role::model, answer});
  }
  // As it is written when a conversation goes to sleep.
  snapshot.last_number = number - 1;
  storage::put_snapshot(ops, snapshot);
  return ops;
}

std::vector<write_op> one_space(text_source& random, const std::string& name, std::int64_t now) {
  std::vector<write_op> ops;
  for (std::uint64_t id = 1; id <= 1000; ++id) {
    memory_record record;
    record.id = id;
    record.text = random.text(80);
    record.kind = "fact";
    record.created_at = record.updated_at = now;
    record.source = "bench";
    record.embedder = "offline:glove-50k-100d:2";
    record.embedding = random.vector();
    storage::put_record(ops, name, record);
  }
  storage::put_space(ops, {name, 1001});
  return ops;
}

/// Returns what was written, in words.
std::string fill(const std::string& store_path, std::size_t bytes) {
  auto store = storage::database::open({.path = store_path}).value();
  text_source random;
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  std::size_t sessions = 0, spaces = 0, session_bytes = 0, space_bytes = 0;
  while (session_bytes + space_bytes < bytes) {
    const bool space = space_bytes < session_bytes;
    const auto ops = space ? one_space(random, "space-" + std::to_string(++spaces), now) : one_session(random, now);
    if (!space) ++sessions;
    (space ? space_bytes : session_bytes) += bytes_of(ops);
    if (auto written = store->write(ops, false); !written) throw std::runtime_error(written.error().message);
  }
  // As a server leaves it that was stopped: nothing of it stays in the log.
  (void)store->native().value()->Flush(rocksdb::FlushOptions());
  return std::to_string(sessions) + " conversations, " + std::to_string(spaces) + " spaces of 1,000 memories";
}

std::size_t drop_from_cache(const std::string& folder) {
  std::size_t bytes = 0;
  for (auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    bytes += entry.file_size();
    const int descriptor = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    ::fsync(descriptor);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
  }
  return bytes;
}

/// Seconds from exec to the first greeting.
double start(const std::string& data_dir, bool cold) {
  if (cold) drop_from_cache(data_dir);
  const auto begin = now_ns();
  auto server = start_troupe(data_dir);
  results found;
  auto load = start_load("hold", server.port, {"--connections", "1", "--greeting", "1"}, found);
  const auto seconds = static_cast<double>(now_ns() - begin) / 1e9;
  if (found["connected"] != 1) throw std::runtime_error("the client was not accepted");
  load->write_line();
  load->wait();
  stop(server);
  return seconds;
}

}  // namespace

int main(int count, char** arguments) {
  const bench_options options(count, arguments, {{"megabytes", 1000}, {"pairs", 5}});
  scratch_folder full, empty;
  const auto written = fill(full.path() + "/store", static_cast<std::size_t>(options["megabytes"] * 1e6));
  start(full.path(), false);  // so that both stores have been opened and closed once
  start(empty.path(), false);
  const double bytes = static_cast<double>(drop_from_cache(full.path()));
  std::printf("%s: %.2f GB on disk\n", written.c_str(), bytes / 1e9);
  pairs cold, warm;
  for (int i = 0; i < options.whole("pairs"); ++i) {
    auto [base, own] = run_pair(
        i, [&] { return start(empty.path(), true); }, [&] { return start(full.path(), true); });
    cold.add(base, own);
  }
  for (int i = 0; i < options.whole("pairs"); ++i) {
    auto [base, own] = run_pair(
        i, [&] { return start(empty.path(), false); }, [&] { return start(full.path(), false); });
    warm.add(base, own);
  }
  print_header();
  print_pairs("exec to first client, page cache cold", "s", "< 1 s", cold);
  print_pairs("exec to first client, page cache warm", "s", "< 1 s", warm);
  std::printf("  (baseline: an empty store)\n");
}
