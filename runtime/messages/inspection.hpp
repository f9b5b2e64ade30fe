#pragma once

/// \file
/// Messages that every inspected actor understands besides its own (DESIGN
/// §10). They are urgent and handled by the actor base, never by a role.

#include "runtime/message_macros.hpp"

#include <string>

namespace troupe {

enum class actor_command_kind : std::uint8_t {
  pause,    ///< hold normal messages; urgent ones are still handled
  step,     ///< while paused: handle one message
  resume,   ///< go on
  restart,  ///< rebuild the role's state in place
  stop,     ///< end the actor
};

struct actor_command {
  actor_command_kind kind = actor_command_kind::pause;
  bool operator==(const actor_command&) const = default;
};
TROUPE_MESSAGE(actor_command, kind)

/// Request → `actor_state`: the role's state as JSON.
struct actor_state_query {
  bool operator==(const actor_state_query&) const = default;
};
TROUPE_SIGNAL(actor_state_query)

struct actor_state {
  std::string json;
  bool operator==(const actor_state&) const = default;
};
TROUPE_MESSAGE(actor_state, json)

}  // namespace troupe
