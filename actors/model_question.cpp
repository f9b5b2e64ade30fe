#include "actors/model_question.hpp"

#include "runtime/actor/tell.hpp"

#include <caf/all.hpp>

namespace troupe {

model_question_state::~model_question_state() {
  self_->demonitor(deps_.model);
  self_->demonitor(deps_.asker);
  if (!done_) caf::anon_send<caf::message_priority::high>(deps_.model, model_cancel{deps_.ref});
}

caf::behavior model_question_state::start(model_question_deps deps) {
  deps_ = std::move(deps);
  self_->monitor(deps_.model);
  self_->monitor(deps_.asker);
  self_->set_down_handler([this](caf::down_msg& message) {
    if (message.source == deps_.asker.address()) return self_->quit();
    answer({failure_kind::unavailable, "the language model's actor has ended"});
  });
  model_request request;
  request.system = std::move(deps_.system);
  request.messages.push_back({chat_role::user, std::move(deps_.text)});
  tell_self_later(self_, deps_.limit, question_deadline{});
  tell(self_, deps_.model, model_open{deps_.ref, caf::actor_cast<caf::actor>(self_), std::move(request)});
  return {
      [this](const model_delta& message) {
        text_ += message.text;
        if (text_.size() > deps_.most_bytes)
          return answer({failure_kind::upstream,
                         "the language model's answer is longer than " + std::to_string(deps_.most_bytes) + " bytes"});
        take_credit();
      },
      [this](const model_thought&) { take_credit(); },
      [this](const model_called&) { take_credit(); },
      [this](const model_ended& message) {
        done_ = true;
        answer(message.error);
      },
      [this](const question_deadline&) {
        answer({failure_kind::timeout,
                "the language model gave no answer within " + std::to_string(deps_.limit.count() / 1000) + " s"});
      },
  };
}

void model_question_state::take_credit() {
  if (const auto more = credit_.taken(); more != 0) tell(self_, deps_.model, model_credit{deps_.ref, more});
}

void model_question_state::answer(failure error) {
  if (error.kind != failure_kind::none) text_.clear();
  tell(self_, deps_.asker, model_answered{deps_.ref, std::move(text_), std::move(error)});
  self_->quit();
}

std::string model_question_state::to_json() const {
  return "{\"bytes\":" + std::to_string(text_.size()) + "}";
}

}  // namespace troupe
