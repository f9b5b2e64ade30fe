#pragma once

/// \file
/// Reading a JSON object from outside: each field is checked against its rule,
/// and the first that breaks one is kept as a failure that names field and rule.
///
///     failure first;
///     checked_object state("character_state", &object, first);
///     double trust = state.section("relationship_state").number("trust_level", 0, 1, 0.5);
///     if (first.kind != failure_kind::none) return first;
///
/// An absent field and null read as the fallback. Ownership: refers to the
/// object and the failure. Thread safety: none. Cost: a look-up for each field.

#include "runtime/failure.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::characters {

class checked_object {
 public:
  /// `object`: null reads as an empty one.
  checked_object(std::string path, const boost::json::object* object, failure& first);

  double number(std::string_view key, double least, double most, double fallback) const;
  /// Whole, not negative; also written as 3.0.
  std::int64_t count(std::string_view key, std::int64_t fallback) const;
  std::string text(std::string_view key, std::size_t most_bytes, std::string_view fallback) const;
  /// ISO 8601, µs since the epoch.
  std::int64_t time(std::string_view key, std::int64_t fallback) const;
  checked_object section(std::string_view key) const;
  const boost::json::array& list(std::string_view key) const;
  /// An entry of `list(key)` as an object.
  checked_object entry(std::string_view key, std::size_t index, const boost::json::value& value) const;

  bool has(std::string_view key) const;
  const boost::json::object& object() const;
  /// "conversation_history[3].role"
  std::string path_of(std::string_view key) const;
  /// Keeps the failure "PATH: RULE", if it is the first one.
  void refuse(std::string_view key, std::string_view rule) const;

 private:
  const boost::json::value* find(std::string_view key) const;

  std::string path_;
  const boost::json::object* object_;
  failure* first_;
};

}  // namespace troupe::characters
