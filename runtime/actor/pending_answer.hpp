#pragma once

/// \file
/// An answer a role still owes. CAF's promise is silent when it is destroyed
/// and internal requests wait without a time limit (DESIGN §10), so a promise
/// in a state that a restart destroys would leave its requester waiting for
/// ever. This one answers with an error instead.
///
///     [this](const turn_submit& x) -> caf::result<turn_accepted> {
///       auto promise = self->make_response_promise<turn_accepted>();
///       waiting.emplace(x.ref.turn, promise);  // std::map<..., pending_answer<turn_accepted>>
///       return promise;
///     }
///
/// Ownership: moves. Keeps the actor alive while it is unanswered; the state
/// that holds it is released when the actor ends.
/// Thread safety: the actor's own only.

#include "runtime/failure.hpp"

#include <caf/response_promise.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

namespace troupe {

template <class Answer>
class pending_answer {
 public:
  pending_answer() = default;
  pending_answer(caf::typed_response_promise<Answer> promise)
      : promise_(static_cast<caf::response_promise&>(promise)) {}
  pending_answer(pending_answer&& other) noexcept : promise_(std::exchange(other.promise_, {})) {}
  pending_answer& operator=(pending_answer&& other) noexcept {
    if (this != &other) {
      abandon();
      promise_ = std::exchange(other.promise_, {});
    }
    return *this;
  }
  pending_answer(const pending_answer&) = delete;
  pending_answer& operator=(const pending_answer&) = delete;
  ~pending_answer() { abandon(); }

  /// Whether somebody still waits for it.
  bool pending() const { return promise_.pending(); }

  void deliver(Answer answer) {
    if (pending()) std::exchange(promise_, {}).deliver(std::move(answer));
  }
  void fail(const failure& error) {
    if (pending() && !promise_.async()) promise_.deliver(to_error(error));
    promise_ = {};
  }

 private:
  void abandon() noexcept {
    if (!pending()) return;
    try {
      fail({failure_kind::interrupted, "the actor that was asked was restarted or ended"});
    } catch (...) {  // without memory for the error there is nothing left to say
    }
  }

  caf::response_promise promise_;
};

}  // namespace troupe
