#include "characters/checked_object.hpp"

#include "characters/inner_life.hpp"

#include <boost/json/value.hpp>

#include <cmath>
#include <utility>

namespace troupe::characters {
namespace json = boost::json;
namespace {

constexpr double largest_count = 1e15;  // every whole number below it is exact

std::string plain(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

checked_object::checked_object(std::string path, const json::object* object, failure& first)
    : path_(std::move(path)), object_(object), first_(&first) {}

double checked_object::number(std::string_view key, double least, double most, double fallback) const {
  const json::value* value = find(key);
  if (!value) return fallback;
  if (value->is_number()) {
    const double number = value->to_number<double>();
    if (number >= least && number <= most) return number;
  }
  refuse(key, "must be a number from " + plain(least) + " to " + plain(most));
  return fallback;
}

std::int64_t checked_object::count(std::string_view key, std::int64_t fallback) const {
  const json::value* value = find(key);
  if (!value) return fallback;
  if (value->is_number()) {
    const double number = value->to_number<double>();
    if (number >= 0 && number <= largest_count && std::floor(number) == number)
      return static_cast<std::int64_t>(number);
  }
  refuse(key, "must be a whole number that is not negative");
  return fallback;
}

std::string checked_object::text(std::string_view key, std::size_t most_bytes, std::string_view fallback) const {
  const json::value* value = find(key);
  if (!value) return std::string(fallback);
  if (const json::string* text = value->if_string(); text && text->size() <= most_bytes)
    return {text->data(), text->size()};
  refuse(key, "must be a text of at most " + std::to_string(most_bytes) + " bytes");
  return std::string(fallback);
}

std::int64_t checked_object::time(std::string_view key, std::int64_t fallback) const {
  const json::value* value = find(key);
  if (!value) return fallback;
  if (const json::string* text = value->if_string())
    if (const auto us = read_timestamp({text->data(), text->size()})) return *us;
  refuse(key, "must be a time in ISO 8601, like 2031-04-02T09:15:00.120000");
  return fallback;
}

checked_object checked_object::section(std::string_view key) const {
  const json::value* value = find(key);
  if (value && !value->is_object()) refuse(key, "must be an object");
  return {path_of(key), value ? value->if_object() : nullptr, *first_};
}

const json::array& checked_object::list(std::string_view key) const {
  static const json::array none;
  const json::value* value = find(key);
  if (!value) return none;
  if (const json::array* list = value->if_array()) return *list;
  refuse(key, "must be a list");
  return none;
}

checked_object checked_object::entry(std::string_view key, std::size_t index, const json::value& value) const {
  const std::string name = std::string(key) + "[" + std::to_string(index) + "]";
  if (!value.is_object()) refuse(name, "must be an object");
  return {path_of(name), value.if_object(), *first_};
}

bool checked_object::has(std::string_view key) const {
  return find(key) != nullptr;
}

const json::object& checked_object::object() const {
  static const json::object none;
  return object_ ? *object_ : none;
}

std::string checked_object::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void checked_object::refuse(std::string_view key, std::string_view rule) const {
  if (first_->kind == failure_kind::none) *first_ = {failure_kind::invalid, path_of(key) + ": " + std::string(rule)};
}

const json::value* checked_object::find(std::string_view key) const {
  const json::value* value = object_ ? object_->if_contains(key) : nullptr;
  return value && !value->is_null() ? value : nullptr;
}

}  // namespace troupe::characters
