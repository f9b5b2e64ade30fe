#pragma once

/// \file
/// Cutting text to a number of bytes without cutting a character in two.
///
/// Thread safety: pure. Units: bytes of UTF-8; of other bytes the cut may be up
/// to where the last one began that looks like the start of a character.

#include <cstddef>
#include <string_view>

namespace troupe {

/// How many bytes of `text`, at most `limit`, are whole characters.
inline std::size_t whole_characters(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) return text.size();
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
  return limit;
}

}  // namespace troupe
