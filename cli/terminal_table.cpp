#include "cli/terminal_table.hpp"

#include "cli/terminal_text.hpp"
#include "config/quote.hpp"

#include <algorithm>

namespace troupe::cli {
namespace {

constexpr std::size_t gap = 2;

const char* escape_of(tint colour) {
  switch (colour) {
    case tint::none: return "";
    case tint::bold: return "\x1b[1m";
    case tint::dim: return "\x1b[2m";
    case tint::red: return "\x1b[31m";
    case tint::green: return "\x1b[32m";
    case tint::yellow: return "\x1b[33m";
    case tint::cyan: return "\x1b[36m";
  }
  return "";
}

std::size_t total(const std::vector<std::size_t>& widths) {
  std::size_t sum = 0;
  for (auto width : widths)
    if (width > 0) sum += width + gap;
  return sum > gap ? sum - gap : sum;
}

}  // namespace

text_line line_of(std::string_view text, tint colour) {
  return {{config::printable(text), colour}};
}

std::string plain_text(const text_line& line) {
  std::string out;
  for (auto& each : line) out += each.text;
  out.resize(out.find_last_not_of(' ') + 1);
  return out;
}

std::string terminal_text(const text_line& line, bool colours) {
  if (!colours) return plain_text(line);
  std::string out;
  for (auto& each : line) {
    if (each.colour == tint::none)
      out += each.text;
    else
      out += escape_of(each.colour) + each.text + "\x1b[0m";
  }
  return out;
}

void terminal_table::add(std::vector<table_cell> cells) {
  for (auto& cell : cells) cell.text = config::printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> terminal_table::widths(std::optional<std::size_t> room) const {
  std::vector<std::size_t> natural;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto width = std::max<std::size_t>(columns_of(columns_[i].title), 1);
    for (auto& row : rows_) width = std::max(width, columns_of(row[i].text));
    natural.push_back(width);
  }
  if (!room) return natural;
  // What says nothing goes before anything is narrowed.
  for (std::size_t i = 0; i < columns_.size() && total(natural) > *room; ++i) {
    const bool says_nothing = std::ranges::all_of(rows_, [i](auto& row) { return row[i].text.empty(); });
    if (columns_[i].rank > 0 && says_nothing && !rows_.empty()) natural[i] = 0;
  }
  auto shown = natural;
  for (;;) {
    // The widest first, so that narrow columns keep what they have.
    while (total(shown) > *room) {
      std::size_t widest = columns_.size();
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        const bool may = shown[i] > 0 && columns_[i].least > 0 && shown[i] > columns_[i].least;
        if (may && (widest == columns_.size() || shown[i] > shown[widest])) widest = i;
      }
      if (widest == columns_.size()) break;
      --shown[widest];
    }
    if (total(shown) <= *room) return shown;
    std::size_t leaves = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (natural[i] > 0 && columns_[i].rank > 0
          && (leaves == columns_.size() || columns_[i].rank > columns_[leaves].rank))
        leaves = i;
    if (leaves == columns_.size()) return shown;
    natural[leaves] = 0;
    shown = natural;
  }
}

std::vector<text_line> terminal_table::lines(std::optional<std::size_t> width) const {
  const auto shown = widths(width);
  std::vector<text_line> out;
  const auto add_line = [&](auto text_in, auto colour_in) {
    text_line line;
    std::size_t used = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (shown[i] == 0) continue;
      auto fits = shown[i];
      if (width) fits = std::min(fits, *width - std::min(*width, used + (line.empty() ? 0 : gap)));
      if (fits == 0) break;
      if (!line.empty()) line.push_back({std::string(gap, ' ')});
      used += fits + (line.empty() ? 0 : gap);
      line.push_back({fitted(text_in(i), fits, columns_[i].right), colour_in(i)});
    }
    out.push_back(std::move(line));
  };
  add_line([&](std::size_t i) -> const std::string& { return columns_[i].title; },
           [](std::size_t) { return tint::bold; });
  for (auto& row : rows_)
    add_line([&](std::size_t i) -> const std::string& { return row[i].text; },
             [&](std::size_t i) { return row[i].colour; });
  return out;
}

}  // namespace troupe::cli
