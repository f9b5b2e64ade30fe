#include "characters/json_parts.hpp"

#include "characters/texts.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace troupe::characters {
namespace json = boost::json;

std::string text_at(const json::object& from, std::string_view key, std::string_view fallback) {
  const json::value* value = from.if_contains(key);
  const json::string* text = value ? value->if_string() : nullptr;
  return std::string(text ? std::string_view(text->data(), text->size()) : fallback);
}

double number_at(const json::object& from, std::string_view key, double fallback) {
  const json::value* value = from.if_contains(key);
  return value && value->is_number() ? value->to_number<double>() : fallback;
}

const json::object& object_at(const json::object& from, std::string_view key) {
  static const json::object none;
  const json::value* value = from.if_contains(key);
  const json::object* found = value ? value->if_object() : nullptr;
  return found ? *found : none;
}

const json::array& array_at(const json::object& from, std::string_view key) {
  static const json::array none;
  const json::value* value = from.if_contains(key);
  const json::array* found = value ? value->if_array() : nullptr;
  return found ? *found : none;
}

std::vector<std::string> texts_in(const json::array& list, std::string_view key) {
  std::vector<std::string> texts;
  for (const json::value& each : list) {
    std::string text;
    if (const json::string* plain = each.if_string())
      text = one_line({plain->data(), plain->size()});
    else if (const json::object* object = each.if_object())
      text = one_line(text_at(*object, key));
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

std::string in_words(const json::value& value) {
  if (const json::string* text = value.if_string()) return one_line({text->data(), text->size()});
  std::vector<std::string> parts;
  if (const json::array* list = value.if_array()) {
    for (const json::value& each : *list) parts.push_back(in_words(each));
    return joined(parts, ", ");
  }
  if (const json::object* object = value.if_object()) {
    for (const auto& [key, each] : *object) parts.push_back(std::string(key) + " " + in_words(each));
    return joined(parts, ", ");
  }
  if (const double* number = value.if_double(); number && *number == static_cast<double>(static_cast<int>(*number)))
    return std::to_string(static_cast<int>(*number));
  return value.is_null() ? std::string() : json::serialize(value);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string result;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!result.empty()) result += between;
    result += part;
  }
  return result;
}

}  // namespace troupe::characters
