#include "cli/terminal_text.hpp"

#include <cstdio>
#include <ctime>
#include <iterator>

#include <locale.h>
#include <wchar.h>

namespace troupe::cli {
namespace {

/// This thread's characters are UTF-8 as long as it lives.
class utf8_scope {
 public:
  utf8_scope() : before_(::uselocale(locale())) {}
  ~utf8_scope() { ::uselocale(before_); }
  utf8_scope(const utf8_scope&) = delete;
  utf8_scope& operator=(const utf8_scope&) = delete;

 private:
  static locale_t locale() {
    static const locale_t made = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return made;  // null, which changes nothing, where there is no such locale
  }
  locale_t before_;
};

struct character {
  std::size_t bytes;
  std::size_t columns;
};

/// REQUIRES: valid UTF-8, not empty.
character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  std::uint32_t value = lead & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  const int columns = ::wcwidth(static_cast<wchar_t>(value));
  return {bytes, columns < 0 ? 1 : static_cast<std::size_t>(columns)};
}

std::string in_format(const char* format, double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return std::string(text) + unit;
}

/// Three digits, more or less.
std::string short_number(double value, const char* unit) {
  const bool whole = value >= 99.95 || value == static_cast<double>(static_cast<std::int64_t>(value));
  return in_format(whole ? "%.0f" : value < 9.995 ? "%.2g" : "%.1f", value, unit);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  const utf8_scope scope;
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto next = first_of(text);
    columns += next.columns;
    text.remove_prefix(next.bytes);
  }
  return columns;
}

std::vector<text_cell> cells_of(std::string_view text) {
  const utf8_scope scope;
  std::vector<text_cell> out;
  while (!text.empty()) {
    const auto next = first_of(text);
    if (next.columns == 0 && !out.empty())
      out.back().bytes += next.bytes;
    else
      out.push_back({next.bytes, next.columns});
    text.remove_prefix(next.bytes);
  }
  return out;
}

namespace {

/// Of a cell's text: the character and two marks.
std::string_view without_heaped_marks(std::string_view cell) {
  std::size_t characters = 0, at = 0;
  while (at < cell.size() && characters < 3) {
    ++characters;
    ++at;
    while (at < cell.size() && (static_cast<unsigned char>(cell[at]) & 0xC0) == 0x80) ++at;
  }
  return cell.substr(0, at);
}

void wrap_line(std::string_view text, std::size_t columns, std::vector<std::string>& out) {
  std::string line;
  std::size_t used = 0;
  std::size_t blank = std::string::npos;  // behind the last blank in `line`
  for (const auto& cell : cells_of(text)) {
    const bool is_blank = text[0] == ' ';
    if (used + cell.columns > columns) {
      if (is_blank) {  // a blank at the end of a line takes no room
        text.remove_prefix(cell.bytes);
        blank = line.size();
        continue;
      }
      const auto rest = blank == std::string::npos ? std::string() : line.substr(blank);
      if (blank != std::string::npos) line.resize(blank);
      line.resize(line.find_last_not_of(' ') + 1);
      out.push_back(std::move(line));
      line = rest;
      used = columns_of(line);
      blank = std::string::npos;
    }
    line += without_heaped_marks(text.substr(0, cell.bytes));
    used += cell.columns;
    if (is_blank) blank = line.size();
    text.remove_prefix(cell.bytes);
  }
  out.push_back(std::move(line));
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> out;
  for (;;) {
    const auto end = text.find('\n');
    wrap_line(text.substr(0, end), columns, out);
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::string clipped(std::string_view text, std::size_t columns) {
  if (columns == 0) return {};
  const utf8_scope scope;
  std::string out;
  std::size_t used = 0, marks = 0, whole = 0;  // `whole`: bytes of `out` that leave room for the dots
  while (!text.empty()) {
    const auto next = first_of(text);
    marks = next.columns == 0 ? marks + 1 : 0;
    if (used + next.columns > columns) {
      out.resize(whole);
      return out + "…";
    }
    if (marks <= 2) out += text.substr(0, next.bytes);
    used += next.columns;
    if (used < columns) whole = out.size();
    text.remove_prefix(next.bytes);
  }
  return out;
}

std::string fitted(std::string_view text, std::size_t columns, bool right) {
  auto out = clipped(text, columns);
  const auto used = columns_of(out);
  const std::string blanks(used < columns ? columns - used : 0, ' ');
  return right ? blanks + out : out + blanks;
}

std::string amount_text(std::optional<double> value) {
  if (!value) return "-";
  if (*value < 10'000) return short_number(*value, "");
  if (*value < 1e6) return in_format("%.1f", *value / 1e3, "k");
  if (*value < 1e9) return in_format("%.2f", *value / 1e6, "M");
  return in_format("%.2f", *value / 1e9, "G");
}

std::string bytes_text(double bytes) {
  static constexpr const char* units[] = {"", "K", "M", "G"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(units); ++unit) bytes /= 1024;
  return in_format(unit == 0 || bytes >= 10 ? "%.0f" : "%.1f", bytes, units[unit]);
}

std::string duration_text(std::optional<double> milliseconds) {
  if (!milliseconds) return "-";
  const double value = *milliseconds;
  if (value == 0) return "0";
  if (value < 1) return in_format("%.0f", value * 1e3, " us");
  if (value < 1'000) return short_number(value, " ms");
  if (value < 120'000) return short_number(value / 1e3, " s");
  if (value < 7'200'000) return in_format("%.0f", value / 60e3, " min");
  return short_number(value / 3'600e3, " h");
}

std::string clock_text(std::int64_t milliseconds_since_1970, bool with_date) {
  const auto seconds = static_cast<time_t>(milliseconds_since_1970 / 1000);
  struct tm parts {};
  ::localtime_r(&seconds, &parts);
  char text[48];
  const auto size = std::strftime(text, sizeof text, with_date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03d", static_cast<int>(milliseconds_since_1970 % 1000));
  return text;
}

}  // namespace troupe::cli
