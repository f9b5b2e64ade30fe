#include "net/dialects/console/session_table.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace troupe::console {
namespace {

constexpr std::size_t cookie_bytes = 32;
constexpr std::size_t hash_size = 32;

std::string hash_of(std::string_view cookie) {
  std::string hash(hash_size, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(cookie.data()), cookie.size(), nullptr, 0);
  return hash;
}

std::uint64_t key_of(std::string_view id) {
  std::uint64_t key = 0;
  std::memcpy(&key, id.data(), std::min(id.size(), sizeof key));
  return key;
}

}  // namespace

session_table::opened session_table::open(known_token token) {
  opened out;
  out.cookie = random_.hex(cookie_bytes);
  out.made = {std::move(token), hash_of(out.cookie), clock_.wall_ms() + lifetime_s * 1000};
  const auto now = clock_.monotonic_ns();
  const std::lock_guard held(mutex_);
  if (entries_.size() >= limit_) make_room(now);
  entries_[key_of(out.made.id)] = {out.made, now + lifetime_s * 1'000'000'000};
  return out;
}

std::optional<session> session_table::find(std::string_view cookie) const {
  const auto id = hash_of(cookie);
  const std::lock_guard held(mutex_);
  const auto* known = live_entry(id);
  if (known == nullptr) return std::nullopt;
  return known->kept;
}

bool session_table::holds(std::string_view id) const {
  const std::lock_guard held(mutex_);
  return live_entry(id) != nullptr;
}

void session_table::close(std::string_view id) {
  const std::lock_guard held(mutex_);
  if (live_entry(id) != nullptr) entries_.erase(key_of(id));
}

std::size_t session_table::size() const {
  const std::lock_guard held(mutex_);
  return entries_.size();
}

const session_table::entry* session_table::live_entry(std::string_view id) const {
  const auto found = entries_.find(key_of(id));
  if (found == entries_.end() || found->second.ends_ns <= clock_.monotonic_ns()) return nullptr;
  const auto& known = found->second.kept.id;
  if (known.size() != id.size() || sodium_memcmp(known.data(), id.data(), id.size()) != 0) return nullptr;
  return &found->second;
}

void session_table::make_room(std::int64_t now_ns) {
  std::erase_if(entries_, [&](const auto& item) { return item.second.ends_ns <= now_ns; });
  if (entries_.size() < limit_) return;
  entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& item) { return item.second.ends_ns; }));
}

}  // namespace troupe::console
