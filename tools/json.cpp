#include "tools/json.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace troupe::tools {

expected<json_document> json_document::parse(std::string_view text) {
  if (text.empty()) return failure{failure_kind::invalid, "an empty text is no JSON"};
  if (text.size() > json_size_limit)
    return failure{failure_kind::invalid, "JSON may be at most " + std::to_string(json_size_limit) + " bytes long"};
  json_document made;
  made.parser_ = std::make_unique<simdjson::dom::parser>(json_size_limit);
  if (made.parser_->allocate(std::max<std::size_t>(1024, text.size()), json_depth_limit))
    return failure{failure_kind::busy, "out of memory while parsing JSON"};
  switch (auto code = made.parser_->parse(text.data(), text.size(), true).get(made.root_)) {
    case simdjson::SUCCESS: return made;
    case simdjson::DEPTH_ERROR:
      return failure{failure_kind::invalid, "JSON may be at most " + std::to_string(json_depth_limit) + " levels deep"};
    case simdjson::UTF8_ERROR: return failure{failure_kind::invalid, "JSON must be valid UTF-8"};
    default: return failure{failure_kind::invalid, std::string("not valid JSON: ") + simdjson::error_message(code)};
  }
}

std::optional<json_element> member(json_element of, std::string_view key) {
  json_object object;
  json_element value;
  if (of.get(object) || object.at_key(key).get(value)) return std::nullopt;
  return value;
}

namespace {

template <class Type>
std::optional<Type> typed_member(json_element of, std::string_view key) {
  const auto value = member(of, key);
  Type typed;
  if (!value || value->get(typed)) return std::nullopt;
  return typed;
}

/// Length of the valid UTF-8 sequence at the beginning of `text`, or 0.
std::size_t sequence_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length)
    if (simdjson::validate_utf8(text.data(), length)) return length;
  return 0;
}

}  // namespace

std::optional<std::string_view> text_member(json_element of, std::string_view key) {
  return typed_member<std::string_view>(of, key);
}
std::optional<std::int64_t> number_member(json_element of, std::string_view key) {
  return typed_member<std::int64_t>(of, key);
}
std::optional<json_object> object_member(json_element of, std::string_view key) {
  return typed_member<json_object>(of, key);
}
std::optional<json_array> array_member(json_element of, std::string_view key) {
  return typed_member<json_array>(of, key);
}
bool true_member(json_element of, std::string_view key) {
  return typed_member<bool>(of, key).value_or(false);
}

std::string json_text(json_element value) {
  return simdjson::minify(value);
}

std::string json_quoted(std::string_view text) {
  const auto repaired = is_valid_utf8(text) ? std::string() : valid_utf8(text);
  const auto valid = repaired.empty() ? text : std::string_view(repaired);
  return boost::json::serialize(boost::json::string_view(valid.data(), valid.size()));
}

bool is_valid_utf8(std::string_view text) noexcept {
  return text.empty() || simdjson::validate_utf8(text.data(), text.size());
}

std::string valid_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const auto length = sequence_length(text);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  auto end = limit > 3 ? limit - 3 : 0;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace troupe::tools
