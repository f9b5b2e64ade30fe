#pragma once

/// \file
/// A character server's JSON: read with the strict parser, then looked into
/// without being trusted: what is missing or of another type is the fallback.
///
/// Thread safety: pure functions. Errors: of `read_object`: `invalid`.

#include "runtime/failure.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::chat {

/// A JSON text that is an object, at most as deep and long as net/json.hpp takes.
expected<boost::json::object> read_object(std::string_view text);

std::string text_field(const boost::json::object& in, std::string_view key, std::string_view fallback = {});
std::optional<double> number_field(const boost::json::object& in, std::string_view key);
std::int64_t count_field(const boost::json::object& in, std::string_view key, std::int64_t fallback = 0);
/// An empty one if there is none.
const boost::json::object& object_field(const boost::json::object& in, std::string_view key);
const boost::json::array& array_field(const boost::json::object& in, std::string_view key);

/// Indented by two blanks, for files that people read.
std::string indented(const boost::json::value& value);

}  // namespace troupe::chat
