#include "actors/runner.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/inspection/turn_traces.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe {

runner_state::~runner_state() {
  if (deps_.model) self_->demonitor(deps_.model);
  forget_memories();
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
      return;
    }
    for (std::size_t i = 0; i < memories_.size(); ++i)
      if (memories_[i].source && message.source == memories_[i].source.address()) return recalled(i, {});
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
        if (!turn_ || turn_->ref.turn != message.turn || begun_) return;
        // Until now it was waited for those that have not answered.
        close_span(self_, message.turn, span_kind::recall);
        close_span(self_, message.turn, span_kind::tools);
        call_model();
      },
      [this](const tools_deadline& message) { out_of_time(message); },
  };
}

void runner_state::run(run_turn& turn) {
  turn_ = std::move(turn);
  request_.system = std::move(turn_->system);
  request_.messages = std::move(turn_->history);
  if (!request_.messages.empty() && request_.messages.front().role == chat_role::summary) {
    request_.system += "\n\nThe conversation is longer than what follows. What was said before, summarised:\n"
                       + request_.messages.front().text;
    request_.messages.erase(request_.messages.begin());
  }
  request_.messages.push_back({chat_role::user, std::move(turn_->prompt)});
  request_.noted = std::move(turn_->noted);
  request_.memories = std::move(turn_->recalled);
  request_.options = turn_->options;
  if (!turn_->query.empty())
    for (auto& memory : turn_->memories) memories_.push_back({memory, {}});
  gathering_ = turn_->tools.size() + memories_.size();
  if (gathering_ == 0) return call_model();
  tell_self_later(self_, deps_.recall_limit, recall_deadline{turn_->ref.turn});
  ask_for_tools();
  ask_for_memories();
}

void runner_state::ask_for_memories() {
  if (!memories_.empty()) open_span(self_, turn_->ref.turn, span_kind::recall);
  for (std::size_t i = 0; i < memories_.size(); ++i) {
    self_->monitor(memories_[i].source);
    self_->request(memories_[i].source, caf::infinite, memory_recall{turn_->ref, turn_->query, deps_.recall})
        .then([this, i](memory_recalled& answer) { recalled(i, std::move(answer.hits)); },
              // A turn without memories is better than no turn.
              [this, i](caf::error&) { recalled(i, {}); });
  }
}

failure runner_state::model_gone() {
  return {failure_kind::unavailable, "the language model's actor has ended"};
}

void runner_state::recalled(std::size_t memory, std::vector<memory_hit> hits) {
  // Also answered by its end: once is enough.
  if (!turn_ || begun_ || !memories_[memory].source) return;
  self_->demonitor(memories_[memory].source);
  memories_[memory] = {nullptr, std::move(hits)};
  std::size_t found = 0;
  for (auto& each : memories_) found += each.hits.size();
  close_span(self_, turn_->ref.turn, span_kind::recall, 0, {{span_value::hits, static_cast<std::int64_t>(found)}});
  gathered(1);
}

void runner_state::forget_memories() {
  // Whoever ends stays on the list of those it monitors, with its memory.
  for (auto& memory : memories_)
    if (memory.source) self_->demonitor(memory.source);
  memories_.clear();
}

/// What several remember is told once, the principal's own space first.
void runner_state::take_memories() {
  for (auto& memory : memories_) {
    for (auto& hit : memory.hits) {
      const auto same = [&](auto& known) { return known.record.text == hit.record.text; };
      if (request_.memories.size() < deps_.recall.k
          && std::none_of(request_.memories.begin(), request_.memories.end(), same))
        request_.memories.push_back(std::move(hit));
    }
  }
  forget_memories();
}

/// Recall and tools are asked side by side; the model is called when all have answered.
void runner_state::gathered(std::size_t waited) {
  gathering_ -= waited;
  if (gathering_ == 0) call_model();
}

void runner_state::call_model() {
  if (!begun_) take_memories();
  begun_ = true;
  if (model_gone_) return end(model_gone());
  said_.clear();
  credit_ = {};
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
  if (const auto more = credit_.taken(); more != 0) tell(self_, deps_.model, model_credit{turn_->ref, more});
}

void runner_state::model_done(model_ended& message) {
  if (!current(message.ref)) return;
  tokens_in_ += message.usage.input;
  tokens_out_ += message.usage.output;
  if (message.error.kind != failure_kind::none || calls_.empty()) return end(std::move(message.error));
  begin_round(std::move(message.opaque));
}

void runner_state::give_up() {
  tell_urgent(self_, deps_.model, model_cancel{turn_->ref});
  for (auto& call : calls_)
    if (call.source && !call.result) tell_urgent(self_, call.source, tool_cancel{turn_->ref, call.call.id});
  forget_memories();
  turn_.reset();
}

void runner_state::end(failure error) {
  auto ref = turn_->ref;
  forget_memories();
  turn_.reset();
  tell(self_, deps_.session, run_ended{ref, std::move(error), tokens_in_, tokens_out_});
}

std::string runner_state::to_json() const {
  return std::string("{\"busy\":") + (turn_ ? "true" : "false") + ",\"gathering\":" + std::to_string(gathering_)
         + ",\"round\":" + std::to_string(round_) + ",\"calls\":" + std::to_string(calls_.size()) + "}";
}

}  // namespace troupe
