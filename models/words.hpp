#pragma once

/// \file
/// Splitting text into words for the offline embedder and the offline agent.
///
/// A word is a run of ASCII letters, digits and bytes of non-ASCII characters,
/// with apostrophes and hyphens inside it. Words come in lower case (ASCII),
/// without a possessive 's; "’" counts as an apostrophe.
///
/// Thread safety: pure functions. Cost: one pass. Never splits a character.

#include <string>
#include <string_view>
#include <vector>

namespace troupe::models {

std::vector<std::string> split_words(std::string_view text);

/// Function words ("the", "is", "what", ...) that carry no subject.
bool is_function_word(std::string_view word) noexcept;

/// What a word may be without its ending ("puppies": puppy, puppie; "walked":
/// walk, walke), likeliest first; not itself.
std::vector<std::string> base_forms(std::string_view word);

}  // namespace troupe::models
