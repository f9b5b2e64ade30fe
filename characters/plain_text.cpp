#include "characters/plain_text.hpp"

namespace troupe::characters {
namespace {

/// The length of the character that begins here; 0 if it is not UTF-8.
std::size_t character_length(std::string_view text, std::size_t i, char32_t& code) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(i);
  if (first < 0x80) {
    code = first;
    return 1;
  }
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || i + length > text.size()) return 0;
  code = first & (0x7fU >> length);
  for (std::size_t each = 1; each < length; ++each) {
    if ((byte(i + each) & 0xc0) != 0x80) return 0;
    code = (code << 6) | (byte(i + each) & 0x3fU);
  }
  const bool is_long_form = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  return is_long_form || is_surrogate || code > 0x10ffff ? 0 : length;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

std::optional<text_fault> fault_in(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    char32_t code = 0;
    const auto length = character_length(text, i, code);
    if (length == 0) return text_fault{i, "a byte that is not UTF-8"};
    const bool is_control =
        (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || (code >= 0x7f && code < 0xa0 && code != 0x85);
    if (is_control) return text_fault{i, "a control character"};
    i += length;
  }
  return std::nullopt;
}

std::string in_one_line(std::string_view text) {
  std::string made;
  for (char c : text) {
    if (!is_blank(c))
      made += c;
    else if (!made.empty() && made.back() != ' ')
      made += ' ';
  }
  if (!made.empty() && made.back() == ' ') made.pop_back();
  return made;
}

}  // namespace troupe::characters
