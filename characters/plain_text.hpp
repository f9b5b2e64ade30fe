#pragma once

/// \file
/// Which texts may come into a character: UTF-8 without control characters but
/// tab, line feed and carriage return (they would reach terminals and prompts).
/// Thread safety: pure. Cost: one pass. Source: RFC 3629 §4.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::characters {

struct text_fault {
  std::size_t offset = 0;  ///< bytes
  std::string what;        ///< "a byte that is not UTF-8", ...
};

/// The first one, if there is any.
std::optional<text_fault> fault_in(std::string_view text);

/// Runs of blanks and line ends become one blank, none at the ends.
std::string in_one_line(std::string_view text);

}  // namespace troupe::characters
