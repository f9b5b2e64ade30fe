#pragma once

/// \file
/// Which of a user's own sentences are worth remembering (DESIGN §7).
///
/// Kept: statements about the speaker ("I ...", "my ...", "we ..."), explicit
/// requests ("remember that ..."), facts about someone or something named
/// ("Clara lives in Leeds"). Dropped: questions, greetings, commands, and
/// sentences that say nothing alone ("It is true", "I see").
///
/// Thread safety: pure. Cost: one pass. Deterministic.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

inline constexpr std::size_t most_facts = 8;
inline constexpr std::size_t longest_fact = 500;  ///< characters; a longer sentence is cut after a word

/// At most `most_facts` distinct facts, in the user's own words and order.
std::vector<std::string> extract_facts(std::string_view teaching);

}  // namespace troupe::storage
