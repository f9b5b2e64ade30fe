#pragma once

/// \file
/// The parts of the actor base that do not depend on which CAF class it stands
/// on: bounds, faults, the limit of restarts and quiet default handlers.

#include "runtime/actor/setup.hpp"
#include "runtime/messages/inspection.hpp"

#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/rtti_pair.hpp>
#include <caf/scheduled_actor.hpp>

#include <exception>
#include <string>
#include <vector>

namespace troupe::supervision {

/// Type of a message's first element, {0, nullptr} for an empty message.
inline caf::rtti_pair first_type(const caf::mailbox_element& x) noexcept {
  const auto& content = x.content();
  return content.size() == 0 ? caf::rtti_pair{0, nullptr} : content.type(0);
}

/// Whether the base handles it itself, whatever its priority.
inline bool is_for_base(const caf::rtti_pair& type) noexcept {
  return type.second == &typeid(actor_command) || type.second == &typeid(actor_state_query);
}

/// Whether a full mailbox still takes it: urgent messages, responses, and what
/// supervision stands on (exit and down messages).
bool passes_bound(const caf::mailbox_element& x) noexcept;

/// Refuses a message for a full mailbox: a request is answered `busy`.
void shed(actor_cell& cell, const caf::mailbox_element& x, caf::execution_unit* unit);

/// A message to an actor that has ended. What CAF itself sends at an actor's end is none.
void note_dead(const actor_cell& cell, const caf::mailbox_element& x);

/// The beginning of a record, taken before the handler has moved things out.
message_ring::entry record(message_ring& ring, const caf::mailbox_element& x, const caf::rtti_pair& type,
                           std::int64_t began_ns);

/// Whether a paused actor handles a normal message of this type all the same.
bool ends_actor(const caf::rtti_pair& type) noexcept;

/// What an exception says, for the operator.
std::string describe(std::exception_ptr fault);

/// The answer to a request whose handler threw. It names no contents.
caf::error fault_answer();

/// Handlers for what a role does not handle: report it and go on. CAF's own
/// print contents and end the actor on a stray error.
void install_quiet_handlers(caf::scheduled_actor& self, actor_cell& cell);

/// Remembers restarts and says when there were too many.
class restart_counter {
 public:
  explicit restart_counter(restart_limit limit) : limit_(limit) {}
  /// Notes a fault at `now_ns`; false if it is one too many.
  bool allows(std::int64_t now_ns);

 private:
  restart_limit limit_;
  std::vector<std::int64_t> times_;
};

}  // namespace troupe::supervision
