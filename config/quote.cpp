#include "config/quote.hpp"

#include <cstdint>
#include <cstdio>

namespace troupe::config {
namespace {

struct code_point {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // 0: no valid UTF-8 starts here
};

std::uint32_t smallest_of_length(std::size_t bytes) {
  return bytes == 2 ? 0x80 : bytes == 3 ? 0x800 : 0x10000;
}

code_point decode(std::string_view text) {
  auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes > text.size()) return {};
  std::uint32_t value = first & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    value = (value << 6) | (next & 0x3F);
  }
  if (value < smallest_of_length(bytes) || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, bytes};
}

bool deceives(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// `quote` 0: there are none, and nothing but what deceives is escaped.
void append_escaped(std::string& out, std::string_view text, char quote) {
  while (!text.empty()) {
    auto c = decode(text);
    if (c.bytes == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
      continue;
    }
    if (c.value == '\n') {
      out += "\\n";
    } else if (quote != '\0' && (c.value == '\\' || c.value == static_cast<unsigned char>(quote))) {
      out += '\\';
      out += static_cast<char>(c.value);
    } else if (deceives(c.value)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c.value & 0xFFFF));
      out += escape;
    } else {
      out += text.substr(0, c.bytes);
    }
    text.remove_prefix(c.bytes);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, '"');
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string in_quotes(std::string_view text) {
  auto start = shortened(text, 100);
  std::string out = "'";
  append_escaped(out, start, '\'');
  if (start.size() < text.size()) out += "...";
  return out + "'";
}

std::string printable(std::string_view text) {
  std::string out;
  append_escaped(out, text, '\0');
  return out;
}

std::string_view shortened(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

}  // namespace troupe::config
