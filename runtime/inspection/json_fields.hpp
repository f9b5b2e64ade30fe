#pragma once

/// \file
/// Writes one JSON object member by member, for the inspector's answers.
///
///     json_object to(out);
///     to.text("id", id).number("mailbox", 3).real("p99_us", std::nullopt);
///
/// The closing brace comes with the destructor, so `out` is returned from outside its block. Text is repaired and
/// escaped (config/quote.hpp); a number that is not finite becomes null.

#include "config/quote.hpp"

#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

class json_object {
 public:
  explicit json_object(std::string& out) : out_(out) { out_ += '{'; }
  ~json_object() { out_ += '}'; }
  json_object(const json_object&) = delete;
  json_object& operator=(const json_object&) = delete;

  json_object& text(std::string_view name, std::string_view value) {
    begin(name);
    config::append_json_string(out_, value);
    return *this;
  }
  template <std::integral Number>
  json_object& number(std::string_view name, Number value) {
    begin(name);
    out_ += std::to_string(value);
    return *this;
  }
  /// With three digits behind the point.
  json_object& real(std::string_view name, std::optional<double> value) {
    begin(name);
    if (!value || !std::isfinite(*value)) {
      out_ += "null";
      return *this;
    }
    char digits[40];
    const auto rounded = std::round(*value * 1000) / 1000;
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, rounded).ptr);
    return *this;
  }
  json_object& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  /// `json` is a JSON value already.
  json_object& raw(std::string_view name, std::string_view json) {
    begin(name);
    out_ += json;
    return *this;
  }
  /// Members that are written already, without braces.
  json_object& members(std::string_view json) {
    if (json.empty()) return *this;
    if (!first_) out_ += ',';
    first_ = false;
    out_ += json;
    return *this;
  }

 private:
  void begin(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    config::append_json_string(out_, name);
    out_ += ':';
  }

  std::string& out_;
  bool first_ = true;
};

/// The members of a JSON object's text, without its braces.
inline std::string_view inside(std::string_view object) {
  return object.substr(1, object.size() - 2);
}

}  // namespace troupe
