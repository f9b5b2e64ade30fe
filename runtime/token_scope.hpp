#pragma once

/// \file
/// What an access token opens (docs/console.md, Who may): the store keeps it,
/// the network asks for it, and neither knows the other.
///
/// Thread safety: values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

enum class token_scope : std::uint8_t {
  client = 0,  ///< the dialects of clients, and nothing of the console
  read = 1,    ///< an operator's: sees everything, opens no client connection
  act = 2,     ///< an operator's: sees and acts
};

inline const char* to_string(token_scope scope) noexcept {
  switch (scope) {
    case token_scope::client: return "client";
    case token_scope::read: return "read";
    case token_scope::act: return "act";
  }
  return "client";
}

inline std::optional<token_scope> token_scope_of(std::string_view text) noexcept {
  for (auto scope : {token_scope::client, token_scope::read, token_scope::act})
    if (text == to_string(scope)) return scope;
  return std::nullopt;
}

/// A token as far as others may know it. One that was removed and made again
/// under its old name is another: `made_at` differs.
struct known_token {
  std::string name;
  token_scope scope = token_scope::client;
  std::int64_t made_at = 0;  ///< wall clock, ms; 0 for tokens out of the settings

  bool operator==(const known_token&) const = default;
};

}  // namespace troupe
