#include "runtime/inspection/message_ring.hpp"

#include <utility>

namespace troupe {

void message_ring::record_until(std::int64_t until_ns, std::int64_t now_ns) {
  std::lock_guard guard(mutex_);
  if (!recording(now_ns)) arrivals_.clear();
  if (until_ns > until_.load(std::memory_order_relaxed)) until_.store(until_ns, std::memory_order_relaxed);
}

void message_ring::arrived(const void* message, std::int64_t now_ns) {
  std::lock_guard guard(mutex_);
  if (arrivals_.size() < arrivals_kept) arrivals_.insert_or_assign(message, now_ns);
}

std::optional<std::int64_t> message_ring::taken(const void* message) {
  std::lock_guard guard(mutex_);
  const auto found = arrivals_.extract(message);
  if (found.empty()) return std::nullopt;
  return found.mapped();
}

void message_ring::handled(entry one) {
  std::lock_guard guard(mutex_);
  entries_.push_back(std::move(one));
  if (entries_.size() > kept) entries_.pop_front();
}

std::vector<message_ring::entry> message_ring::recent() const {
  std::lock_guard guard(mutex_);
  return {entries_.begin(), entries_.end()};
}

}  // namespace troupe
