#include "runtime/messages/all.hpp"

#include <caf/actor_system_config.hpp>

namespace troupe {

void add_message_types(caf::actor_system_config& config) {
#define TROUPE_ADD_MESSAGE_TYPE(TYPE) config.add_message_type<TYPE>("troupe::" #TYPE);
  TROUPE_MESSAGE_TYPES(TROUPE_ADD_MESSAGE_TYPE)
#undef TROUPE_ADD_MESSAGE_TYPE
}

const char* to_string(event_kind kind) noexcept {
  switch (kind) {
    case event_kind::opened: return "opened";
    case event_kind::user: return "user";
    case event_kind::reply: return "reply";
    case event_kind::failed: return "failed";
    case event_kind::cancelled: return "cancelled";
    case event_kind::interrupted: return "interrupted";
    case event_kind::tool_begun: return "tool_begun";
    case event_kind::tool_finished: return "tool_finished";
  }
  return "unknown";
}

const char* to_string(character_event_kind kind) noexcept {
  switch (kind) {
    case character_event_kind::turn_started: return "turn_started";
    case character_event_kind::reply_delta: return "reply_delta";
    case character_event_kind::turn_ended: return "turn_ended";
    case character_event_kind::changed: return "changed";
  }
  return "unknown";
}

}  // namespace troupe
