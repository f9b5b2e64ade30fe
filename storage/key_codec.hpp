#pragma once

/// \file
/// Keys: ordered tuples of numbers and texts (DESIGN §6).
///
/// Every key begins with one byte, the epoch of the key layout, so that a
/// later layout can stand beside this one while a store is migrated. Comparing
/// two keys byte by byte orders them as their tuples: a number is 8 bytes, big
/// end first; a text is escaped (0x00 becomes 0x00 0xff) and closed by 0x00
/// 0x01, so a text sorts before every longer text that begins with it and no
/// text's keys lie within another's.
///
/// Ownership and thread safety: values. Errors: `key_reader` never reads past
/// the end; after the first malformed part it stays failed. Cost: one pass.

#include "runtime/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::storage {

inline constexpr char key_epoch = 1;

void append_u64_be(std::string& key, std::uint64_t number);
void append_text(std::string& key, std::string_view text);

/// Builds a key: `make_key("session", 7u)`. Parts are texts or unsigned numbers.
template <class... Parts>
std::string make_key(const Parts&... parts) {
  std::string key(1, key_epoch);
  const auto append = [&key](const auto& part) {
    if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(part)>>)
      append_u64_be(key, part);
    else
      append_text(key, part);
  };
  (append(parts), ...);
  return key;
}

/// The first key after all keys that begin with `prefix`; empty when there is
/// none (the prefix is empty or nothing but 0xff).
std::string after_prefix(std::string_view prefix);

/// Takes a key apart, in the order it was built.
class key_reader {
 public:
  explicit key_reader(std::string_view key);
  std::uint64_t number();
  std::string text();
  /// Whether every part was well formed and nothing is left over.
  bool complete() const { return sound_ && rest_.empty(); }
  /// `complete()` as a failure that names what the key should have been.
  expected<void> finish(std::string_view what) const;

 private:
  std::string_view rest_;
  bool sound_ = true;
};

}  // namespace troupe::storage
