#pragma once

/// \file
/// How a connection asks a character, and gets into its company: the templates
/// of `connection_state` that its requests share. Private to this folder.

#include "net/dialects/character/character_connection.hpp"
#include "runtime/actor/tell.hpp"

#include <caf/all.hpp>

#include <utility>

namespace troupe::character_dialect {

/// A failure is the request's; an answer that comes too late for it is dropped.
template <class Answer, class Message>
void connection_state::request(const caf::actor& to, Message message, std::function<void(Answer&)> then) {
  const auto serial = current_->serial;
  self_->request(to, caf::infinite, std::move(message))
      .then(
          [this, serial, then = std::move(then)](Answer& answer) {
            if (at_work(serial)) then(answer);
          },
          [this, serial](caf::error& error) {
            if (!at_work(serial)) return;
            const auto why = to_failure(error);
            end_trace(why);
            fail(failure_of(why));
          });
}

/// The character's answer is the reply. REQUIRES: it is open.
template <class Message>
void connection_state::ask(Message message) {
  current_->asked = true;
  request<character_answer>(bound_->handle, std::move(message),
                            [this](character_answer& answer) { succeed(answer.body); });
}

/// Opens `target` and tells it `message`. If that goes well it is the one bound
/// to, then `then` is called; if not, everything stays as it was.
/// A character that ended just now may still stand in the keeper's book: then
/// the message comes back unread, and the next attempt finds a new one.
template <class Answer, class Message>
void connection_state::enter(binding target, Message message, int attempts, std::function<void(Answer&)> then) {
  const auto serial = current_->serial;
  target.handle = nullptr;
  opening_ = target;
  self_->request(deps_.characters, caf::infinite, keeper_open{target.keeper_id})
      .then(
          [this, serial, target, message, attempts, then](const keeper_opened& opened) {
            if (!at_work(serial)) return tell(self_, deps_.characters, keeper_release{opened.id});
            opening_->handle = opened.handle;
            self_->monitor(opened.handle);
            self_->request(opened.handle, caf::infinite, message)
                .then(
                    [this, serial, then](Answer& answer) {
                      if (!at_work(serial)) return;
                      adopt();
                      then(answer);
                    },
                    [this, serial, target, message, attempts, then](caf::error& error) {
                      if (!at_work(serial)) return;
                      drop_opening();
                      const auto why = to_failure(error);
                      if (why.kind != failure_kind::unavailable || attempts <= 1) return fail(failure_of(why));
                      enter<Answer>(target, message, attempts - 1, then);
                    });
          },
          [this, serial](caf::error& error) {
            if (!at_work(serial)) return;
            opening_.reset();
            fail(failure_of(to_failure(error)));
          });
}

}  // namespace troupe::character_dialect
