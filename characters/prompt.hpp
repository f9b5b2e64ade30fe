#pragma once

/// \file
/// What the language model is told before a turn (contracts/character.md 7.7):
/// who the character is, how it feels, what it recalls, how it is to answer.
/// Plain labelled lines, so that every model can use them. Only memories begin
/// with "- ", and the first words are "You are NAME": the built-in offline
/// model reads both. Pure. Cost: some 2 to 5 KB of text.

#include "characters/synthesis.hpp"

#include <string>
#include <vector>

namespace troupe::characters {

std::string system_prompt(const life_state& life, const turn_plan::synthesis& made,
                          const std::vector<recollection>& recalled);

}  // namespace troupe::characters
