#include "net/dialects/console/login_throttle.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace troupe::console {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t network_bytes = 8;

}  // namespace

std::string throttle_key(std::string_view address) {
  in6_addr parsed{};
  std::string text(address.substr(0, address.find('%')));  // without the zone
  if (inet_pton(AF_INET6, text.c_str(), &parsed) != 1 || IN6_IS_ADDR_V4MAPPED(&parsed)) return text;
  return {reinterpret_cast<const char*>(parsed.s6_addr), network_bytes};
}

bool login_throttle::forgotten(const entry& known, std::int64_t now_ns) {
  return now_ns - std::max(known.free_ns, known.failed_ns) >= longest_wait_s * second_ns;
}

std::int64_t login_throttle::wait_s(std::string_view peer) const {
  const auto key = throttle_key(peer);
  const auto now = clock_.monotonic_ns();
  const std::lock_guard held(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.free_ns <= now) return 0;
  return (found->second.free_ns - now + second_ns - 1) / second_ns;
}

void login_throttle::failed(std::string_view peer) {
  auto key = throttle_key(peer);
  const auto now = clock_.monotonic_ns();
  const std::lock_guard held(mutex_);
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    if (entries_.size() >= limit_) make_room(now);
    found = entries_.emplace(std::move(key), entry{}).first;
  } else if (forgotten(found->second, now)) {
    found->second = {};
  }
  auto& known = found->second;
  known.failed_ns = now;
  ++known.failures;
  if (known.failures < free_failures) return;
  const auto doublings = std::min(known.failures - free_failures, 10u);
  known.free_ns = now + std::min<std::int64_t>(std::int64_t{1} << doublings, longest_wait_s) * second_ns;
}

void login_throttle::succeeded(std::string_view peer) {
  const std::lock_guard held(mutex_);
  entries_.erase(throttle_key(peer));
}

std::size_t login_throttle::size() const {
  const std::lock_guard held(mutex_);
  return entries_.size();
}

void login_throttle::make_room(std::int64_t now_ns) {
  std::erase_if(entries_, [&](const auto& item) { return forgotten(item.second, now_ns); });
  if (entries_.size() < limit_) return;
  entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& item) { return item.second.failed_ns; }));
}

}  // namespace troupe::console
