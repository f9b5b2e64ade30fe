#include "actors/model.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/inspection/json_fields.hpp"
#include "runtime/inspection/turn_traces.hpp"

#include <caf/all.hpp>

namespace troupe {

model_state::~model_state() {
  for (auto& [turn, open_call] : calls_)
    caf::anon_send(open_call.runner,
                   model_ended{open_call.ref, {failure_kind::unavailable, "the model actor was restarted"}});
}

caf::behavior model_state::start(model_deps deps) {
  deps_ = std::move(deps);
  name_ = deps_.model->name();
  self_->set_down_handler([this](caf::down_msg& message) {
    std::vector<std::uint64_t> left;
    for (auto& [turn, entry] : calls_)
      if (entry.runner.address() == message.source) left.push_back(turn);
    for (auto turn : left) forget(turn);
    start_waiting();
  });
  return {
      [this](model_open& message) { open(message); },
      [this](const model_cancel& message) {
        if (auto found = calls_.find(message.ref.turn); found != calls_.end()) {
          self_->demonitor(found->second.runner);
          note_end(found->second, {}, to_string(failure_kind::cancelled));
          forget(message.ref.turn);
          start_waiting();
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
  if (calls_.size() >= deps_.model->most_calls() + deps_.max_waiting)
    return refuse(failure_kind::busy, "too many model calls are waiting");
  if (calls_.count(turn) != 0) return refuse(failure_kind::exists, "this turn has a model call already");
  auto& entry = calls_[turn];
  entry.ref = message.ref;
  entry.runner = message.runner;
  entry.request = std::move(message.request);
  entry.deadline = self_->clock().now() + deps_.call_limit;
  self_->monitor(entry.runner);
  entry.opened = self_->node().clock.monotonic_ns();
  open_span(self_, turn, span_kind::model_call, 0, name_);
  schedule_sweep();
  waiting_.push_back(turn);
  start_waiting();
}

/// Begins calls, in the order they came, while there is room.
void model_state::start_waiting() {
  if (starting_) return;  // a call that ends at once asks for the next from in here
  starting_ = true;
  while (!waiting_.empty() && in_flight_ < deps_.model->most_calls()) {
    const auto turn = waiting_.front();
    waiting_.pop_front();
    auto found = calls_.find(turn);
    if (found == calls_.end() || found->second.started) continue;
    found->second.started = true;
    found->second.waited = self_->node().clock.monotonic_ns() - found->second.opened;
    ++in_flight_;
    self_->cell().in_flight.store(in_flight_, std::memory_order_relaxed);
    ++served_;
    attempt(found->second);
    pump(turn);
  }
  starting_ = false;
}

void model_state::attempt(call& entry) {
  const auto turn = entry.ref.turn;
  entry.again.reset();
  const auto now = self_->clock().now();
  if (open_until_ && (now < *open_until_ || probing_)) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(*open_until_ - now).count() + 1;
    failure why{failure_kind::overload, name_ + " has failed " + std::to_string(failures_)
                                            + " times in a row; it is tried again in "
                                            + std::to_string(std::max<std::int64_t>(left, 1)) + " s"};
    return end(turn, model_ended{entry.ref, std::move(why)});
  }
  probing_ = open_until_.has_value();
  ++entry.attempt;
  auto wake = [self = caf::actor_cast<caf::actor>(self_), turn] { caf::anon_send(self, model_ready{turn}); };
  if (const auto* traces = self_->node().traces)
    entry.request.traceparent = traces->traceparent(turn, span_kind::model_call);
  entry.stream = deps_.model->open(entry.request, std::move(wake));
}

/// Whether a failed call gets another attempt, which then is scheduled.
bool model_state::try_again(call& entry, const model_event& event) {
  if (entry.said || entry.attempt >= deps_.attempts) return false;
  switch (event.error.kind) {
    case failure_kind::overload:
    case failure_kind::unavailable:
    case failure_kind::broken_stream: break;
    case failure_kind::quota:
      if (event.retry_after) break;
      return false;
    default: return false;
  }
  auto pause = std::chrono::duration_cast<std::chrono::nanoseconds>(deps_.first_pause) * (1U << (entry.attempt - 1));
  // From half of it to all of it, so that callers do not come back together.
  if (deps_.random != nullptr) pause = pause / 2 + pause / 2 * (deps_.random->number() % 1024) / 1024;
  if (event.retry_after && *event.retry_after > pause) pause = *event.retry_after;
  const auto now = self_->clock().now();
  if (pause > deps_.longest_pause || now + pause >= entry.deadline) return false;
  entry.stream.reset();
  entry.again = now + pause;
  ++retries_;
  poll_later(entry, pause);
  return true;
}

/// For the circuit breaker: refusals of one call say nothing about the others.
void model_state::count_outcome(const failure& error) {
  switch (error.kind) {
    case failure_kind::none:
      failures_ = 0;
      open_until_.reset();
      break;
    case failure_kind::overload:
    case failure_kind::unavailable:
    case failure_kind::timeout:
    case failure_kind::broken_stream:
      if (++failures_ >= deps_.breaker_failures) open_until_ = self_->clock().now() + deps_.breaker_pause;
      break;
    default: break;
  }
  probing_ = false;
}

void model_state::forget(std::uint64_t turn) {
  auto found = calls_.find(turn);
  if (found->second.started) --in_flight_;
  // A probe that was cancelled has shown nothing.
  if (found->second.stream) probing_ = false;
  calls_.erase(found);
  self_->cell().in_flight.store(in_flight_, std::memory_order_relaxed);
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
  for (auto turn : late) {
    auto found = calls_.find(turn);
    if (found == calls_.end()) continue;
    count_outcome({failure_kind::timeout, {}});
    end(turn, model_ended{found->second.ref,
                          {failure_kind::timeout, "the language model took longer than "
                                                      + std::to_string(deps_.call_limit.count() / 1000) + " s"}});
  }
  if (!calls_.empty()) schedule_sweep();
}

void model_state::pump(std::uint64_t turn) {
  auto found = calls_.find(turn);
  if (found == calls_.end()) return;
  auto& entry = found->second;
  if (entry.again) {
    // A credit or an earlier timer may have come first.
    if (const auto now = self_->clock().now(); *entry.again > now) return poll_later(entry, *entry.again - now);
    attempt(entry);
    found = calls_.find(turn);
    if (found == calls_.end()) return;
  }
  if (!entry.stream) return;
  constexpr int portion = 16;
  for (int i = 0; i < portion; ++i) {
    if (entry.credit == 0) return;
    auto polled = entry.stream->poll();
    if (!polled.event) {
      if (polled.not_before) poll_later(entry, *polled.not_before);
      return;
    }
    auto& event = *polled.event;
    if (event.what == model_event::kind::ended) {
      count_outcome(event.error);
      if (event.error.kind != failure_kind::none && try_again(entry, event)) return;
      return end(turn,
                 model_ended{entry.ref, std::move(event.error), event.reason, event.usage, std::move(event.opaque)});
    }
    if (!entry.said) {
      entry.said = true;
      entry.said_ns = self_->node().clock.monotonic_ns();
      open_span(self_, turn, span_kind::first_delta);
      entry.request = {};
    }
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
  add_owned<std::uint64_t>(self_->cell().tokens_in, message.usage.input);
  add_owned<std::uint64_t>(self_->cell().tokens_out, message.usage.output);
  const auto failed = message.error.kind != failure_kind::none;
  note_end(found->second, message.usage, failed ? to_string(message.error.kind) : nullptr);
  tell(self_, found->second.runner, std::move(message));
  forget(turn);
  start_waiting();
}

void model_state::note_end(const call& entry, const model_usage& usage, const char* error) {
  close_span(self_, entry.ref.turn, span_kind::model_call, 0,
             {{span_value::tokens_in, usage.input},
              {span_value::tokens_out, usage.output},
              {span_value::attempts, entry.attempt},
              {span_value::wait_us, entry.waited / 1000}},
             error);
}

std::string model_state::to_json() const {
  constexpr std::size_t shown = 100;
  std::string out;
  {
    json_object to(out);
    to.text("model", name_).number("waiting", calls_.size() - in_flight_);
    to.number("in_flight", in_flight_).number("most_calls", deps_.model ? deps_.model->most_calls() : 0);
    to.number("served", served_).number("retries", retries_).number("failures_in_a_row", failures_);
    to.flag("breaker_open", open_until_ && *open_until_ > self_->clock().now());
    const auto now = self_->node().clock.monotonic_ns();
    const auto ms = [](std::int64_t ns) { return static_cast<double>(ns) / 1e6; };
    std::string list = "[";
    std::size_t count = 0;
    for (auto& [turn, one] : calls_) {
      if (count++ == shown) break;
      if (count > 1) list += ',';
      json_object call(list);
      std::string id;
      append_hex(id, turn);
      call.text("turn", id).text("state", !one.started ? "waiting" : one.said ? "streaming" : "asked");
      call.real("age_ms", ms(now - one.opened)).number("attempt", one.attempt);
      call.real("first_delta_ms", one.said ? std::optional(ms(one.said_ns - one.opened)) : std::nullopt);
    }
    to.raw("calls", list + "]");
  }
  return out;
}

}  // namespace troupe
