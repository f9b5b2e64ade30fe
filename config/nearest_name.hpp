#pragma once

/// \file
/// "Did you mean": the known name closest to a mistyped one.
///
/// Thread safety: pure. Cost: product of the lengths per candidate.

#include <span>
#include <string>
#include <string_view>

namespace troupe::config {

/// The candidate with the smallest edit distance (insert, delete, replace,
/// swap of neighbours), or nothing when more than a third of `name` would
/// have to change.
std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace troupe::config
