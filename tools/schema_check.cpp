#include "tools/schema_check.hpp"

#include <cmath>

namespace troupe::tools {
namespace {

using simdjson::dom::element_type;

constexpr int depth_limit = 32;
constexpr std::size_t most_shown_values = 20;

bool has_type(json_element value, std::string_view type) {
  switch (value.type()) {
    case element_type::OBJECT: return type == "object";
    case element_type::ARRAY: return type == "array";
    case element_type::STRING: return type == "string";
    case element_type::BOOL: return type == "boolean";
    case element_type::NULL_VALUE: return type == "null";
    case element_type::INT64:
    case element_type::UINT64: return type == "integer" || type == "number";
    case element_type::DOUBLE: {
      // JSON Schema calls 1.0 an integer.
      const double number = value.get_double().value_unsafe();
      return type == "number" || (type == "integer" && std::trunc(number) == number);
    }
  }
  return true;
}

bool is_known_type(std::string_view type) {
  for (auto known : {"object", "array", "string", "boolean", "null", "integer", "number"})
    if (type == known) return true;
  return false;
}

std::string with_article(std::string_view type) {
  if (type == "null") return "null";
  return (type == "object" || type == "array" || type == "integer" ? "an " : "a ") + std::string(type);
}

failure broken(const std::string& path, const std::string& rule) {
  return {failure_kind::invalid, shortened(path, 200) + " " + rule};
}

failure check_type(json_element type, json_element value, const std::string& path) {
  std::string_view one;
  json_array several;
  if (!type.get(one)) {
    if (!is_known_type(one) || has_type(value, one)) return {};
    return broken(path, "must be " + with_article(one));
  }
  if (type.get(several)) return {};
  std::string allowed;
  for (auto each : several) {
    if (each.get(one) || !is_known_type(one) || has_type(value, one)) return {};
    allowed += (allowed.empty() ? "" : " or ") + with_article(one);
  }
  return allowed.empty() ? failure{} : broken(path, "must be " + allowed);
}

failure check_enum(json_array allowed, json_element value, const std::string& path) {
  const auto text = json_text(value);
  std::string shown;
  std::size_t count = 0;
  for (auto each : allowed) {
    const auto one = json_text(each);
    if (one == text) return {};
    if (++count <= most_shown_values) shown += (shown.empty() ? "" : ", ") + one;
  }
  if (count > most_shown_values) shown += ", ...";
  return broken(path, "must be one of " + shortened(shown, 1000));
}

failure check(json_element schema, json_element value, const std::string& path, int depth);

failure check_object(json_element schema, json_object value, const std::string& path, int depth) {
  if (auto required = array_member(schema, "required"))
    for (auto each : *required) {
      std::string_view key;
      if (!each.get(key) && value.at_key(key).error()) return broken(path + "." + std::string(key), "is required");
    }
  const auto properties = member(schema, "properties");
  bool open = true;
  if (auto additional = member(schema, "additionalProperties"))
    if (bool flag = true; !additional->get(flag)) open = flag;
  if (member(schema, "patternProperties")) open = true;
  for (auto [key, each] : value) {
    const auto sub = properties ? member(*properties, key) : std::nullopt;
    const auto sub_path = path + "." + std::string(key);
    if (!sub && !open) return broken(sub_path, "is not an argument of this tool");
    if (!sub) continue;
    if (auto problem = check(*sub, each, sub_path, depth + 1); problem.kind != failure_kind::none) return problem;
  }
  return {};
}

failure check_array(json_element schema, json_array value, const std::string& path, int depth) {
  const auto items = member(schema, "items");
  if (!items || !items->is_object()) return {};
  std::size_t index = 0;
  for (auto each : value) {
    auto problem = check(*items, each, path + "[" + std::to_string(index++) + "]", depth + 1);
    if (problem.kind != failure_kind::none) return problem;
  }
  return {};
}

failure check(json_element schema, json_element value, const std::string& path, int depth) {
  if (depth > depth_limit || !schema.is_object()) return {};
  failure problem;
  if (auto type = member(schema, "type")) problem = check_type(*type, value, path);
  if (problem.kind != failure_kind::none) return problem;
  if (auto allowed = array_member(schema, "enum")) problem = check_enum(*allowed, value, path);
  if (problem.kind != failure_kind::none) return problem;
  if (auto fixed = member(schema, "const"); fixed && json_text(*fixed) != json_text(value))
    return broken(path, "must be " + shortened(json_text(*fixed), 1000));
  json_object object;
  json_array array;
  if (!value.get(object)) return check_object(schema, object, path, depth);
  if (!value.get(array)) return check_array(schema, array, path, depth);
  return {};
}

}  // namespace

failure check_arguments(json_element schema, json_element arguments) {
  return check(schema, arguments, "arguments", 0);
}

expected<json_document> read_arguments(const std::string& schema, std::string_view arguments) {
  auto given = json_document::parse(arguments.empty() ? "{}" : arguments);
  if (!given) return failure{failure_kind::invalid, "arguments: " + given.error().message};
  if (!given->root().is_object()) return failure{failure_kind::invalid, "arguments must be a JSON object"};
  if (schema.empty()) return given;
  const auto rules = json_document::parse(schema);
  if (!rules) return given;  // the tool's fault, not the caller's
  auto problem = check_arguments(rules->root(), given->root());
  if (problem.kind != failure_kind::none) return problem;
  return given;
}

}  // namespace troupe::tools
