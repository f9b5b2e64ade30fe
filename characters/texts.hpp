#pragma once

/// \file
/// Small readings of texts that the inner life goes by (contracts/character.md
/// §7, 8.2). Pure; values. Texts are UTF-8; case is ASCII's. Cost: one pass.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace troupe::characters {

std::string lowered(std::string_view text);

/// Whether one of `parts` occurs, also inside of a word: "thank" in "thanks".
bool has_any(std::string_view lower, std::span<const std::string_view> parts);

/// Code points, which is what the original counts.
std::size_t length_of(std::string_view text);

/// The beginning, at most `most` bytes, whole characters.
std::string_view beginning_of(std::string_view text, std::size_t most);

/// Every run of white space is one space, none at the ends.
std::string one_line(std::string_view text);

/// Parts between white space.
std::size_t words_in(std::string_view text);

/// How pleasant a text is: occurrences of the contract's words (8.2), as whole words.
struct sentiment {
  std::size_t pleasant = 0;
  std::size_t unpleasant = 0;
  std::size_t words = 0;
};
sentiment weigh(std::string_view text);

}  // namespace troupe::characters
