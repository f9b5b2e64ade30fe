#include "actors/model.hpp"

#include "runtime/actor/tell.hpp"

#include <caf/all.hpp>

namespace troupe {

model_state::~model_state() {
  for (auto& [turn, open_call] : calls_)
    caf::anon_send(open_call.runner,
                   model_ended{open_call.ref, {failure_kind::unavailable, "the model actor was restarted"}});
}

caf::behavior model_state::start(model_deps deps) {
  deps_ = std::move(deps);
  self_->set_down_handler([this](caf::down_msg& message) {
    std::erase_if(calls_, [&](auto& item) { return item.second.runner.address() == message.source; });
  });
  return {
      [this](model_open& message) { open(message); },
      [this](const model_cancel& message) {
        if (auto found = calls_.find(message.ref.turn); found != calls_.end()) {
          self_->demonitor(found->second.runner);
          calls_.erase(found);
        } else {
          cancelled_.remember(message.ref.turn);
        }
      },
      [this](const model_credit& message) {
        if (auto found = calls_.find(message.ref.turn); found != calls_.end()) {
          found->second.credit += message.deltas;
          pump(message.ref.turn);
        }
      },
      [this](const model_ready& message) { pump(message.turn); },
      [this](const model_sweep&) { sweep(); },
  };
}

void model_state::open(model_open& message) {
  const auto turn = message.ref.turn;
  if (cancelled_.contains(turn)) return;
  auto refuse = [&](failure_kind kind, std::string text) {
    tell(self_, message.runner, model_ended{message.ref, {kind, std::move(text)}});
  };
  if (calls_.size() >= deps_.max_calls) return refuse(failure_kind::busy, "too many model calls are in flight");
  if (calls_.count(turn) != 0) return refuse(failure_kind::exists, "this turn has a model call already");
  auto wake = [self = caf::actor_cast<caf::actor>(self_), turn] { caf::anon_send(self, model_ready{turn}); };
  auto& entry = calls_[turn];
  entry.ref = message.ref;
  entry.runner = message.runner;
  self_->monitor(entry.runner);
  entry.stream = deps_.model->open(message.request, std::move(wake));
  entry.deadline = self_->clock().now() + deps_.call_limit;
  ++served_;
  schedule_sweep();
  pump(turn);
}

void model_state::schedule_sweep() {
  if (sweep_scheduled_) return;
  sweep_scheduled_ = true;
  tell_self_later(self_, std::chrono::seconds(1), model_sweep{});
}

void model_state::sweep() {
  sweep_scheduled_ = false;
  const auto now = self_->clock().now();
  std::vector<std::uint64_t> late;
  for (auto& [turn, open_call] : calls_)
    if (open_call.deadline <= now) late.push_back(turn);
  for (auto turn : late)
    end(turn, model_ended{calls_[turn].ref,
                          {failure_kind::timeout, "the language model took longer than "
                                                      + std::to_string(deps_.call_limit.count() / 1000) + " s"}});
  if (!calls_.empty()) schedule_sweep();
}

void model_state::pump(std::uint64_t turn) {
  auto found = calls_.find(turn);
  if (found == calls_.end()) return;
  auto& entry = found->second;
  constexpr int portion = 16;
  for (int i = 0; i < portion; ++i) {
    if (entry.credit == 0) return;
    auto polled = entry.stream->poll();
    if (!polled.event) {
      if (polled.not_before) poll_later(entry, *polled.not_before);
      return;
    }
    auto& event = *polled.event;
    if (event.what == model_event::kind::ended)
      return end(turn,
                 model_ended{entry.ref, std::move(event.error), event.reason, event.usage, std::move(event.opaque)});
    --entry.credit;
    switch (event.what) {
      case model_event::kind::delta: tell(self_, entry.runner, model_delta{entry.ref, std::move(event.text)}); break;
      case model_event::kind::thought:
        tell(self_, entry.runner, model_thought{entry.ref, std::move(event.text)});
        break;
      default: tell(self_, entry.runner, model_called{entry.ref, std::move(event.call)});
    }
  }
  tell_self(self_, model_ready{turn});
}

void model_state::poll_later(call& entry, std::chrono::nanoseconds delay) {
  // Credit asks too, so an empty poll is not always the timer's: one timer is
  // enough, or each portion of credit would add one more for good.
  const auto now = self_->clock().now();
  if (entry.timer > now && entry.timer <= now + delay) return;
  entry.timer = now + delay;
  tell_self_later(self_, delay, model_ready{entry.ref.turn});
}

void model_state::end(std::uint64_t turn, model_ended message) {
  auto found = calls_.find(turn);
  self_->demonitor(found->second.runner);
  tell(self_, found->second.runner, std::move(message));
  calls_.erase(found);
}

std::string model_state::to_json() const {
  return "{\"model\":\"" + (deps_.model ? deps_.model->name() : std::string())
         + "\",\"calls\":" + std::to_string(calls_.size()) + ",\"served\":" + std::to_string(served_) + "}";
}

}  // namespace troupe
