#pragma once

/// \file
/// The fields of a character: names, rules and defaults.
///
/// Thread safety: pure, but for the list of problems. Cost: one pass.
/// Source: contracts/character.md §6.

#include "characters/fields.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace troupe::characters {

/// Where a file's own words about itself come from.
struct origin {
  std::string_view id;
  std::string now;            ///< contract timestamp
  bool is_processed = false;  ///< it may have been through here: `loaded_timestamp` stays
};

/// `definition::config`. Where `found` has errors it is of no use.
boost::json::object read_character(const document& top, const origin& from, problems& found);

// -- its parts
boost::json::object read_personality(fields given);
boost::json::object read_specialty(fields given);
boost::json::object read_skills(fields given);
boost::json::object read_communication_style(fields given);
boost::json::array read_goals(fields& top);
boost::json::object read_mood_baseline(fields given);
boost::json::object read_neurochemical_baseline(fields given);
boost::json::object read_neurochemical_profile(fields given);
boost::json::object read_development(fields given);

}  // namespace troupe::characters
