#pragma once

/// \file
/// Questions to a node's inspector and its answers (docs/console.md).

#include "runtime/message_macros.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// A parameter of a question, decoded.
struct inspect_parameter {
  std::string name;
  std::string value;
  bool operator==(const inspect_parameter&) const = default;
};
TROUPE_MESSAGE(inspect_parameter, name, value)

/// Console → inspector, request → `inspect_answer`: one request of the
/// interface. `path` is what follows "/console/api/", split and decoded:
/// {"actors", "42", "pause"}.
struct inspect_query {
  std::vector<std::string> path;
  std::vector<inspect_parameter> parameters;
  bool acts = false;  ///< POST; `who` has the scope `act` (the asker has checked that)
  std::string body;   ///< JSON of a POST, or empty
  std::string who;    ///< "token:NAME" or "operator" (the control socket), for the audit
  bool may_act = false;
  bool operator==(const inspect_query&) const = default;
};
TROUPE_MESSAGE(inspect_query, path, parameters, acts, body, who, may_act)

struct inspect_answer {
  std::uint32_t status = 200;  ///< as HTTP's
  std::string json;
  bool operator==(const inspect_answer&) const = default;
};
TROUPE_MESSAGE(inspect_answer, status, json)

/// To the inspector: somebody outside the actor system has a question for it.
struct inspect_knock {
  bool operator==(const inspect_knock&) const = default;
};
TROUPE_SIGNAL(inspect_knock)

/// Inspector → itself, once a second while somebody looks.
struct inspect_tick {
  bool operator==(const inspect_tick&) const = default;
};
TROUPE_SIGNAL(inspect_tick)

}  // namespace troupe
