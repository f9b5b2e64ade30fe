#include "storage/database.hpp"

#include "storage/database_handle.hpp"
#include "storage/key_codec.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>

namespace troupe::storage {

database::database(open_options options) : options_(std::move(options)), state_(std::make_unique<state>()) {}

database::~database() = default;

expected<std::unique_ptr<database>> database::open(open_options options) {
  if (options.env == nullptr) options.env = rocksdb::Env::Default();
  const auto how = options.read_only_check ? mode::read_only : mode::normal;
  auto opened = open_handle(options, how);
  if (!opened) return opened.error();
  std::unique_ptr<database> result(new database(std::move(options)));
  result->adopt(std::move(*opened));
  if (auto settled = result->settle_schema(); !settled) return settled.error();
  return result;
}

expected<std::shared_ptr<database::handle>> database::pin() const {
  const std::lock_guard held(state_->guard);
  if (state_->current) return state_->current;
  return failure{failure_kind::unavailable, "the store " + options_.path + " is being reopened"};
}

// -- writing --------------------------------------------------------------------

failure database::enter_read_only(const std::string& reason) {
  const std::lock_guard held(state_->guard);
  state_->read_only = true;
  state_->reason = reason;
  return {failure_kind::read_only, "the store takes no writes: " + reason};
}

bool database::is_read_only() const {
  const std::lock_guard held(state_->guard);
  return state_->read_only;
}

std::string database::read_only_reason() const {
  const std::lock_guard held(state_->guard);
  return state_->reason;
}

expected<void> database::write(std::span<const write_op> ops, bool sync) {
  const std::span<const write_op> groups[] = {ops};
  return write_many(groups, sync);
}

expected<void> database::write_many(std::span<const std::span<const write_op>> groups, bool sync) {
  if (is_read_only()) return failure{failure_kind::read_only, "the store takes no writes: " + read_only_reason()};
  auto pinned = pin();
  if (!pinned) return pinned.error();
  rocksdb::WriteBatch batch;
  rocksdb::Status status;
  for (const auto& group : groups)
    for (const auto& op : group) {
      auto* family = (*pinned)->family(op.where);
      switch (op.kind) {
        case write_kind::put: status = batch.Put(family, op.key, op.value); break;
        case write_kind::erase: status = batch.Delete(family, op.key); break;
        case write_kind::erase_range: status = batch.DeleteRange(family, op.key, op.value); break;
      }
      if (!status.ok()) return failure{failure_kind::internal, "a batch cannot be built: " + status.ToString()};
    }
  if (batch.Count() == 0) return {};
  rocksdb::WriteOptions how;
  how.sync = sync;
  status = (*pinned)->db->Write(how, &batch);
  if (status.ok()) return {};
  return enter_read_only(to_failure(status, options_.path).message);
}

// -- reading --------------------------------------------------------------------

expected<std::optional<std::string>> database::get(column where, std::string_view key) const {
  auto pinned = pin();
  if (!pinned) return pinned.error();
  auto* family = (*pinned)->family(where);
  if (family == nullptr) return std::optional<std::string>();  // a column of a later schema
  std::string value;
  const auto status = (*pinned)->db->Get(rocksdb::ReadOptions(), family, key, &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return to_failure(status, options_.path);
  return std::optional<std::string>(std::move(value));
}

expected<void> database::for_each(column where, std::string_view from, std::string_view to,
                                  const visitor& visit) const {
  auto pinned = pin();
  if (!pinned) return pinned.error();
  if ((*pinned)->family(where) == nullptr) return {};
  rocksdb::ReadOptions how;
  const rocksdb::Slice end(to.data(), to.size());
  if (!to.empty()) how.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> at((*pinned)->db->NewIterator(how, (*pinned)->family(where)));
  for (at->Seek(from); at->Valid(); at->Next())
    if (!visit(at->key().ToStringView(), at->value().ToStringView())) return {};
  if (at->status().ok()) return {};
  return to_failure(at->status(), options_.path);
}

expected<void> database::for_each(column where, std::string_view prefix, const visitor& visit) const {
  return for_each(where, prefix, after_prefix(prefix), visit);
}

expected<std::optional<database::entry>> database::last(column where, std::string_view prefix) const {
  auto pinned = pin();
  if (!pinned) return pinned.error();
  if ((*pinned)->family(where) == nullptr) return std::optional<entry>();
  rocksdb::ReadOptions how;
  const auto to = after_prefix(prefix);
  const rocksdb::Slice end(to);
  if (!to.empty()) how.iterate_upper_bound = &end;
  const rocksdb::Slice begin(prefix.data(), prefix.size());
  how.iterate_lower_bound = &begin;
  const std::unique_ptr<rocksdb::Iterator> at((*pinned)->db->NewIterator(how, (*pinned)->family(where)));
  at->SeekToLast();
  if (at->Valid()) return std::optional<entry>({at->key().ToString(), at->value().ToString()});
  if (!at->status().ok()) return to_failure(at->status(), options_.path);
  return std::optional<entry>();
}

expected<std::shared_ptr<rocksdb::DB>> database::native() const {
  auto pinned = pin();
  if (!pinned) return pinned.error();
  auto* raw = (*pinned)->db.get();
  return std::shared_ptr<rocksdb::DB>(std::move(*pinned), raw);
}

// -- erasing for good -----------------------------------------------------------

expected<void> database::purge(std::span<const range> ranges) {
  auto pinned = pin();
  if (!pinned) return pinned.error();
  auto& db = *(*pinned)->db;
  // Every family, also those without changes: a log lives until all that wrote
  // to it are flushed.
  auto status = db.Flush(rocksdb::FlushOptions(), (*pinned)->owned);
  for (const auto& each : ranges) {
    if (!status.ok()) break;
    rocksdb::CompactRangeOptions how;
    how.exclusive_manual_compaction = false;
    how.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    const rocksdb::Slice from(each.from);
    const rocksdb::Slice to(each.to);
    status = db.CompactRange(how, (*pinned)->family(each.where), &from, each.to.empty() ? nullptr : &to);
  }
  if (status.ok()) return {};
  return to_failure(status, options_.path);
}

}  // namespace troupe::storage
