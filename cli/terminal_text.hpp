#pragma once

/// \file
/// Text for a terminal: how many columns it takes, cut and filled to a width;
/// figures as people read them.
///
/// Thread safety: pure functions. Units: columns of the terminal; a Chinese
/// character or an emoji takes two, a combining mark none (as the C library's
/// `wcwidth` says, in UTF-8 whatever the locale). Cost: linear.
/// REQUIRES: text that `config::printable` has made, on one line.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

std::size_t columns_of(std::string_view text);

/// What stands in one place: a character and the marks above and below it.
struct text_cell {
  std::size_t bytes = 0;
  std::size_t columns = 0;
};
std::vector<text_cell> cells_of(std::string_view text);

/// Lines no wider than `columns`, broken at blanks where there are any, and at
/// each line feed. At least one line. Marks beyond the second in a place are
/// dropped. REQUIRES: `columns` of at least 2.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

/// The beginning of `text` that fits, with "…" if something is missing. Marks
/// that take no column are dropped after the second in a row.
std::string clipped(std::string_view text, std::size_t columns);

/// `clipped`, then filled with blanks: behind it, or before it if `right`.
std::string fitted(std::string_view text, std::size_t columns, bool right = false);

/// "950", "12.5", "12.3k", "4.56M"; "-" for what is not known.
std::string amount_text(std::optional<double> value);
/// "512", "5.0K", "12M", "1.5G".
std::string bytes_text(double bytes);
/// "8 us", "1.2 ms", "3.4 s", "2 min", "5 h"; "-" for what is not known.
std::string duration_text(std::optional<double> milliseconds);
/// "14:03:22.123", and the date before it if `with_date`; local time.
std::string clock_text(std::int64_t milliseconds_since_1970, bool with_date = false);

}  // namespace troupe::cli
