#include "net/dialects/luna/luna_connection.hpp"

#include "net/dialects/luna/luna_prompts.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/random.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe::luna {

void connection_state::reject(const rejected_request& message) {
  send_in_turn(encode_error(message.form, message.error, nullptr));
}

void connection_state::request(text_request&& message) {
  const bool newer_start = message.form == text_form::newer_start;
  if (newer_start && text_) return reject({message.form, "A text session is active already"});
  if (message.form == text_form::newer_text && !text_) return reject({message.form, "No text session is active"});
  if (text_ && text_->resuming) return reject({message.form, "The text session is being resumed; try again"});
  if (text_ && message.form != text_form::newer_text && turns_owed() >= deps_.max_queued_turns)
    return reject({message.form, "Busy: " + std::to_string(turns_owed())
                                     + " requests are waiting for their answers; try again later"});
  if (!text_) {
    text_.emplace();
    text_->spec.id = deps_.node->random.hex(16);
    text_->spec.dialect = "luna";
    text_->spec.principal = deps_.principal;
    text_->spec.system = system_instruction(message.memories);
    text_->spec.retention = message.numbered ? session_retention::resumable : session_retention::ephemeral;
    text_->spec.opened_at = deps_.node->clock.wall_ms();
    ++deps_.counters->active_text_sessions;
  }
  if (message.form == text_form::newer_text) cancel_turns();
  if (newer_start) {
    const turn_numbers numbers{text_->spec.id, 0, 0};
    send(encode_newer_started(message.action, message.memories.size(), message.numbered ? &numbers : nullptr));
  }
  const bool numbered = text_->spec.retention == session_retention::resumable;
  turn_submit turn;
  turn.ref = {0, deps_.node->random.number(), deps_.node->clock.monotonic_ns()};
  begin_trace(turn.ref, message.traceparent);
  turn.prompt = user_prompt(message);
  turn.query = recall_query(message);
  turn.teaching = teaching(message);
  turn.policy = message.form == text_form::newer_text ? turn_policy::interrupt : turn_policy::queue;
  owed_.push_back({turn.ref.turn, message.form, std::move(message.action), numbered, std::nullopt});
  if (text_->state == link::up) return submit(std::move(turn));
  text_->waiting.push_back(std::move(turn));
  if (text_->state == link::down) open_session();
}

/// A turn is one trace, or a part of the one that its client names.
void connection_state::begin_trace(turn_ref& ref, const std::string& traceparent) {
  auto context = parse_traceparent(traceparent);
  if (!context) context = deps_.trace ? *deps_.trace : trace_context::make(deps_.node->random);
  ref.trace = context->low;
  auto* traces = self_->node().traces;
  if (traces == nullptr) return;
  traces->begin({ref.turn, *context, text_->spec.id, deps_.client_id, text_->spec.dialect, deps_.principal,
                 self_->cell().number});
}

/// Those that no session has taken yet: it ends the others' traces.
void connection_state::drop_waiting(event_kind kind, failure_kind error) {
  for (auto& turn : std::exchange(text_->waiting, {}))
    if (auto* traces = self_->node().traces) traces->end(turn.ref.turn, kind, error);
}

void connection_state::resume(const resume_request& message) {
  if (text_) return send(encode_resume_error("A text session is active already; stop it first"));
  text_.emplace();
  text_->spec.id = message.session_id;
  text_->spec.dialect = "luna";
  text_->spec.principal = deps_.principal;
  text_->spec.retention = session_retention::resumable;
  text_->resuming = message;
  text_->create = false;
  ++deps_.counters->active_text_sessions;
  open_session();
}

void connection_state::open_session() {
  text_->state = link::opening;
  const auto id = text_->spec.id;
  self_->request(deps_.sessions, caf::infinite, keeper_open{id})
      .then(
          [this, id](const keeper_opened& opened) {
            if (!is_session(id)) return tell(self_, deps_.sessions, keeper_release{id});
            text_->handle = opened.handle;
            self_->cell().linked.store(opened.handle.id(), std::memory_order_relaxed);
            self_->monitor(opened.handle);
            attach();
          },
          [this, id](caf::error& error) {
            if (is_session(id)) attach_failed(to_failure(error));
          });
}

void connection_state::attach() {
  const auto id = text_->spec.id;
  session_attach message;
  message.spec = text_->spec;
  message.create = text_->create;
  message.watcher = caf::actor_cast<caf::actor>(self_);
  message.tools = message.watcher;
  if (text_->resuming) {
    message.after_number = text_->resuming->after_number;
    message.turn = text_->resuming->turn;
    message.offset = text_->resuming->offset;
  } else {
    message.after_number = ~std::uint64_t{0};  // this client has seen everything
  }
  self_->request(text_->handle, caf::infinite, std::move(message))
      .then(
          [this, id](session_attached& state) {
            if (is_session(id)) attached(state);
          },
          [this, id](caf::error& error) {
            if (is_session(id)) attach_failed(to_failure(error));
          });
}

void connection_state::attached(session_attached& state) {
  text_->state = link::up;
  text_->create = true;
  if (text_->resuming) {
    text_->resuming.reset();
    text_->spec = state.spec;
    send(encode_resumed(state));
    // What is in flight goes on as a streamed answer of this connection.
    if (state.open_turn != 0) owed_.push_back({state.open_turn, text_form::stream, {}, true, std::nullopt});
  }
  auto waiting = std::move(text_->waiting);
  text_->waiting.clear();
  for (auto& turn : waiting) submit(std::move(turn));
}

void connection_state::attach_failed(const failure& error) {
  if (text_->resuming) {
    send(encode_resume_error(error.message));
    let_go();
    text_.reset();
    --deps_.counters->active_text_sessions;
    return;
  }
  log::warn("session_open_failed", {{"client", deps_.client_id}, {"kind", to_string(error.kind)}});
  let_go();
  text_->state = link::down;
  drop_waiting(event_kind::failed, error.kind);
  fail_all(error);
}

void connection_state::submit(turn_submit message) {
  ++turns_begun_;
  const auto turn = message.ref.turn;
  self_->request(text_->handle, caf::infinite, std::move(message))
      .then([](const turn_accepted&) {},
            [this, turn](caf::error& error) {
              const auto why = to_failure(error);
              // Of one that found no session any more; else the session has noted it.
              if (auto* traces = self_->node().traces) traces->end(turn, event_kind::failed, why.kind);
              if (auto* answer = owed(turn))
                finish(turn, why.kind == failure_kind::cancelled ? std::string()
                                                                 : encode_error(answer->form, why.message, nullptr));
            });
}

connection_state::owed_answer* connection_state::owed(std::uint64_t turn) {
  auto found =
      std::find_if(owed_.begin(), owed_.end(), [turn](auto& answer) { return answer.turn == turn && !answer.end; });
  return found == owed_.end() ? nullptr : &*found;
}

std::size_t connection_state::turns_owed() const {
  return static_cast<std::size_t>(std::count_if(owed_.begin(), owed_.end(), [](auto& answer) { return !answer.end; }));
}

void connection_state::finish(std::uint64_t turn, std::string frame) {
  if (auto* answer = owed(turn)) answer->end = std::move(frame);
  send_ready();
}

void connection_state::fail_all(const failure& error) {
  for (auto& answer : owed_)
    if (!answer.end) answer.end = encode_error(answer.form, error.message, nullptr);
  send_ready();
}

void connection_state::send_in_turn(std::string frame) {
  owed_answer refusal;
  refusal.end = std::move(frame);
  owed_.push_back(std::move(refusal));
  send_ready();
}

void connection_state::send_ready() {
  while (!owed_.empty() && owed_.front().end) {
    if (!owed_.front().end->empty()) send(std::move(*owed_.front().end));
    owed_.pop_front();
  }
}

void connection_state::started(const turn_started& message) {
  auto* answer = owed(message.ref.turn);
  if (!text_ || answer == nullptr || !answer->numbered) return;
  send(encode_turn_started({text_->spec.id, message.ref.turn, message.number}), message.ref.turn);
}

void connection_state::delta(const turn_delta& message) {
  const auto turn = message.ref.turn;
  auto* answer = owed(turn);
  if (!text_ || answer == nullptr || answer->form == text_form::result) return;
  const turn_numbers numbers{text_->spec.id, turn, 0};
  send(encode_delta(answer->form, message.text.view(), answer->numbered ? &numbers : nullptr, message.offset), turn);
}

void connection_state::ended(const turn_ended& message) {
  auto* answer = owed(message.ref.turn);
  if (!text_ || answer == nullptr) return;
  const turn_numbers numbers{text_->spec.id, message.ref.turn, message.number};
  const auto* shown = answer->numbered ? &numbers : nullptr;
  std::string frame;
  if (message.kind == event_kind::reply)
    frame = answer->form == text_form::result ? encode_result(answer->action, message.text.view(), shown)
                                              : encode_complete(answer->form, shown);
  else if (message.kind == event_kind::cancelled)  // not by this client: its own stop has let go of the answer
    frame = encode_error(answer->form, "the answer was stopped", shown);
  else
    frame = encode_error(answer->form, message.error.message, shown);
  finish(message.ref.turn, std::move(frame));
}

void connection_state::session_lost() {
  if (text_->state == link::down) return;
  let_go();
  text_->state = link::down;
  if (text_->resuming) return attach_failed({failure_kind::unavailable, "the conversation could not be read"});
  drop_waiting(event_kind::interrupted, failure_kind::interrupted);
  // Of those it had taken it has ended the traces, if it could.
  if (auto* traces = self_->node().traces)
    for (auto& answer : owed_)
      if (!answer.end) traces->end(answer.turn, event_kind::interrupted, failure_kind::interrupted);
  fail_all(
      {failure_kind::interrupted, "the conversation was interrupted by a fault; it goes on with your next message"});
}

void connection_state::cancel_turns() {
  for (auto& answer : owed_) {
    if (answer.end) continue;
    deps_.out->drop_turn(answer.turn);
    answer.end.emplace();
  }
  drop_waiting(event_kind::cancelled);
  send_ready();
}

void connection_state::stop_text() {
  cancel_turns();
  fail_calls("The conversation was stopped; whether the client did what was asked is unknown");
  if (text_->handle) {
    tell_urgent(self_, text_->handle, turn_stop{});
    tell(self_, text_->handle, session_detach{caf::actor_cast<caf::actor>(self_), true});
  }
  let_go();
  text_.reset();
  --deps_.counters->active_text_sessions;
}

void connection_state::let_go() {
  if (!text_->handle) return;
  self_->demonitor(text_->handle);
  tell(self_, deps_.sessions, keeper_release{text_->spec.id});
  text_->handle = nullptr;
  self_->cell().linked.store(0, std::memory_order_relaxed);
}

}  // namespace troupe::luna
