#pragma once

/// \file
/// From a language model's raw answer to what the character says, and what it
/// says when there is no answer (contracts/character.md 7.7, 7.8). Pure.
/// Cost: some passes over the text.

#include "characters/definition.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::characters {

inline constexpr std::size_t longest_reply = 64 * 1024;  ///< bytes, without reasoning

/// Without reasoning, without phrases that give the machinery away, on one
/// line, of fitting length. Empty if nothing was said. `complexity`: the
/// strategy's word.
std::string cleaned_up(std::string_view raw, const definition& who, std::string_view complexity);

/// Each with the white space between it and the next one.
std::vector<std::string_view> sentences_of(std::string_view text);

/// One of four lines in the character's voice, by the message's length.
std::string stock_line(const definition& who, std::string_view message);

}  // namespace troupe::characters
