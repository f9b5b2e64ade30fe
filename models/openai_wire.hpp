#pragma once

/// \file
/// What Ollama and OpenAI-compatible servers share: how a tool is described.
///
/// Thread safety: pure.

#include "runtime/messages/chat.hpp"

#include <string>
#include <vector>

namespace troupe::models {

/// [{"type": "function", "function": {name, description, parameters}}]. A tool
/// without arguments gets an empty object schema, since some servers insist.
std::string function_tools(const std::vector<tool_spec>& tools);

}  // namespace troupe::models
