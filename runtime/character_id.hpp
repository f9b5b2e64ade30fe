#pragma once

/// \file
/// What the id of a character must look like, since it names a file
/// (contracts/character.md §6): letters, digits, `-`, `_` and `.`, not first a
/// dot, 1 to 64 characters. Pure.

#include <string_view>

namespace troupe {

bool is_character_id(std::string_view id);

}  // namespace troupe
