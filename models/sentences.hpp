#pragma once

/// \file
/// What the offline agent can see in a text without understanding it.
///
/// Thread safety: pure. Cost: one pass each, a table look-up per word.

#include <string>
#include <string_view>
#include <vector>

namespace troupe::models {

/// Sentences, trimmed; a line end ends one too.
std::vector<std::string> split_sentences(std::string_view text);

/// The distinct content words, in a base form, in order.
std::vector<std::string> content_words(std::string_view text);

/// How much of `words` a text shares, rarer words counting more, from 0 to 1.
float overlap(const std::vector<std::string>& words, std::string_view text);

/// The rarest content words of a text, rarest first.
std::vector<std::string> key_words(std::string_view text, std::size_t most);

/// "A planet is a body that ...": sentences that look like definitions.
std::vector<std::string> definitions(std::string_view text, std::size_t most);

}  // namespace troupe::models
