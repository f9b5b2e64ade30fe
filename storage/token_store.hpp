#pragma once

/// \file
/// Access tokens by name (DESIGN §9): builders of changes, and readers.
///
/// A token is `tr_` and 256 random bits in base64url without padding (RFC 4648
/// §5). Kept is only its BLAKE2b-256 hash. Why not a slow password hash? Those
/// make guessing a secret that people chose expensive; nobody guesses 256
/// random bits, and a slow hash on every connection would only help an attacker
/// to keep the server busy.
///
/// A client's token is stored in version 1 of its value, which has no scope and
/// reads as a client's; an operator's in version 2, so that a program which
/// knows no scopes refuses it instead of taking it for a client's.
///
/// Ownership and thread safety: free functions over values; the readers may run
/// beside the writer. Errors: `invalid` (name), `exists`, `not_found`,
/// `corrupt`. A token's text is never in a message. Who verifies tokens keeps
/// `list_tokens` in RAM and compares hashes in constant time.

#include "runtime/ports/random.hpp"
#include "runtime/token_scope.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

/// 1 to 64 characters out of letters, digits, `-`, `_` and `.`.
expected<void> check_token_name(std::string_view name);

/// A new token's text, of which this is the only time anybody sees it. It is
/// valid once `ops` are written.
expected<std::string> create_token(const database& store, std::vector<write_op>& ops, std::string_view name,
                                   random_port& random, std::int64_t now_ms, token_scope scope = token_scope::client);
expected<void> remove_token(const database& store, std::vector<write_op>& ops, std::string_view name);

struct token_info {
  std::string name;
  std::int64_t created_at = 0;  ///< wall clock, ms
  std::string hash;             ///< 32 bytes, for who verifies from RAM
  token_scope scope = token_scope::client;
};
/// By name.
expected<std::vector<token_info>> list_tokens(const database& store);

/// What is kept of a token, for check and tests.
struct stored_token {
  std::string hash;  ///< 32 bytes
  std::int64_t created_at = 0;
  token_scope scope = token_scope::client;
};
std::string hash_token(std::string_view token);
std::string encode_token(const stored_token& token);
expected<stored_token> decode_token(std::string_view value);

}  // namespace troupe::storage
