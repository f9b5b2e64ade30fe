#include "storage/database_handle.hpp"

namespace troupe::storage {

namespace {

/// Whether the folder takes a write and a sync again. A reopen that fails half
/// way leaves reads without a database, so the disk is asked first.
rocksdb::Status probe_disk(rocksdb::Env& env, const std::string& path) {
  const auto file = path + "/write_probe";
  std::unique_ptr<rocksdb::WritableFile> probe;
  auto status = env.NewWritableFile(file, &probe, rocksdb::EnvOptions());
  if (status.ok()) status = probe->Append(std::string(256 << 10, '\x5a'));
  if (status.ok()) status = probe->Sync();
  if (probe) {
    const auto closed = probe->Close();
    if (status.ok()) status = closed;
  }
  env.DeleteFile(file).PermitUncheckedError();
  return status;
}

}  // namespace

void database::release_handle() {
  std::shared_ptr<handle> leaving;
  {
    const std::lock_guard held(state_->guard);
    leaving = std::move(state_->current);
    state_->current = nullptr;
  }
  leaving.reset();
  // Readers that pinned it finish first; the store cannot be opened twice.
  std::unique_lock held(state_->count->guard);
  state_->count->gone.wait(held, [this] { return state_->count->alive == 0; });
}

expected<void> database::try_resume() {
  const std::lock_guard one_at_a_time(state_->resuming);
  if (!is_read_only()) return {};
  if (const auto status = probe_disk(*options_.env, options_.path); !status.ok())
    return enter_read_only(to_failure(status, options_.path).message);
  release_handle();
  auto reopened = open_handle(options_, mode::normal);
  const bool writable = reopened.has_value();
  if (!writable) {
    const auto reason = reopened.error();
    reopened = open_handle(options_, mode::read_only);
    enter_read_only(reason.message);
    if (!reopened) return failure{failure_kind::read_only, "the store takes no writes: " + reason.message};
  }
  adopt(std::move(*reopened));
  if (!writable) return failure{failure_kind::read_only, "the store takes no writes: " + read_only_reason()};
  const std::lock_guard held(state_->guard);
  state_->read_only = false;
  state_->reason.clear();
  return {};
}

}  // namespace troupe::storage
