#pragma once

/// \file
/// Parts of what clients are shown that a save file or a turn's answer holds
/// as well (contracts/character.md 5.4, 5.5). Pure.

#include "characters/life_state.hpp"

#include <string_view>

namespace troupe::characters {

/// The name of the highest level; of equals the first.
std::string_view dominant_level(const levels& now);

boost::json::array history_array(const life_state& life);

}  // namespace troupe::characters
