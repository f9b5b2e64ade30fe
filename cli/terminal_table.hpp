#pragma once

/// \file
/// Tables and lines for a terminal, with colours apart from the text, so that
/// the same lines are printed and drawn by the live view.
///
/// Every text goes through `config::printable` here, so that no control
/// character of a label reaches the terminal. Thread safety: values.
/// Units: columns. Cost: every cell is measured once a call of `lines`.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

enum class tint : unsigned char { none, bold, dim, red, green, yellow, cyan };

/// A piece of a line; its text has been made safe.
struct segment {
  std::string text;
  tint colour = tint::none;
};
using text_line = std::vector<segment>;

/// One segment, made safe.
text_line line_of(std::string_view text, tint colour = tint::none);
/// The text alone, blanks at its end left out.
std::string plain_text(const text_line& line);
/// With escape sequences if `colours`.
std::string terminal_text(const text_line& line, bool colours);

struct table_column {
  std::string title;
  bool right = false;
  std::size_t least = 0;  ///< may be narrowed down to this; 0: it may not
  unsigned rank = 0;      ///< goes where there is too little room, the greatest first; 0: stays
};

struct table_cell {
  table_cell(std::string is, tint in = tint::none) : text(std::move(is)), colour(in) {}
  std::string text;
  tint colour;
};

class terminal_table {
 public:
  explicit terminal_table(std::vector<table_column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns.
  void add(std::vector<table_cell> cells);
  std::size_t size() const { return rows_.size(); }

  /// The heading and the rows, within `width`; without one as wide as they are.
  std::vector<text_line> lines(std::optional<std::size_t> width) const;

 private:
  /// Of each column; 0: it does not fit.
  std::vector<std::size_t> widths(std::optional<std::size_t> room) const;

  std::vector<table_column> columns_;
  std::vector<std::vector<table_cell>> rows_;
};

}  // namespace troupe::cli
