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

/// Runs a function as an actor that ends when the function's requests are
/// answered. A class, since CAF 0.17 binds a reference to null where a function
/// is spawned.
template <class Function>
class asking_actor final : public caf::event_based_actor {
 public:
  asking_actor(caf::actor_config& config, Function ask) : caf::event_based_actor(config), ask_(std::move(ask)) {}

 protected:
  caf::behavior make_behavior() override {
    ask_(this);
    return {};
  }

 private:
  Function ask_;
};

/// `ask` takes the actor and makes its requests.
template <class Function>
void spawn_asker(const node_services& node, Function ask) {
  node.system.spawn<asking_actor<Function>>(std::move(ask));
}

/// `done` takes an `expected<Answer>`.
template <class Answer, class Handle, class Message, class Done>
void ask_actor(const node_services& node, const Handle& who, Message message, Done done) {
  spawn_asker(node, [who, message = std::move(message), done = std::move(done)](caf::event_based_actor* self) mutable {
    self->request(who, caf::infinite, std::move(message))
        .then([done](Answer& answer) mutable { done(expected<Answer>(std::move(answer))); },
              [done](caf::error& error) mutable { done(expected<Answer>(to_failure(error))); });
  });
}

}  // namespace troupe::cli
