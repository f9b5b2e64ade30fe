#include "cli/chat/json_fields.hpp"

#include "net/json.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>

namespace troupe::chat {

namespace json = boost::json;

namespace {

json::value converted(simdjson::dom::element from) {
  switch (from.type()) {
    case simdjson::dom::element_type::OBJECT: {
      json::object out;
      for (auto field : simdjson::dom::object(from)) out[field.key] = converted(field.value);
      return out;
    }
    case simdjson::dom::element_type::ARRAY: {
      json::array out;
      for (auto each : simdjson::dom::array(from)) out.push_back(converted(each));
      return out;
    }
    case simdjson::dom::element_type::STRING: return json::value(std::string_view(from));
    case simdjson::dom::element_type::INT64: return std::int64_t(from);
    case simdjson::dom::element_type::UINT64: return std::uint64_t(from);
    case simdjson::dom::element_type::DOUBLE: return double(from);
    case simdjson::dom::element_type::BOOL: return bool(from);
    case simdjson::dom::element_type::NULL_VALUE: return nullptr;
  }
  return nullptr;
}

void append_indented(std::string& out, const json::value& value, std::size_t depth) {
  const auto new_line = [&out](std::size_t at) { out.append("\n").append(2 * at, ' '); };
  const auto* object = value.if_object();
  const auto* array = value.if_array();
  if (object != nullptr && !object->empty()) {
    char mark = '{';
    for (auto& [key, field] : *object) {
      out += std::exchange(mark, ',');
      new_line(depth + 1);
      out += json::serialize(json::string_view(key)) + ": ";
      append_indented(out, field, depth + 1);
    }
    new_line(depth);
    out += '}';
  } else if (array != nullptr && !array->empty()) {
    char mark = '[';
    for (auto& each : *array) {
      out += std::exchange(mark, ',');
      new_line(depth + 1);
      append_indented(out, each, depth + 1);
    }
    new_line(depth);
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

expected<json::object> read_object(std::string_view text) {
  const auto root = net::parse_json(text);
  if (!root) return root.error();
  if (!root->is_object()) return failure{failure_kind::invalid, "the JSON text is no object"};
  return std::move(converted(*root).as_object());
}

std::string text_field(const json::object& in, std::string_view key, std::string_view fallback) {
  const auto* value = in.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::string(fallback);
  return std::string(value->get_string());
}

std::optional<double> number_field(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::int64_t count_field(const json::object& in, std::string_view key, std::int64_t fallback) {
  const auto number = number_field(in, key);
  if (!number || std::abs(*number) > 1e15) return fallback;
  return static_cast<std::int64_t>(*number);
}

const json::object& object_field(const json::object& in, std::string_view key) {
  static const json::object none;
  const auto* value = in.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::array& array_field(const json::object& in, std::string_view key) {
  static const json::array none;
  const auto* value = in.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::string indented(const json::value& value) {
  std::string out;
  append_indented(out, value, 0);
  return out += '\n';
}

}  // namespace troupe::chat
