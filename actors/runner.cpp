#include "actors/runner.hpp"

#include "runtime/actor/tell.hpp"

#include <caf/all.hpp>

namespace troupe {

runner_state::~runner_state() {
  // Whoever ends stays on the list of those it monitors, with its memory.
  if (deps_.model) self_->demonitor(deps_.model);
  if (turn_ && recalling_ && turn_->memory) self_->demonitor(turn_->memory);
  if (turn_) {
    caf::anon_send<caf::message_priority::high>(deps_.model, model_cancel{turn_->ref});
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
    } else if (turn_ && recalling_ && turn_->memory && message.source == turn_->memory.address()) {
      recalled(turn_->ref.turn, {});
    }
  });
  return {
      [this](run_turn& message) { run(message); },
      [this](const run_cancel&) {
        if (turn_) give_up();
        self_->quit();
      },
      [this](model_delta& message) {
        if (!current(message.ref)) return;
        tell(self_, deps_.session, run_delta{message.ref, std::move(message.text)});
        constexpr auto half = model_initial_credit / 2;
        if (++unacknowledged_ == half) {
          unacknowledged_ = 0;
          tell(self_, deps_.model, model_credit{message.ref, half});
        }
      },
      [this](model_ended& message) {
        if (current(message.ref)) end(std::move(message.error));
      },
      [this](const recall_deadline& message) {
        if (turn_ && turn_->ref.turn == message.turn && recalling_) recalled(message.turn, {});
      },
  };
}

void runner_state::run(run_turn& turn) {
  turn_ = std::move(turn);
  const auto id = turn_->ref.turn;
  recalling_ = true;
  if (!turn_->memory || turn_->query.empty()) return recalled(id, {});
  self_->monitor(turn_->memory);
  tell_self_later(self_, deps_.recall_limit, recall_deadline{id});
  self_->request(turn_->memory, caf::infinite, memory_recall{turn_->ref, turn_->query, deps_.recall})
      .then([this, id](memory_recalled& answer) { recalled(id, std::move(answer.hits)); },
            // A turn without memories is better than no turn.
            [this, id](caf::error&) { recalled(id, {}); });
}

failure runner_state::model_gone() {
  return {failure_kind::unavailable, "the language model's actor has ended"};
}

void runner_state::recalled(std::uint64_t turn, std::vector<memory_hit> hits) {
  if (!turn_ || turn_->ref.turn != turn || !recalling_) return;
  recalling_ = false;
  if (turn_->memory) self_->demonitor(turn_->memory);
  if (model_gone_) return end(model_gone());
  model_request request;
  request.system = turn_->system;
  request.messages = std::move(turn_->history);
  request.messages.push_back({chat_role::user, std::move(turn_->prompt)});
  request.memories = std::move(hits);
  request.noted = std::move(turn_->noted);
  tell(self_, deps_.model, model_open{turn_->ref, caf::actor_cast<caf::actor>(self_), std::move(request)});
}

void runner_state::give_up() {
  tell_urgent(self_, deps_.model, model_cancel{turn_->ref});
  if (recalling_ && turn_->memory) self_->demonitor(turn_->memory);
  recalling_ = false;
  turn_.reset();
}

void runner_state::end(failure error) {
  auto ref = turn_->ref;
  turn_.reset();
  tell(self_, deps_.session, run_ended{ref, std::move(error)});
}

std::string runner_state::to_json() const {
  return std::string("{\"busy\":") + (turn_ ? "true" : "false")
         + ",\"recalling\":" + (turn_ && recalling_ ? "true" : "false") + "}";
}

}  // namespace troupe
