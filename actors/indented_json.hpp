#pragma once

/// \file
/// JSON for people's eyes, as save files are written: two spaces a level
/// (contracts/character.md §9).
///
/// Thread safety: pure. Cost: one pass.

#include <boost/json/value.hpp>

#include <string>

namespace troupe {

/// Ends with a line feed.
std::string indented(const boost::json::value& value);

}  // namespace troupe
