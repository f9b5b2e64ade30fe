#pragma once

/// \file
/// The offline agent in the role of a character (DESIGN §8): its instructions
/// say who it is, line by line ("Backstory: ...", "Goals: ..."), and it answers
/// out of those lines, out of what it recalls and out of what was just said,
/// without stepping out of its role. That no language model is behind it is
/// said at the server's start, not by the character.
///
/// Deterministic: what it says depends on the request alone, and varies with
/// the length of what was said and of the conversation.
/// Thread safety: pure. Cost: a few passes over the request's text.

#include "runtime/messages/model.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::models {

/// What the lines of a character's instructions say.
struct offline_role {
  std::string name;
  std::map<std::string, std::string, std::less<>> lines;  ///< by label, in lower case
  std::vector<std::string> recalled;                      ///< the bullets

  std::string_view line(std::string_view label) const;
  /// The parts of a line, between semicolons.
  std::vector<std::string> parts(std::string_view label) const;
};

/// Nothing if the instructions are not those of a character.
std::optional<offline_role> read_role(std::string_view system);

/// REQUIRES: the last message is the user's.
std::string role_answer(const model_request& request, const offline_role& role);

}  // namespace troupe::models
