#include "actors/runner.hpp"

#include "runtime/actor/tell.hpp"

#include <caf/all.hpp>

namespace troupe {

runner_state::~runner_state() {
  // Whoever ends stays on the list of those it monitors, with its memory.
  if (deps_.model) self_->demonitor(deps_.model);
  if (turn_ && turn_->memory) self_->demonitor(turn_->memory);
  if (turn_) {
    caf::anon_send<caf::message_priority::high>(deps_.model, model_cancel{turn_->ref});
    for (auto& call : calls_)
      if (call.source && !call.result)
        caf::anon_send<caf::message_priority::high>(call.source, tool_cancel{turn_->ref, call.call.id});
    caf::anon_send(deps_.session,
                   run_ended{turn_->ref, {failure_kind::internal, "the agent failed and was restarted"}});
  }
}

caf::behavior runner_state::start(runner_deps deps) {
  deps_ = std::move(deps);
  self_->monitor(deps_.model);
  self_->set_down_handler([this](caf::down_msg& message) {
    if (message.source == deps_.model.address()) {
      model_gone_ = true;
      if (turn_) end(model_gone());
    } else if (turn_ && !begun_ && turn_->memory && message.source == turn_->memory.address()) {
      recalled({});
    }
  });
  return {
      [this](run_turn& message) { run(message); },
      [this](const run_cancel&) {
        if (turn_) give_up();
        self_->quit();
      },
      [this](model_delta& message) { delta(message); },
      [this](const model_thought& message) {
        if (current(message.ref)) take_credit();  // not part of the reply
      },
      [this](model_called& message) { called(message); },
      [this](model_ended& message) { model_done(message); },
      [this](const recall_deadline& message) {
        if (turn_ && turn_->ref.turn == message.turn && !begun_) stop_gathering();
      },
      [this](const tools_deadline& message) { out_of_time(message.round); },
  };
}

void runner_state::run(run_turn& turn) {
  turn_ = std::move(turn);
  request_.system = std::move(turn_->system);
  request_.messages = std::move(turn_->history);
  request_.messages.push_back({chat_role::user, std::move(turn_->prompt)});
  request_.noted = std::move(turn_->noted);
  const bool recalls = turn_->memory && !turn_->query.empty();
  gathering_ = turn_->tools.size() + (recalls ? 1 : 0);
  if (gathering_ == 0) return call_model();
  tell_self_later(self_, deps_.recall_limit, recall_deadline{turn_->ref.turn});
  ask_for_tools();
  if (!recalls) return;
  self_->monitor(turn_->memory);
  self_->request(turn_->memory, caf::infinite, memory_recall{turn_->ref, turn_->query, deps_.recall})
      .then([this](memory_recalled& answer) { recalled(std::move(answer.hits)); },
            // A turn without memories is better than no turn.
            [this](caf::error&) { recalled({}); });
}

failure runner_state::model_gone() {
  return {failure_kind::unavailable, "the language model's actor has ended"};
}

void runner_state::recalled(std::vector<memory_hit> hits) {
  // Also answered by its end: once is enough.
  if (!turn_ || begun_ || !turn_->memory) return;
  self_->demonitor(turn_->memory);
  turn_->memory = nullptr;
  request_.memories = std::move(hits);
  gathered(1);
}

/// Recall and tools are asked side by side; the model is called when all have answered.
void runner_state::gathered(std::size_t waited) {
  gathering_ -= waited;
  if (gathering_ == 0) call_model();
}

void runner_state::stop_gathering() {
  if (turn_->memory) self_->demonitor(turn_->memory);
  turn_->memory = nullptr;
  call_model();
}

void runner_state::call_model() {
  begun_ = true;
  if (model_gone_) return end(model_gone());
  said_.clear();
  unacknowledged_ = 0;
  if (sources_.empty()) {
    // Without tools this is the turn's only call.
    return tell(self_, deps_.model, model_open{turn_->ref, caf::actor_cast<caf::actor>(self_), std::move(request_)});
  }
  tell(self_, deps_.model, model_open{turn_->ref, caf::actor_cast<caf::actor>(self_), request_});
}

void runner_state::delta(model_delta& message) {
  if (!current(message.ref)) return;
  if (!sources_.empty()) {
    if (said_.empty() && said_before_ && !message.text.empty()) message.text.insert(0, "\n\n");
    said_ += message.text;
  }
  tell(self_, deps_.session, run_delta{message.ref, std::move(message.text)});
  take_credit();
}

void runner_state::take_credit() {
  constexpr auto half = model_initial_credit / 2;
  if (++unacknowledged_ < half) return;
  unacknowledged_ = 0;
  tell(self_, deps_.model, model_credit{turn_->ref, half});
}

void runner_state::model_done(model_ended& message) {
  if (!current(message.ref)) return;
  if (message.error.kind != failure_kind::none || calls_.empty()) return end(std::move(message.error));
  begin_round(std::move(message.opaque));
}

void runner_state::give_up() {
  tell_urgent(self_, deps_.model, model_cancel{turn_->ref});
  for (auto& call : calls_)
    if (call.source && !call.result) tell_urgent(self_, call.source, tool_cancel{turn_->ref, call.call.id});
  if (turn_->memory) self_->demonitor(turn_->memory);
  turn_.reset();
}

void runner_state::end(failure error) {
  auto ref = turn_->ref;
  if (turn_->memory) self_->demonitor(turn_->memory);
  turn_.reset();
  tell(self_, deps_.session, run_ended{ref, std::move(error)});
}

std::string runner_state::to_json() const {
  return std::string("{\"busy\":") + (turn_ ? "true" : "false") + ",\"gathering\":" + std::to_string(gathering_)
         + ",\"round\":" + std::to_string(round_) + ",\"calls\":" + std::to_string(calls_.size()) + "}";
}

}  // namespace troupe
