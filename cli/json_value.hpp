#pragma once

#include "net/json.hpp"

#include <string_view>

namespace troupe::cli {

/// A field of an answer, or `fallback` if it is missing or of another type.
template <class Value>
Value json_value(simdjson::dom::element from, std::string_view key, Value fallback = {}) {
  Value value{};
  return from[key].get(value) == simdjson::SUCCESS ? value : fallback;
}

}  // namespace troupe::cli
