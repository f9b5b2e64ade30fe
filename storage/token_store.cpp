#include "storage/token_store.hpp"

#include "storage/key_codec.hpp"
#include "storage/value_codec.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace troupe::storage {

namespace {

constexpr std::size_t secret_size = 32;
constexpr std::size_t hash_size = 32;
constexpr std::size_t longest_name = 64;

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

expected<void> for_each_token(const database& store, const std::function<void(std::string, stored_token)>& take) {
  expected<void> outcome;
  const auto scanned = store.for_each(column::tokens, "", [&](auto key, auto value) {
    key_reader parts(key);
    auto name = parts.text();
    if (outcome = parts.finish("tokens"); !outcome) return false;
    auto token = decode_token(value);
    if (!token) {
      outcome = token.error();
      return false;
    }
    take(std::move(name), std::move(*token));
    return true;
  });
  if (!scanned) return scanned;
  return outcome;
}

}  // namespace

expected<void> check_token_name(std::string_view name) {
  if (!name.empty() && name.size() <= longest_name && std::ranges::all_of(name, name_character)) return {};
  return failure{failure_kind::invalid,
                 "a token's name has 1 to 64 characters out of letters, digits, '-', '_' and '.'"};
}

std::string hash_token(std::string_view token) {
  std::string hash(hash_size, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(token.data()), token.size(), nullptr, 0);
  return hash;
}

std::string encode_token(const stored_token& token) {
  const bool plain = token.scope == token_scope::client;
  value_writer writer(plain ? 1 : 2);
  writer.text(token.hash).signed_number(token.created_at);
  if (!plain) writer.number(static_cast<std::uint64_t>(token.scope));
  return writer.take();
}

expected<stored_token> decode_token(std::string_view value) {
  value_reader reader(value, 2);
  stored_token token;
  token.hash = reader.text();
  token.created_at = reader.signed_number();
  if (reader.version() == 2) token.scope = static_cast<token_scope>(reader.number_up_to(2));
  if (auto end = reader.finish("tokens"); !end) return end.error();
  if (token.hash.size() != hash_size) return failure{failure_kind::corrupt, "a value of tokens has no hash"};
  if (reader.version() == 2 && token.scope == token_scope::client)
    return failure{failure_kind::corrupt, "a value of tokens has no scope"};
  return token;
}

expected<std::string> create_token(const database& store, std::vector<write_op>& ops, std::string_view name,
                                   random_port& random, std::int64_t now_ms, token_scope scope) {
  if (auto valid = check_token_name(name); !valid) return valid.error();
  const auto key = make_key(name);
  const auto present = store.get(column::tokens, key);
  if (!present) return present.error();
  if (*present)
    return failure{failure_kind::exists, "there is a token named " + std::string(name) + " already; remove it first"};
  std::array<unsigned char, secret_size> secret;
  random.fill(secret.data(), secret.size());
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::array<char, sodium_base64_ENCODED_LEN(secret_size, variant)> coded;
  sodium_bin2base64(coded.data(), coded.size(), secret.data(), secret.size(), variant);
  const auto text = std::string("tr_") + coded.data();
  sodium_memzero(secret.data(), secret.size());
  sodium_memzero(coded.data(), coded.size());
  ops.push_back({write_kind::put, column::tokens, key, encode_token({hash_token(text), now_ms, scope})});
  return text;
}

expected<void> remove_token(const database& store, std::vector<write_op>& ops, std::string_view name) {
  const auto present = store.get(column::tokens, make_key(name));
  if (!present) return present.error();
  if (!*present) return failure{failure_kind::not_found, "there is no token named " + std::string(name)};
  ops.push_back({write_kind::erase, column::tokens, make_key(name), {}});
  return {};
}

expected<std::vector<token_info>> list_tokens(const database& store) {
  std::vector<token_info> tokens;
  const auto scanned = for_each_token(store, [&](std::string name, stored_token token) {
    tokens.push_back({std::move(name), token.created_at, std::move(token.hash), token.scope});
  });
  if (!scanned) return scanned.error();
  return tokens;
}

}  // namespace troupe::storage
