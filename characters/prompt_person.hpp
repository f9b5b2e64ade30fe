#pragma once

/// \file
/// The prompt's lines about who somebody is, from the definition alone:
/// demographics, backstory, personality, expertise, manner of speaking.
/// Pure. Cost: one pass over the configuration.

#include "characters/definition.hpp"

#include <string>

namespace troupe::characters {

/// Each line ends with a line feed; lines without content are left out.
std::string person_lines(const definition& who);

/// "label: text" as a line, or nothing without a text.
std::string labelled(std::string_view label, std::string_view text);

/// "steady_guide" as people write it.
std::string spaced(std::string_view word);

}  // namespace troupe::characters
