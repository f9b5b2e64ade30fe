#include "models/provider_json.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <limits>
#include <memory>

namespace troupe::models {
namespace {

constexpr std::size_t depth_limit = 64;
constexpr std::size_t kept_capacity = 1024 * 1024;

struct parser_slot {
  std::unique_ptr<simdjson::dom::parser> parser;

  simdjson::error_code parse(std::string_view text, json_element& root) {
    // simdjson copies from the pointer even if there is nothing to copy.
    if (text.empty()) return simdjson::EMPTY;
    if (!parser || (parser->capacity() > kept_capacity && text.size() <= kept_capacity))
      parser = std::make_unique<simdjson::dom::parser>();
    if (parser->capacity() < text.size() || parser->max_depth() != depth_limit) {
      const auto capacity = std::max<std::size_t>(4096, text.size() + text.size() / 4);
      if (auto code = parser->allocate(capacity, depth_limit)) return code;
    }
    return parser->parse(text.data(), text.size(), true).get(root);
  }
};

/// The code unit of an escape \uXXXX at `at`, if there is one.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return value;
}

std::string without_lone_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto unit = escaped_unit(text, i);
    const bool high = unit && *unit >= 0xD800 && *unit < 0xDC00;
    const auto next = high ? escaped_unit(text, i + 6) : std::nullopt;
    const bool pair = next && *next >= 0xDC00 && *next < 0xE000;
    const bool lone = unit && *unit >= 0xD800 && *unit < 0xE000 && !pair;
    const std::size_t length = pair ? 12 : unit ? 6 : text[i] == '\\' ? 2 : 1;
    if (lone) {
      out += "\\ufffd";
    } else {
      out += text.substr(i, length);
    }
    i += length;
  }
  return out;
}

failure describe(simdjson::error_code code) {
  if (code == simdjson::DEPTH_ERROR)
    return {failure_kind::invalid, "JSON may be at most " + std::to_string(depth_limit) + " levels deep"};
  return {failure_kind::invalid, "not valid JSON"};
}

/// Length of the valid UTF-8 sequence at `text[0]`, or 0 and the length of
/// what cannot be the beginning of one.
std::size_t sequence(std::string_view text, std::size_t& bad) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  bad = 1;
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead < 0xE0    ? 2
                             : lead >= 0xE0 && lead < 0xF0  ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  // The second byte's range excludes overlong forms, surrogates and > U+10FFFF.
  unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
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

boost::json::value parsed(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = depth_limit;
  boost::system::error_code code;
  auto value = boost::json::parse(boost::json::string_view(text.data(), text.size()), code, {}, options);
  return code ? boost::json::value() : value;
}

}  // namespace

expected<json_element> parse_json(std::string_view text, std::size_t size_limit) {
  thread_local parser_slot slot;
  if (text.size() > size_limit)
    return failure{failure_kind::invalid, "JSON may be at most " + std::to_string(size_limit) + " bytes long"};
  json_element root;
  auto code = slot.parse(text, root);
  if (code == simdjson::STRING_ERROR || code == simdjson::UTF8_ERROR)
    code = slot.parse(without_lone_surrogates(valid_utf8(text)), root);
  if (code) return describe(code);
  return root;
}

bool is_json_object(std::string_view text) {
  thread_local parser_slot slot;
  json_element root;
  return !slot.parse(text, root) && root.is_object();
}

std::optional<json_element> member(json_element object, std::string_view key) {
  json_element found;
  if (!object.is_object() || object.at_key(key).get(found) || found.is_null()) return std::nullopt;
  return found;
}

std::string_view text_member(json_element object, std::string_view key) {
  std::string_view text;
  const auto found = member(object, key);
  return found && !found->get(text) ? text : std::string_view();
}

std::uint32_t count_member(json_element object, std::string_view key) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  const auto found = member(object, key);
  double number = 0;
  if (!found || found->get(number) || !(number > 0)) return 0;
  return number >= most ? most : static_cast<std::uint32_t>(number);
}

bool true_member(json_element object, std::string_view key) {
  const auto found = member(object, key);
  bool value = false;
  return found && !found->get(value) && value;
}

std::string valid_utf8(std::string_view text) {
  if (text.empty() || simdjson::validate_utf8(text.data(), text.size())) return std::string(text);
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    std::size_t bad = 1;
    if (const auto length = sequence(text, bad)) {
      out += text.substr(0, length);
      text.remove_prefix(length);
    } else {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(bad);
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

boost::json::object whole_object(std::string_view text) {
  auto value = parsed(valid_utf8(text));
  return value.is_object() ? std::move(value.as_object()) : boost::json::object();
}

boost::json::value text_or_json(std::string_view text) {
  const auto clean = valid_utf8(text);
  const auto first = clean.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (clean[first] == '{' || clean[first] == '[')) {
    auto value = parsed(clean);
    if (!value.is_null()) return value;
  }
  return boost::json::value(boost::json::string_view(clean.data(), clean.size()));
}

}  // namespace troupe::models
