#pragma once

/// \file
/// What a turn leaves behind beside levels and mood (contracts/character.md
/// 7.2, 7.5): stage and topic, tones, goals, the relationship. Pure.

#include "characters/life_state.hpp"

#include <cstdint>
#include <string_view>

namespace troupe::characters {

/// By the count of turns, the new one included.
std::string_view stage_of(std::int64_t interaction_count);

/// `lower`: the message in lower case.
std::string_view topic_of(std::string_view lower);

/// Trust and connection after an exchange; `formed`: it became a memory.
void relate(relationship& bond, std::string_view message, std::string_view reply, bool formed);

/// Tones and goals.
void keep_books(life_state& life, std::string_view tone, std::string_view lower);

}  // namespace troupe::characters
