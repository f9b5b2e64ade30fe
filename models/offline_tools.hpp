#pragma once

/// \file
/// The offline agent's way with tools (DESIGN §8): it calls one when asked to
/// by name ("Use the tool search with {\"query\": \"tea\"}"), and says what came back.
///
/// Thread safety: pure. Cost: one look at the last message.

#include "runtime/messages/model.hpp"

#include <optional>
#include <string>

namespace troupe::models {

/// The call that the user's last message asks for, if it does. Arguments are
/// the JSON object in the message, or an empty one.
std::optional<tool_call> asked_tool(const model_request& request);

/// What the tools of the last message have answered.
std::string tool_answer(const chat_message& results);

}  // namespace troupe::models
