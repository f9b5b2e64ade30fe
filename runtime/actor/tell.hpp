#pragma once

/// \file
/// Sending from an actor. One way for typed and untyped actors, which CAF's
/// `send` has not: there, a typed actor may not send to an untyped one.
///
/// What is told is not answered. For a question use `self->request(handle,
/// caf::infinite, message).then(...)`.
///
/// Cost: one allocation; a `caf::message` is shared, not copied.

#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/message_id.hpp>
#include <caf/no_stages.hpp>

#include <chrono>
#include <type_traits>
#include <utility>

namespace troupe {

template <caf::message_priority Priority = caf::message_priority::normal, class Self, class Handle, class Message>
void tell(Self* self, const Handle& to, Message&& message) {
  if (!to) return;
  auto* receiver = caf::actor_cast<caf::abstract_actor*>(to);
  const auto id = caf::make_message_id(Priority);
  if constexpr (std::is_same_v<std::decay_t<Message>, caf::message>)
    receiver->enqueue(self->ctrl(), id, std::forward<Message>(message), self->context());
  else
    receiver->enqueue(caf::make_mailbox_element(self->ctrl(), id, caf::no_stages, std::forward<Message>(message)),
                      self->context());
}

/// Overtakes what is already in the receiver's mailbox (DESIGN §4 "Stop").
template <class Self, class Handle, class Message>
void tell_urgent(Self* self, const Handle& to, Message&& message) {
  tell<caf::message_priority::high>(self, to, std::forward<Message>(message));
}

/// A message to itself.
template <class Self, class Message>
void tell_self(Self* self, Message&& message) {
  self->enqueue(
      caf::make_mailbox_element(self->ctrl(), caf::make_message_id(), caf::no_stages, std::forward<Message>(message)),
      self->context());
}

/// A message to itself, later. It keeps the actor's memory, not its state,
/// until it is due.
template <class Self, class Message>
void tell_self_later(Self* self, std::chrono::nanoseconds delay, Message&& message) {
  auto& clock = self->clock();
  clock.schedule_message(
      clock.now() + delay, caf::strong_actor_ptr(self->ctrl()),
      caf::make_mailbox_element(self->ctrl(), caf::make_message_id(), caf::no_stages, std::forward<Message>(message)));
}

}  // namespace troupe
