#include "cli/access_tokens.hpp"

#include "storage/token_store.hpp"

#include <sodium.h>

#include <algorithm>

namespace troupe::cli {

expected<void> access_tokens::load(const storage::database& store, const config::settings& settings) {
  std::vector<entry> found;
  auto stored = storage::list_tokens(store);
  if (!stored) return stored.error();
  for (auto& token : *stored)
    found.push_back({{std::move(token.name), token.scope, token.created_at}, std::move(token.hash)});
  if (!settings.operator_token.empty())
    found.push_back({{"operator", token_scope::act, 0}, storage::hash_token(settings.operator_token)});
  // Last, so that one text for both settings is a client's token.
  if (!settings.access_token.empty())
    found.push_back({{"access", token_scope::client, 0}, storage::hash_token(settings.access_token)});
  const std::lock_guard held(mutex_);
  entries_ = std::move(found);
  return {};
}

std::optional<known_token> access_tokens::find(std::string_view token) const {
  const auto hash = storage::hash_token(token);
  const std::lock_guard held(mutex_);
  const entry* match = nullptr;
  for (auto& known : entries_)
    if (known.hash.size() == hash.size() && sodium_memcmp(known.hash.data(), hash.data(), hash.size()) == 0)
      match = &known;
  if (match == nullptr) return std::nullopt;
  return match->token;
}

std::optional<std::string> access_tokens::verify_client(std::string_view token) const {
  auto found = find(token);
  if (!found || found->scope != token_scope::client) return std::nullopt;
  return std::move(found->name);
}

std::optional<std::string> access_tokens::verify_operator(std::string_view token) const {
  auto found = find(token);
  if (!found || found->scope == token_scope::client) return std::nullopt;
  return std::move(found->name);
}

bool access_tokens::still_known(const known_token& token) const {
  const std::lock_guard held(mutex_);
  return std::ranges::any_of(entries_, [&](const entry& known) { return known.token == token; });
}

bool access_tokens::has_client() const {
  const std::lock_guard held(mutex_);
  return std::ranges::any_of(entries_, [](const entry& known) { return known.token.scope == token_scope::client; });
}

bool access_tokens::has_name(std::string_view name) const {
  const std::lock_guard held(mutex_);
  return std::ranges::any_of(entries_, [&](const entry& known) { return known.token.name == name; });
}

}  // namespace troupe::cli
