#include "storage/database_handle.hpp"
#include "storage/log_tail.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/table.h>

#include <algorithm>

namespace troupe::storage {

const char* to_string(column where) noexcept {
  switch (where) {
    case column::meta: return "meta";
    case column::sessions: return "sessions";
    case column::events: return "events";
    case column::open_turns: return "open_turns";
    case column::memories: return "memories";
    case column::spaces: return "spaces";
    case column::lessons: return "lessons";
    case column::tokens: return "tokens";
    case column::characters: return "characters";
  }
  return "unknown";
}

namespace {

/// RocksDB's own log file is written on the same disk, and where RocksDB is
/// built with assertions (as Debian's is), the second line after one that found
/// the disk full ends the process. What matters reaches us as a status.
class silent_log : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

rocksdb::Options store_options(rocksdb::Env* env, bool create) {
  rocksdb::Options options;
  options.env = env;
  options.create_if_missing = create;
  options.paranoid_checks = true;
  // The default mode opens silently with what precedes the first damaged
  // record. This one refuses; log_tail.hpp closes the gaps it leaves.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.recycle_log_file_num = 0;  // old records in a reused file cannot be told from damage
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.max_bgerror_resume_count = 0;  // `try_resume` decides when, not a background thread

  options.write_buffer_size = 4 << 20;
  options.db_write_buffer_size = 16 << 20;
  options.max_total_wal_size = 16 << 20;  // also bounds what a start has to replay
  options.max_background_jobs = 2;
  options.max_open_files = 256;
  options.info_log = std::make_shared<silent_log>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(16 << 20);
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  const auto compressions = rocksdb::GetSupportedCompressions();
  const bool has_lz4 = std::ranges::find(compressions, rocksdb::kLZ4Compression) != compressions.end();
  options.compression = has_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  return options;
}

namespace {

bool is_lock_conflict(const rocksdb::Status& status) {
  const auto text = status.ToString();
  for (const char* sign : {"While lock file", "lock hold by current process", "lock is already held"})
    if (text.find(sign) != std::string::npos) return true;
  return false;
}

}  // namespace

failure to_failure(const rocksdb::Status& status, const std::string& path) {
  if (is_lock_conflict(status))
    return {failure_kind::busy, "the data directory " + path
                                    + " is in use by another troupe process; stop that one, or choose another data"
                                      " directory for this one"};
  if (status.IsCorruption())
    return {failure_kind::corrupt, "the store " + path + " is damaged: " + status.ToString() + corrupt_advice};
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace)
    return {failure_kind::unavailable, "the disk that holds the store " + path + " is full"};
  return {failure_kind::unavailable, "the store " + path + " cannot be used: " + status.ToString()};
}

database::handle::~handle() {
  for (auto* family : owned)
    if (db) db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  if (db) db->Close().PermitUncheckedError();
  db.reset();
  if (lock) env->UnlockFile(lock).PermitUncheckedError();
  if (!count) return;
  const std::lock_guard held(count->guard);
  --count->alive;
  count->gone.notify_all();
}

void database::adopt(std::shared_ptr<handle> opened) {
  {
    const std::lock_guard held(state_->count->guard);
    ++state_->count->alive;
  }
  opened->count = state_->count;
  const std::lock_guard held(state_->guard);
  state_->current = std::move(opened);
  state_->generation.fetch_add(1);
}

std::uint64_t database::generation() const {
  return state_->generation.load();
}

namespace {

struct family_plan {
  std::vector<rocksdb::ColumnFamilyDescriptor> present;
  std::vector<column> missing;
};

/// Opens the families that are there and no others, so that a store of a newer
/// schema can be looked at without being changed.
family_plan plan_families(const std::vector<std::string>& names, const rocksdb::ColumnFamilyOptions& options) {
  family_plan plan;
  for (const auto& name : names) plan.present.emplace_back(name, options);
  for (const auto where : all_columns)
    if (std::ranges::find(names, to_string(where)) == names.end()) plan.missing.push_back(where);
  return plan;
}

/// Whether a folder without CURRENT holds a store's files, which RocksDB would
/// take for waste and delete when it makes a new store there.
bool has_remains(rocksdb::Env& env, const std::string& path) {
  std::vector<std::string> names;
  env.GetChildren(path, &names).PermitUncheckedError();
  return std::ranges::any_of(names, [](const auto& name) { return name.ends_with(".sst") || name.ends_with(".log"); });
}

}  // namespace

expected<std::shared_ptr<database::handle>> database::open_handle(const open_options& options, mode how) {
  auto result = std::make_shared<handle>();
  auto* env = result->env = options.env;
  const auto& path = options.path;
  const bool exists = env->FileExists(path + "/CURRENT").ok();
  if (!exists) {
    if (has_remains(*env, path))
      return failure{failure_kind::corrupt, "the store " + path + " has lost its file CURRENT" + corrupt_advice};
    if (!options.create || how == mode::read_only)
      return failure{failure_kind::not_found, "there is no store in " + path};
    env->CreateDirIfMissing(path).PermitUncheckedError();
  }
  // Before anything is read: files that another process writes look damaged.
  const auto locked = env->LockFile(path + "/LOCK", &result->lock);
  if (!locked.ok()) {
    result->lock = nullptr;
    return to_failure(locked, path);
  }
  const auto rocks = store_options(env, options.create);
  std::vector<std::string> names{rocksdb::kDefaultColumnFamilyName};
  if (exists) {
    const auto listed = rocksdb::DB::ListColumnFamilies(rocks, path, &names);
    if (!listed.ok()) return to_failure(listed, path);
    if (auto sound = check_log_tails(*env, path); !sound) return sound.error();
  }
  if (how == mode::normal) {  // RocksDB takes the lock itself
    env->UnlockFile(result->lock).PermitUncheckedError();
    result->lock = nullptr;
  }
  auto plan = plan_families(names, rocks);
  rocksdb::DB* raw = nullptr;
  const auto status = how == mode::read_only
                          ? rocksdb::DB::OpenForReadOnly(rocks, path, plan.present, &result->owned, &raw)
                          : rocksdb::DB::Open(rocks, path, plan.present, &result->owned, &raw);
  if (!status.ok()) return to_failure(status, path);
  result->db.reset(raw);
  for (auto* family : result->owned)
    for (const auto where : all_columns)
      if (family->GetName() == to_string(where)) result->families[static_cast<std::size_t>(where)] = family;
  return result;
}

}  // namespace troupe::storage
