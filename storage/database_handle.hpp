#pragma once

/// \file
/// Internal to `database`: RocksDB's handle with its column families and its
/// options. Not for use outside storage/database*.cpp.

#include "storage/database.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <atomic>

#include <array>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace troupe::storage {

inline constexpr std::array all_columns{column::meta,       column::sessions, column::events,
                                        column::open_turns, column::memories, column::spaces,
                                        column::lessons,    column::tokens,   column::characters};
static_assert(all_columns.size() == column_count);

/// Counts the handles that are not closed yet: a store can be reopened when
/// there is none. (A weak_ptr expires before the destructor has run.)
struct handle_count {
  std::mutex guard;
  std::condition_variable gone;
  int alive = 0;
};

struct database::handle {
  rocksdb::Env* env = nullptr;
  rocksdb::FileLock* lock = nullptr;  ///< of a read-only handle, which RocksDB does not lock
  std::unique_ptr<rocksdb::DB> db;
  std::array<rocksdb::ColumnFamilyHandle*, column_count> families{};
  std::vector<rocksdb::ColumnFamilyHandle*> owned;
  std::shared_ptr<handle_count> count;

  handle() = default;
  handle(const handle&) = delete;
  handle& operator=(const handle&) = delete;
  ~handle();
  rocksdb::ColumnFamilyHandle* family(column where) const { return families[static_cast<std::size_t>(where)]; }
};

struct database::state {
  mutable std::mutex guard;  // a leaf: nothing is called while it is held
  std::shared_ptr<handle> current;
  std::shared_ptr<handle_count> count = std::make_shared<handle_count>();
  bool read_only = false;
  std::atomic<std::uint64_t> generation{0};
  std::string reason;
  std::mutex resuming;
};

rocksdb::Options store_options(rocksdb::Env* env, bool create);

/// RocksDB's status as ours. `path` names the store in the message.
failure to_failure(const rocksdb::Status& status, const std::string& path);

}  // namespace troupe::storage
