#pragma once

/// \file
/// Reads a tool call's arguments one by one and puts a request's `data`
/// together. The first rule that is broken is kept; what is read after it is
/// empty, so that a caller checks once, at the end.
///
/// Thread safety: none. It points into the thread's parser: valid until the
/// next `parse_json` on this thread.

#include "net/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::luna {

class tool_arguments {
 public:
  using element = simdjson::dom::element;
  using object = simdjson::dom::object;

  explicit tool_arguments(object given, std::string path = "arguments") : given_(given), path_(std::move(path)) {}

  /// The argument, unless it is missing or null.
  std::optional<element> find(std::string_view name) const {
    element value;
    if (given_.at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
    return value;
  }
  bool has(std::string_view name) const { return find(name).has_value(); }

  /// Also if it is null.
  bool mentions(std::string_view name) const { return given_.at_key(name).error() == simdjson::SUCCESS; }

  std::string_view text(std::string_view name) {
    const auto value = optional_text(name);
    if (!has(name)) refuse(name, "is required");
    if (value.empty()) refuse(name, "must not be empty");
    return value;
  }
  std::string_view optional_text(std::string_view name) {
    const auto value = find(name);
    std::string_view text;
    if (value && value->get(text) != simdjson::SUCCESS) refuse(name, "must be a string");
    return text;
  }
  /// An id as it stands: clients count in integers or name with strings.
  std::string id(std::string_view name) {
    const auto value = find(name);
    if (!value) return refuse(name, "is required"), std::string();
    std::string_view text;
    const bool named = value->get(text) == simdjson::SUCCESS && !text.empty();
    if (!named && !value->is_int64() && !value->is_uint64())
      return refuse(name, "must be a non-empty string or an integer"), std::string();
    return simdjson::minify(*value);
  }
  /// From 0 to 1, as JSON.
  std::string fraction(std::string_view name, const char* missing) {
    const auto value = find(name);
    if (!value) return missing;
    double number = 0;
    if (value->get(number) != simdjson::SUCCESS || !(number >= 0 && number <= 1))
      return refuse(name, "must be a number from 0 to 1"), std::string();
    return simdjson::minify(*value);
  }
  std::string list(std::string_view name) {
    const auto value = find(name);
    if (!value) return "[]";
    if (!value->is_array()) return refuse(name, "must be an array"), std::string();
    return simdjson::minify(*value);
  }
  std::optional<object> fields(std::string_view name) {
    const auto value = find(name);
    object out;
    if (!value || value->get(out) != simdjson::SUCCESS)
      return refuse(name, value ? "must be an object" : "is required"), std::nullopt;
    return out;
  }

  void refuse(std::string_view name, std::string_view rule) {
    if (problem_.empty()) problem_ = path_ + '.' + std::string(name) + ' ' + std::string(rule);
  }
  void refuse_all(std::string_view rule) {
    if (problem_.empty()) problem_ = path_ + ' ' + std::string(rule);
  }
  void take_problem(const tool_arguments& of) {
    if (problem_.empty()) problem_ = of.problem_;
  }
  const std::string& problem() const { return problem_; }

 private:
  object given_;
  std::string path_;
  std::string problem_;
};

class object_writer {
 public:
  object_writer& json(std::string_view name, std::string_view value) {
    out_ += out_.size() > 1 ? "," : "";
    net::append_json_string(out_, name);
    out_ += ':';
    out_ += value;
    return *this;
  }
  object_writer& text(std::string_view name, std::string_view value) {
    std::string quoted;
    net::append_json_string(quoted, value);
    return json(name, quoted);
  }
  std::string done() { return std::move(out_ += '}'); }

 private:
  std::string out_ = "{";
};

}  // namespace troupe::luna
