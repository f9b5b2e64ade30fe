#include "net/connection_registry.hpp"

namespace troupe::net {

std::uint64_t connection_registry::add(std::weak_ptr<connection> entry) {
  std::lock_guard lock(mutex_);
  entries_.emplace(next_, std::move(entry));
  return next_++;
}

void connection_registry::remove(std::uint64_t id) {
  std::lock_guard lock(mutex_);
  if (entries_.erase(id) > 0 && entries_.empty()) empty_.notify_all();
}

std::size_t connection_registry::count() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

std::vector<std::shared_ptr<connection>> connection_registry::all() const {
  std::vector<std::shared_ptr<connection>> out;
  std::lock_guard lock(mutex_);
  out.reserve(entries_.size());
  for (auto& [id, entry] : entries_)
    if (auto live = entry.lock()) out.push_back(std::move(live));
  return out;
}

bool connection_registry::wait_until_empty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return empty_.wait_until(lock, deadline, [this] { return entries_.empty(); });
}

}  // namespace troupe::net
