#include "runtime/actor/hooks.hpp"

#include <spdlog/spdlog.h>

#include <atomic>

namespace troupe {
namespace {

void write_warning(const actor_event& event) {
  spdlog::warn("actor {} ({}): {}, message {}, sender {}", event.actor.id, event.actor.role, to_string(event.kind),
               event.message_type, event.sender);
}

std::atomic<actor_event_hook> current{&write_warning};

}  // namespace

const char* to_string(actor_event_kind kind) noexcept {
  switch (kind) {
    case actor_event_kind::unexpected_message: return "unexpected message";
    case actor_event_kind::stray_error: return "error that nobody waits for";
    case actor_event_kind::stray_down: return "unhandled end of a monitored actor";
    case actor_event_kind::restarted: return "restarted in place";
    case actor_event_kind::escalated: return "ended after too many faults";
  }
  return "unknown";
}

actor_event_hook set_actor_event_hook(actor_event_hook hook) noexcept {
  return current.exchange(hook);
}

void report(const actor_event& event) noexcept {
  if (auto hook = current.load()) {
    try {
      hook(event);
    } catch (...) {  // a log that fails must not fail the actor
    }
  }
}

}  // namespace troupe
