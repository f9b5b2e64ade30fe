#pragma once

/// \file
/// What a model is told for Luna's text requests (contract 7.1, 7.2, 10.2).
/// Pure functions.

#include "net/dialects/luna/luna_protocol.hpp"

#include <string>
#include <vector>

namespace troupe::luna {

/// Persona, then the client's memories (none: nothing).
std::string system_instruction(const std::vector<memory_note>& memories);

/// The user turn of a request.
std::string user_prompt(const text_request& request);

/// What memory is asked with.
std::string recall_query(const text_request& request);

/// The user's own words, from which memory may learn. Selected text is
/// somebody's words, not the user's, unless the user asks to remember it or
/// says nothing else.
std::string teaching(const text_request& request);

}  // namespace troupe::luna
