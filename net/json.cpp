#include "net/json.hpp"

#include <array>
#include <cstdint>
#include <memory>

namespace troupe::net {
namespace {

constexpr std::size_t kept_capacity = 1024 * 1024;

simdjson::dom::parser& thread_parser(std::size_t size) {
  thread_local std::unique_ptr<simdjson::dom::parser> parser;
  if (!parser || (parser->capacity() > kept_capacity && size <= kept_capacity))
    parser = std::make_unique<simdjson::dom::parser>();
  return *parser;
}

failure describe(simdjson::error_code code) {
  switch (code) {
    case simdjson::DEPTH_ERROR:
      return {failure_kind::invalid, "JSON may be at most " + std::to_string(json_depth_limit) + " levels deep"};
    case simdjson::UTF8_ERROR: return {failure_kind::invalid, "JSON must be valid UTF-8"};
    case simdjson::EMPTY: return {failure_kind::invalid, "JSON must not be empty"};
    case simdjson::MEMALLOC: return {failure_kind::busy, "out of memory while parsing JSON"};
    default: return {failure_kind::invalid, std::string("not valid JSON: ") + simdjson::error_message(code)};
  }
}

/// Length of the valid sequence at `text[0]`, or 0 and the length of the
/// maximal part of a sequence in `bad`.
std::size_t sequence(std::string_view text, std::size_t& bad) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  bad = 1;
  if (lead < 0x80) return 1;
  std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                       : (lead & 0xF0) == 0xE0        ? 3
                       : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                      : 0;
  if (length == 0) return 0;
  // The second byte's range excludes overlong forms, surrogates and > U+10FFFF.
  std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high) {
      bad = i;
      return 0;
    }
    low = 0x80;
    high = 0xBF;
  }
  return length;
}

constexpr auto escape_table = [] {
  std::array<char, 256> table{};
  for (int i = 0; i < 0x20; ++i) table[i] = 'u';
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  return table;
}();

}  // namespace

expected<simdjson::dom::element> parse_json(std::string_view text, std::size_t size_limit) {
  // simdjson copies from the pointer even if there is nothing to copy.
  if (text.empty()) return failure{failure_kind::invalid, "an empty text is no JSON"};
  if (text.size() > size_limit)
    return failure{failure_kind::invalid, "JSON may be at most " + std::to_string(size_limit) + " bytes long"};
  auto& parser = thread_parser(text.size());
  if (parser.capacity() < text.size() || parser.max_depth() != json_depth_limit) {
    // Rounded up, so that messages growing slowly do not allocate each time.
    std::size_t capacity = std::max<std::size_t>(4096, text.size() + text.size() / 4);
    if (auto code = parser.allocate(capacity, json_depth_limit)) return describe(code);
  }
  simdjson::dom::element root;
  if (auto code = parser.parse(text.data(), text.size(), true).get(root)) return describe(code);
  return root;
}

bool is_valid_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::string repair_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::string(text);
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    std::size_t bad = 1;
    if (std::size_t length = sequence(text, bad)) {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    } else {
      out.append("\xEF\xBF\xBD");
      text.remove_prefix(bad);
    }
  }
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out.push_back('"');
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    const char escape = escape_table[byte];
    if (escape == 0) continue;
    out.append(text, from, i - from);
    from = i + 1;
    out.push_back('\\');
    out.push_back(escape);
    if (escape == 'u') {
      out.append("00");
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
  out.append(text, from);
  out.push_back('"');
}

}  // namespace troupe::net
