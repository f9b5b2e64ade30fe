#pragma once

/// \file
/// Tidying a text without understanding it: white space, punctuation, capital
/// letters, common misspellings and grammar slips ("we was", "could of").
///
/// Thread safety: pure. Cost: a few passes. Lines stay lines; a text without
/// faults comes back as it is.

#include <string>
#include <string_view>

namespace troupe::models {

std::string rewrite(std::string_view text);

}  // namespace troupe::models
