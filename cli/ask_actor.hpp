#pragma once

/// \file
/// A question to an actor from outside the actor system: the answer or the
/// failure goes to a function, called once, on a scheduler worker.
///
/// Cost: an actor that ends with the answer. Bounds: none of its own; the
/// receiver's mailbox refuses.

#include "runtime/failure.hpp"
#include "runtime/node_services.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <utility>

namespace troupe::cli {

/// `done` takes an `expected<Answer>`.
template <class Answer, class Handle, class Message, class Done>
void ask_actor(const node_services& node, const Handle& who, Message message, Done done) {
  node.system.spawn([who, message = std::move(message), done = std::move(done)](caf::event_based_actor* self) mutable {
    self->request(who, caf::infinite, std::move(message))
        .then([done](Answer& answer) mutable { done(expected<Answer>(std::move(answer))); },
              [done](caf::error& error) mutable { done(expected<Answer>(to_failure(error))); });
  });
}

}  // namespace troupe::cli
