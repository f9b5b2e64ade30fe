#include "cli/access_tokens.hpp"

#include "storage/token_store.hpp"

#include <sodium.h>

namespace troupe::cli {

expected<void> access_tokens::load(const storage::database& store, std::string_view fixed) {
  std::vector<entry> found;
  if (!fixed.empty()) found.push_back({"access", storage::hash_token(fixed)});
  auto stored = storage::list_tokens(store);
  if (!stored) return stored.error();
  for (auto& token : *stored) found.push_back({std::move(token.name), std::move(token.hash)});
  const std::lock_guard held(mutex_);
  entries_ = std::move(found);
  return {};
}

std::optional<std::string> access_tokens::verify(std::string_view token) const {
  const auto hash = storage::hash_token(token);
  const std::lock_guard held(mutex_);
  const entry* match = nullptr;
  for (auto& known : entries_)
    if (known.hash.size() == hash.size() && sodium_memcmp(known.hash.data(), hash.data(), hash.size()) == 0)
      match = &known;
  if (match == nullptr) return std::nullopt;
  return match->name;
}

bool access_tokens::empty() const {
  const std::lock_guard held(mutex_);
  return entries_.empty();
}

}  // namespace troupe::cli
