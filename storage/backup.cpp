#include "storage/backup.hpp"

#include "storage/database_handle.hpp"

#include <rocksdb/utilities/backup_engine.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace troupe::storage {

namespace {

namespace fs = std::filesystem;

using engine = std::unique_ptr<rocksdb::BackupEngine>;

failure backup_failure(const rocksdb::Status& status, const std::string& folder) {
  const auto kind = status.IsCorruption() ? failure_kind::corrupt
                    : status.IsNotFound() ? failure_kind::not_found
                                          : failure_kind::unavailable;
  return {kind, "the backup folder " + folder + ": " + status.ToString()};
}

expected<engine> open_engine(const std::string& folder, rocksdb::Env* env, bool create) {
  if (folder.empty()) return failure{failure_kind::invalid, "a backup needs a folder"};
  if (!create && !env->FileExists(folder + "/meta").ok())
    return failure{failure_kind::not_found, "there are no backups in " + folder};
  rocksdb::BackupEngineOptions options(folder);
  options.sync = true;
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  rocksdb::BackupEngine* raw = nullptr;
  const auto status = rocksdb::BackupEngine::Open(options, env, &raw);
  if (!status.ok()) return backup_failure(status, folder);
  return engine(raw);
}

backup_info summary(const rocksdb::BackupInfo& info) {
  return {info.backup_id, info.size, info.timestamp};
}

}  // namespace

expected<backup_info> backup(database& store, const std::string& folder) {
  auto opened = open_engine(folder, store.env(), true);
  if (!opened) return opened.error();
  auto native = store.native();
  if (!native) return native.error();
  rocksdb::CreateBackupOptions how;
  how.flush_before_backup = true;  // the backup then needs no log
  rocksdb::BackupID id = 0;
  rocksdb::Status status = (*opened)->CreateNewBackup(how, native->get(), &id);
  if (status.ok()) status = (*opened)->VerifyBackup(id, true);
  rocksdb::BackupInfo info;
  if (status.ok()) status = (*opened)->GetBackupInfo(id, &info);
  if (!status.ok()) return backup_failure(status, folder);
  return summary(info);
}

expected<std::vector<backup_info>> list_backups(const std::string& folder) {
  auto opened = open_engine(folder, rocksdb::Env::Default(), false);
  if (!opened) return opened.error();
  std::vector<rocksdb::BackupInfo> infos;
  (*opened)->GetBackupInfo(&infos);
  std::vector<backup_info> found;
  for (const auto& info : infos) found.push_back(summary(info));
  return found;
}

namespace {

expected<backup_info> choose(rocksdb::BackupEngine& backups, const restore_options& options) {
  rocksdb::BackupInfo info;
  const auto status = options.id ? backups.GetBackupInfo(*options.id, &info) : backups.GetLatestBackupInfo(&info);
  if (status.ok()) return summary(info);
  return failure{failure_kind::not_found,
                 "there is no " + (options.id ? "backup " + std::to_string(*options.id) : std::string("backup"))
                     + " in " + options.folder};
}

/// The lock of the store that is being replaced.
class store_lock {
 public:
  ~store_lock() {
    if (lock_) env_->UnlockFile(lock_).PermitUncheckedError();
  }
  expected<void> take(const std::string& path) {
    if (!fs::exists(path + "/CURRENT")) return {};
    const auto status = env_->LockFile(path + "/LOCK", &lock_);
    if (status.ok()) return {};
    lock_ = nullptr;
    return to_failure(status, path);
  }

 private:
  rocksdb::Env* env_ = rocksdb::Env::Default();
  rocksdb::FileLock* lock_ = nullptr;
};

failure cannot_replace(const std::string& path) {
  return {failure_kind::unavailable, "cannot put the restored store at " + path + ": "
                                         + std::error_code(errno, std::generic_category()).message()};
}

/// Exchanges the two folders, so that there is a whole store at `path` at any
/// time, and removes the old one.
expected<void> replace(const std::string& restored, const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path) || fs::is_empty(path, ignored)) {
    if (std::rename(restored.c_str(), path.c_str()) != 0) return cannot_replace(path);
    return {};
  }
  if (renameat2(AT_FDCWD, restored.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0) return cannot_replace(path);
  fs::remove_all(restored, ignored);
  return {};
}

}  // namespace

expected<backup_info> restore(const restore_options& options) {
  auto opened = open_engine(options.folder, rocksdb::Env::Default(), false);
  if (!opened) return opened.error();
  auto chosen = choose(**opened, options);
  if (!chosen) return chosen.error();
  store_lock lock;
  if (auto locked = lock.take(options.path); !locked) return locked.error();
  std::error_code error;
  const bool occupied = fs::exists(options.path, error) && !fs::is_empty(options.path, error);
  if (occupied && !options.force)
    return failure{failure_kind::exists,
                   options.path + " is not empty; restore with --force to replace everything in it"};
  rocksdb::Status status = (*opened)->VerifyBackup(chosen->id, true);
  if (!status.ok()) return backup_failure(status, options.folder);
  const auto beside = fs::path(options.path).lexically_normal();
  const auto folder = beside.has_filename() ? beside : beside.parent_path();
  const auto restored = folder.string() + ".restoring";
  fs::remove_all(restored, error);
  fs::create_directories(restored, error);
  if (error) return failure{failure_kind::unavailable, "cannot make " + restored + ": " + error.message()};
  status = (*opened)->RestoreDBFromBackup(rocksdb::RestoreOptions(), chosen->id, restored, restored);
  if (!status.ok()) {
    fs::remove_all(restored, error);
    return backup_failure(status, options.folder);
  }
  if (auto replaced = replace(restored, folder.string()); !replaced) return replaced.error();
  return *chosen;
}

}  // namespace troupe::storage
