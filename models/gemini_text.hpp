#pragma once

/// \file
/// Gemini signs parts of its text (thought signatures) and wants them back on
/// the same parts, not on a longer text. A conversation keeps one text and one
/// `opaque`, so `opaque` says which bytes of the text each signature belongs to:
/// a JSON array of [first byte, one past the last, signature].
///
/// Thread safety: pure. Errors: an `opaque` that does not fit the text is
/// another provider's or an older text's; the text then goes without.
/// Source: ai.google.dev/gemini-api/docs/thought-signatures.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::models {

struct signed_range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string signature;
};

std::string to_opaque(const std::vector<signed_range>& ranges);

struct signed_piece {
  std::string_view text;  ///< of the text given; empty only with a signature
  std::string signature;  ///< empty: none
};

/// The text cut into its signed parts and those between, in order.
std::vector<signed_piece> signed_pieces(std::string_view text, std::string_view opaque);

}  // namespace troupe::models
