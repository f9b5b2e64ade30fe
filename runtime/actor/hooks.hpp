#pragma once

/// \file
/// What the actor base reports to whoever keeps the log: never a message's
/// contents, only its type (DESIGN §10).
///
/// Thread safety: the hook is called from any worker; set it at start-up.

#include "runtime/actor/cell.hpp"

#include <string_view>

namespace troupe {

enum class actor_event_kind : std::uint8_t {
  unexpected_message,  ///< the role has no handler for it
  stray_error,         ///< an error that nobody waits for
  stray_down,          ///< an ended actor was monitored and the role does not care
  restarted,           ///< a handler threw; the role was rebuilt in place
  escalated,           ///< too many restarts, or a restart failed; the actor ends
};

const char* to_string(actor_event_kind kind) noexcept;

struct actor_event {
  actor_event_kind kind = actor_event_kind::unexpected_message;
  const actor_cell& actor;
  std::string_view message_type;
  std::uint64_t sender = 0;  ///< its number, 0 for none
};

using actor_event_hook = void (*)(const actor_event&);

/// Replaces the hook, whose default writes a warning to the log; returns the
/// one before. `nullptr` silences.
actor_event_hook set_actor_event_hook(actor_event_hook hook) noexcept;

void report(const actor_event& event) noexcept;

}  // namespace troupe
