#pragma once

/// A RocksDB file system whose writes and syncs fail on demand. Header-only, so
/// that tests link RocksDB through `storage`.
///
///     auto disk = std::make_shared<faulty_file_system>();
///     auto env = rocksdb::NewCompositeEnv(disk);
///     disk->fail_after(3, disk_fault::no_space);  // the fourth write or sync fails, and all after it
///     disk->clear();
///
/// Thread safety: all methods, from any thread.

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace troupe::test {

enum class disk_fault : int {
  none,
  io_error,    ///< every write and sync fails
  no_space,    ///< every write fails as on a full disk, after half of its bytes
  sync_error,  ///< writes succeed, syncs fail
};

class faulty_file_system : public rocksdb::FileSystemWrapper {
 public:
  explicit faulty_file_system(std::shared_ptr<rocksdb::FileSystem> target = rocksdb::FileSystem::Default())
      : FileSystemWrapper(target) {}
  static const char* kClassName() { return "faulty_file_system"; }
  const char* Name() const override { return kClassName(); }

  void fail_now(disk_fault fault) { fail_after(0, fault); }
  /// `operations` writes and syncs succeed yet.
  void fail_after(std::uint64_t operations, disk_fault fault) {
    fault_ = fault;
    left_ = static_cast<std::int64_t>(operations);
    armed_ = true;
  }
  void clear() { armed_ = false; }
  /// Writes and syncs that were let through.
  std::uint64_t operations() const { return operations_; }
  std::uint64_t syncs() const { return syncs_; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    return wrap(target()->NewWritableFile(name, options, result, debug), result);
  }
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override {
    return wrap(target()->ReopenWritableFile(name, options, result, debug), result);
  }

 private:
  class file;
  rocksdb::IOStatus wrap(rocksdb::IOStatus status, std::unique_ptr<rocksdb::FSWritableFile>* result);

  /// What becomes of one write (or sync).
  disk_fault next(bool is_sync) {
    if (armed_ && left_.fetch_sub(1) <= 0) {
      const auto fault = fault_.load();
      if (fault == disk_fault::io_error || (fault == disk_fault::sync_error) == is_sync) return fault;
    }
    ++operations_;
    if (is_sync) ++syncs_;
    return disk_fault::none;
  }

  std::atomic<disk_fault> fault_ = disk_fault::none;
  std::atomic<std::int64_t> left_ = 0;
  std::atomic<bool> armed_ = false;
  std::atomic<std::uint64_t> operations_ = 0;
  std::atomic<std::uint64_t> syncs_ = 0;
};

class faulty_file_system::file : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  file(std::unique_ptr<rocksdb::FSWritableFile>&& target, faulty_file_system& disk)
      : FSWritableFileOwnerWrapper(std::move(target)), disk_(disk) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    const auto fault = disk_.next(false);
    if (fault == disk_fault::none) return target()->Append(data, options, debug);
    if (fault == disk_fault::io_error) return rocksdb::IOStatus::IOError("injected: write failed");
    // A full disk takes what still fits.
    target()->Append(rocksdb::Slice(data.data(), data.size() / 2), options, debug).PermitUncheckedError();
    return rocksdb::IOStatus::NoSpace("injected: no space left on device");
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    if (disk_.next(true) == disk_fault::none) return target()->Sync(options, debug);
    return rocksdb::IOStatus::IOError("injected: sync failed");
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    if (disk_.next(true) == disk_fault::none) return target()->Fsync(options, debug);
    return rocksdb::IOStatus::IOError("injected: sync failed");
  }

 private:
  faulty_file_system& disk_;
};

inline rocksdb::IOStatus faulty_file_system::wrap(rocksdb::IOStatus status,
                                                  std::unique_ptr<rocksdb::FSWritableFile>* result) {
  if (status.ok()) *result = std::make_unique<file>(std::move(*result), *this);
  return status;
}

}  // namespace troupe::test
