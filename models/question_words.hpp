#pragma once

/// \file
/// What kind of answer an English question asks for.
///
/// "When" is no subject, yet its answer holds a day or an hour. A question of
/// such a kind is compared with a few words that stand for its answers, written
/// down by hand, as with any other of its words.
///
/// Thread safety: pure. Cost: one pass over the words.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::models {

/// Words like those of an answer; none when the question asks for no known kind.
std::vector<std::string_view> words_of_answers(std::span<const std::string> question);

/// Whether a word of `question` belongs to the question itself ("how old"), not to its subject.
bool belongs_to_asking(std::span<const std::string> question, std::size_t position);

}  // namespace troupe::models
