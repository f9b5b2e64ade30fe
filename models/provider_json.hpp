#pragma once

/// \file
/// JSON between us and model providers. In: simdjson's DOM parser, depth at
/// most 64. Out: Boost.JSON, for which texts are first made valid UTF-8.
///
/// Ownership: what `parse_json` returns points into this thread's parser and is
/// valid until the next `parse_json` on that thread. Thread safety: safe.
/// Cost: one pass; a parser that grew over 1 MiB is given back at the next parse.
/// Source: DESIGN §9 (hostile peers).

#include "runtime/failure.hpp"

#include <simdjson.h>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::models {

using json_element = simdjson::dom::element;

/// Half of a surrogate pair, which servers written in JavaScript send when they
/// cut a text, and invalid UTF-8 are replaced by U+FFFD instead of refused.
/// Errors: `invalid`, naming the rule.
expected<json_element> parse_json(std::string_view text, std::size_t size_limit = 16 * 1024 * 1024);

/// Whether the text is one whole JSON object. Leaves `parse_json`'s result valid.
bool is_json_object(std::string_view text);

/// \name Members of an object
/// Absent, null and of another type are all the same: nothing.
/// \{
std::optional<json_element> member(json_element object, std::string_view key);
std::string_view text_member(json_element object, std::string_view key);
std::uint32_t count_member(json_element object, std::string_view key);
bool true_member(json_element object, std::string_view key);
/// \}

/// Calls `visit(element)` for each item of an array; for none when it is none.
template <class Visitor>
void for_each_item(json_element object, std::string_view key, const Visitor& visit) {
  simdjson::dom::array items;
  if (const auto found = member(object, key); found && !found->get(items))
    for (const json_element item : items) visit(item);
}

/// Texts on their way out.
std::string valid_utf8(std::string_view text);
std::string base64(std::string_view bytes);

/// An object that goes out as part of another: a tool's schema, arguments.
/// Text that is no JSON object becomes an empty one.
boost::json::object whole_object(std::string_view text);

/// Text or JSON, as a value: JSON where it is an object or an array.
boost::json::value text_or_json(std::string_view text);

}  // namespace troupe::models
