#pragma once

/// \file
/// One built-in tool: what it is called and takes, and what runs it. A new one
/// is a file of its own that makes such a value, and a line in
/// `builtin_tools.cpp`.
///
/// `run` gets arguments that fit the schema. It runs inside the tool actor, so
/// it must not block and must be done in microseconds; what takes longer is an
/// actor of its own that understands the same messages (runtime/messages/tool.hpp).

#include "runtime/messages/chat.hpp"
#include "tools/json.hpp"

#include <functional>
#include <string>

namespace troupe::tools {

struct builtin_tool {
  tool_spec spec;
  /// The text for the model, or a failure whose message the model reads.
  std::function<expected<std::string>(json_object arguments)> run;
};

}  // namespace troupe::tools
