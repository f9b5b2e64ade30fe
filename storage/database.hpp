#pragma once

/// \file
/// The store: one RocksDB database with a column family per subject (DESIGN §6).
///
/// The problem: what was acknowledged must survive `kill -9`, a full disk and
/// a flipped byte, and a store that cannot keep that promise must say so
/// instead of opening with less than it held.
///
/// Invariants
///  1. A call of `write` or `write_many` is one batch: all of it or nothing.
///  2. After a synced write has returned without a failure, its batch is there
///     after any crash.
///  3. After a failed write nothing is written until `try_resume` succeeded.
///     Whether the failed batch is there is open until then; read it back.
///  4. A damaged store is refused (`corrupt`); a log whose last record was torn
///     by a crash is not.
///
/// Ownership: the object owns the open database and its lock on the folder;
/// destroying it closes both. The `Env` must outlive it.
/// Thread safety: one writer at a time (the journal), any number of readers.
/// `try_resume` reopens the database: it waits for running reads, and reads
/// that begin meanwhile fail with `unavailable`. A callback of `for_each` may
/// read, but must not call `try_resume`.
/// Errors: `busy` (another process has the store), `incompatible` (newer
/// schema), `corrupt`, `not_found`, `read_only`, `unavailable` (other I/O).
/// Cost: a read is one lookup; a synced write is one `fdatasync`. About 16 MiB
/// of write buffers and 16 MiB of block cache.

#include "runtime/failure.hpp"
#include "runtime/messages/journal.hpp"
#include "storage/schema.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace troupe::storage {

struct open_options {
  std::string path;              ///< the store's folder
  rocksdb::Env* env = nullptr;   ///< null: the real file system
  bool create = true;            ///< make a new store if there is none
  bool read_only_check = false;  ///< change nothing, not even by recovering the log
  storage::schema schema = builtin_schema();
};

/// The name of a column's family, as it stands on disk.
const char* to_string(column where) noexcept;

class database {
 public:
  static expected<std::unique_ptr<database>> open(open_options options);
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// One batch. With `sync`, durable on return.
  expected<void> write(std::span<const write_op> ops, bool sync);
  /// Group commit: all groups in one batch, in their order.
  expected<void> write_many(std::span<const std::span<const write_op>> groups, bool sync);

  expected<std::optional<std::string>> get(column where, std::string_view key) const;

  /// Called with each key and value in order; false ends the iteration.
  using visitor = std::function<bool(std::string_view key, std::string_view value)>;
  /// Visits the keys in [`from`, `to`); an empty `to` is the end of the column.
  /// Sees the state at its beginning, whatever is written meanwhile.
  expected<void> for_each(column where, std::string_view from, std::string_view to, const visitor& visit) const;
  expected<void> for_each(column where, std::string_view prefix, const visitor& visit) const;
  /// The last entry whose key begins with `prefix`.
  struct entry {
    std::string key;
    std::string value;
  };
  expected<std::optional<entry>> last(column where, std::string_view prefix) const;

  /// Whether a write has failed since, and why.
  bool is_read_only() const;
  std::string read_only_reason() const;
  /// After a failed write: see whether the disk takes writes again and, if so,
  /// reopen the database. While that fails, reads go on where possible.
  ///
  /// Why not `DB::Resume()`? Measured with RocksDB 7.8, it does not come back
  /// from a failed log write or sync: it returns the same error again, or
  /// `Busy` on a full disk. A reopen reads the log back, drops the half record
  /// that the failed write may have left, and begins a new file.
  expected<void> try_resume();

  /// How often the database has been opened by this object, from 1. What was
  /// read in an earlier generation may lack, or hold, a write that failed.
  std::uint64_t generation() const;

  /// Makes what was erased in these key ranges disappear from the files:
  /// flushes, so that the write-ahead log with the old text is deleted, and
  /// rewrites the tables that held it. What stays beyond our reach: blocks the
  /// file system has freed but not overwritten, and backups made before.
  /// Until this is called, erased text lives on in the log (until the next
  /// flush, at most 16 MiB of writes later) and in tables (until compacted).
  struct range {
    column where;
    std::string from;
    std::string to;
  };
  expected<void> purge(std::span<const range> ranges);

  /// What the store holds and how it fares, for the operator: a JSON object's
  /// members (docs/console.md, "store"). Cost: some dozen of RocksDB's counters.
  std::string report() const;

  std::uint32_t schema_version() const { return schema_version_; }
  const std::string& path() const { return options_.path; }
  rocksdb::Env* env() const { return options_.env; }

  /// RocksDB's own handle, for backup and check only. The database does not
  /// reopen while it is held.
  expected<std::shared_ptr<rocksdb::DB>> native() const;

 private:
  struct handle;
  enum class mode { normal, read_only };

  explicit database(open_options options);
  static expected<std::shared_ptr<handle>> open_handle(const open_options& options, mode how);
  expected<std::shared_ptr<handle>> pin() const;
  expected<void> settle_schema();
  void write_report(std::string& out) const;
  void adopt(std::shared_ptr<handle> opened);
  failure enter_read_only(const std::string& reason);
  void release_handle();

  open_options options_;
  std::uint32_t schema_version_ = 0;
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace troupe::storage
