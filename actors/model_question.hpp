#pragma once

/// \file
/// One question to a language model outside of any turn, answered whole: what
/// a conversation was about, what a log teaches.
///
/// Spawned by whoever asks, answers it with exactly one `model_answered` and
/// ends; also when the model fails, takes longer than `limit` or says more than
/// `most_bytes`. Ends without an answer, and aborts the call, when its asker
/// does. Cost: an actor and the answer's text.

#include "actors/delta_credit.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/model.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <string>

namespace troupe {

struct model_question_deps {
  caf::actor asker;
  caf::actor model;
  turn_ref ref;  ///< its `turn` is the call's and must be nobody else's
  std::string system;
  std::string text;
  std::chrono::milliseconds limit{60000};
  std::size_t most_bytes = 64 * 1024;
};

struct model_question_state {
  using self_pointer = role<model_question_state>*;
  static constexpr const char* name = "model_question";

  explicit model_question_state(self_pointer self) : self_(self) {}
  ~model_question_state();
  caf::behavior start(model_question_deps deps);
  std::string to_json() const;

 private:
  void answer(failure error);
  void take_credit();

  self_pointer self_;
  model_question_deps deps_;
  std::string text_;
  delta_credit credit_;
  bool done_ = false;
};

using model_question_role = role<model_question_state>;

}  // namespace troupe
