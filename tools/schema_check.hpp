#pragma once

/// \file
/// A light check of a call's arguments against its tool's JSON Schema, so that
/// a model gets an error that names field and rule instead of whatever the tool
/// makes of bad arguments.
///
/// Checked: `type` (also a list of types), `required`, `enum`, `const`,
/// `additionalProperties: false`, and the same in `properties` and `items`.
/// Everything else (`$ref`, `oneOf`, formats, ranges ...) is left to the tool:
/// an unknown rule never refuses a call.
///
/// Thread safety: pure. Errors: `invalid`, "arguments.city must be a string".
/// Bounds: 32 levels, below which nothing is checked.
/// Cost: linear in the arguments times the size of `enum` lists.

#include "tools/json.hpp"

namespace troupe::tools {

/// The first rule that `arguments` breaks, or kind `none`.
failure check_arguments(json_element schema, json_element arguments);

/// The arguments as an object; an empty text counts as none given. Checked
/// against `schema` (empty: whatever is given is fine).
expected<json_document> read_arguments(const std::string& schema, std::string_view arguments);

}  // namespace troupe::tools
