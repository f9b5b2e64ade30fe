#include "runtime/actor/registry.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <charconv>

namespace troupe {

void actor_registry::add(std::shared_ptr<const actor_cell> cell, caf::weak_actor_ptr address) {
  const auto number = cell->number;
  auto& where = shard_of(number);
  std::lock_guard guard(where.mutex);
  if (where.entries.try_emplace(number, kept{std::move(cell), std::move(address)}).second)
    count_.fetch_add(1, std::memory_order_relaxed);
}

void actor_registry::remove(std::uint64_t number) noexcept {
  // Dropped outside the lock: the last reference to an actor runs its destructor.
  std::unordered_map<std::uint64_t, kept>::node_type dropped;
  auto& where = shard_of(number);
  {
    std::lock_guard guard(where.mutex);
    dropped = where.entries.extract(number);
  }
  if (!dropped.empty()) count_.fetch_sub(1, std::memory_order_relaxed);
}

std::vector<actor_registry::entry> actor_registry::snapshot() const {
  std::vector<entry> all;
  all.reserve(count());
  for (const auto& where : shards_) {
    std::lock_guard guard(where.mutex);
    for (const auto& [number, one] : where.entries) all.push_back({one.cell, this, number});
  }
  std::sort(all.begin(), all.end(), [](const entry& a, const entry& b) { return a.number < b.number; });
  return all;
}

std::optional<actor_registry::entry> actor_registry::find(std::uint64_t number) const {
  const auto& where = shard_of(number);
  std::lock_guard guard(where.mutex);
  const auto found = where.entries.find(number);
  if (found == where.entries.end()) return std::nullopt;
  return entry{found->second.cell, this, number};
}

caf::actor actor_registry::handle(std::uint64_t number) const {
  const auto& where = shard_of(number);
  std::lock_guard guard(where.mutex);
  const auto found = where.entries.find(number);
  if (found == where.entries.end()) return {};
  return caf::actor_cast<caf::actor>(found->second.address.lock());
}

std::optional<actor_registry::entry> actor_registry::find(std::string_view id) const {
  std::uint64_t number = 0;
  const auto* end = id.data() + id.size();
  const auto [stopped, error] = std::from_chars(id.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return find(number);
}

}  // namespace troupe
