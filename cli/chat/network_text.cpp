#include "cli/chat/network_text.hpp"

#include "net/json.hpp"

#include <algorithm>

namespace troupe::chat {
namespace {

constexpr char escape = '\x1b';

std::size_t end_of_control_sequence(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] < 0x40 || text[at] > 0x7e) && text[at] != '\n') ++at;
  return at < text.size() && text[at] != '\n' ? at + 1 : at;
}

/// A string for the terminal ends with BEL or ST. One without an end is cut off
/// at the end of its line, so that it cannot swallow the rest of a message.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] == '\a') return at + 1;
    if (text[at] == escape && at + 1 < text.size() && text[at + 1] == '\\') return at + 2;
    if (text.substr(at, 2) == "\xC2\x9C") return at + 2;
  }
  return at;
}

/// Behind the sequence whose ESC stands at `at`. ECMA-48, 5.3 to 5.6.
std::size_t end_of_escape(std::string_view text, std::size_t at) {
  if (++at == text.size()) return at;
  switch (text[at]) {
    case '[': return end_of_control_sequence(text, at + 1);
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_': return end_of_string(text, at + 1);
    default: break;
  }
  while (at < text.size() && text[at] >= 0x20 && text[at] <= 0x2f) ++at;
  const bool final = at < text.size() && text[at] >= 0x30 && text[at] <= 0x7e;
  return final ? at + 1 : at;
}

/// Two bytes C2 80 to C2 9F: the same functions as an ESC and a letter.
std::size_t end_of_c1(std::string_view text, std::size_t at) {
  switch (static_cast<unsigned char>(text[at + 1])) {
    case 0x9B: return end_of_control_sequence(text, at + 2);
    case 0x90:
    case 0x98:
    case 0x9D:
    case 0x9E:
    case 0x9F: return end_of_string(text, at + 2);
    default: return at + 2;
  }
}

/// Marks that change the direction of what follows, and the byte order mark.
bool is_invisible(std::string_view three) {
  if (three.size() < 3) return false;
  const auto second = static_cast<unsigned char>(three[1]), third = static_cast<unsigned char>(three[2]);
  if (three[0] == '\xEF') return second == 0xBB && third == 0xBF;
  if (three[0] != '\xE2') return false;
  return (second == 0x80 && third >= 0xAA && third <= 0xAE) || (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

}  // namespace

std::string clean_text(std::string_view raw) {
  const auto text = net::repair_utf8(raw);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (text[at] == escape) {
      at = end_of_escape(text, at);
    } else if (byte == 0xC2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xA0) {
      at = end_of_c1(text, at);
    } else if (is_invisible(rest)) {
      at += 3;
    } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
      out += '\n';  // line and paragraph separator
      at += 3;
    } else {
      if (text[at] == '\n' || (text[at] == '\r' && !rest.starts_with("\r\n"))) out += '\n';
      if (text[at] == '\t') out += "    ";
      if (byte >= 0x20 && byte != 0x7F) out += text[at];
      ++at;
    }
  }
  return out;
}

std::string one_line(std::string_view raw) {
  auto out = clean_text(raw);
  std::ranges::replace(out, '\n', ' ');
  return out;
}

std::string first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  std::string out(text.substr(0, at));
  return at < text.size() ? out + "..." : out;
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace troupe::chat
