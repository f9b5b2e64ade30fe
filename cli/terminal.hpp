#pragma once

/// \file
/// What standard output is: a terminal or not, how wide, with colours or not.
///
/// Thread safety: reads the environment, so before threads change it.

#include "cli/terminal_table.hpp"

#include <cstddef>
#include <optional>

namespace troupe::cli {

struct terminal {
  bool is_one = false;
  /// COLUMNS, else the terminal's; none where nobody cuts lines: a file or a pipe.
  std::optional<std::size_t> columns;
  /// A terminal, and neither NO_COLOR (https://no-color.org) nor TERM=dumb.
  bool colours = false;

  static terminal of_stdout();
  void print(const text_line& line) const;
  void print(const std::vector<text_line>& lines) const;
};

}  // namespace troupe::cli
