#pragma once

/// \file
/// What a tool answered, as text for the model. Pure.
///
/// Text parts are joined with line feeds. Images, audio and embedded binary
/// resources are named by type and size, links by their address; embedded text
/// resources are text. `structuredContent` stands in as JSON where there is no
/// text. `isError` is kept. Source: the specification's "Tools: Tool Result".
///
/// Bounds: `limit` bytes; what is cut says so.

#include "tools/json.hpp"

#include <string>

namespace troupe::mcp {

struct call_text {
  std::string content;
  bool is_error = false;
};

call_text read_call_result(tools::json_element result, std::size_t limit);

}  // namespace troupe::mcp
