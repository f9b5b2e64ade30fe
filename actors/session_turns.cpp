#include "actors/session.hpp"

#include "runtime/actor/spawn.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/log.hpp"
#include "storage/fact_extraction.hpp"
#include "storage/lesson_log.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe {

caf::result<turn_accepted> session_state::submit(turn_submit& message) {
  const auto ref = message.ref;
  if (auto* traces = self_->node().traces) traces->at_session(ref.turn, self_->cell().number);
  auto taken = take(message);
  if (taken) return *taken;
  const auto& why = taken.error();
  end_trace(ref, why.kind == failure_kind::cancelled ? event_kind::cancelled : event_kind::failed, why.kind);
  return to_error(why);
}

expected<turn_accepted> session_state::take(turn_submit& message) {
  // A sender that is no watcher would never see the turn end: it is from
  // before a restart and has to attach again.
  if (!watched_by(self_->current_sender())) return failure{failure_kind::unavailable, "the conversation was restarted"};
  if (closing_) return failure{failure_kind::unavailable, "the conversation is being closed"};
  if (draining_ && !turn_) return shutting_down();
  if (message.ref.turn == 0) return failure{failure_kind::invalid, "turn: 0 is no turn"};
  if (cancelled_.contains(message.ref.turn))
    return failure{failure_kind::cancelled, "the turn was stopped before it began"};
  if (unconfirmed_) {
    if (deps_.database->is_read_only())
      return failure{failure_kind::read_only,
                     "nothing can be stored at the moment: " + deps_.database->read_only_reason()};
    if (!confirm_loaded()) return failure{failure_kind::unavailable, "the conversation was restarted"};
  }
  const auto ref = message.ref;
  ++activity_;
  if (!turn_ && !recovering_) {
    begin(std::move(message));
    return turn_accepted{ref, false};
  }
  if (message.policy == turn_policy::refuse && !recovering_)
    return failure{failure_kind::busy, "an answer is being given; wait for its end"};
  if (message.policy == turn_policy::interrupt) {
    refuse_queued({failure_kind::cancelled, "interrupted by a newer message"});
    end_turn(event_kind::cancelled, {});
  } else if (queue_.size() >= deps_.max_queued) {
    return failure{failure_kind::busy, std::to_string(queue_.size()) + " requests are waiting; try again later"};
  }
  queue_.push_back(std::move(message));
  return turn_accepted{ref, true};
}

void session_state::begin(turn_submit request) {
  const auto turn = request.ref.turn;
  const auto now = deps_.node->clock.wall_ms();
  std::vector<write_op> ops;
  if (!exists_) {
    exists_ = true;
    storage::put_snapshot(ops, {spec_, 0, {}});
    storage::append_event(ops, deps_.id, {++last_number_, 0, event_kind::opened, now, {}});
  }
  const auto number = ++last_number_;
  storage::append_event(ops, deps_.id, {number, turn, event_kind::user, now, request.prompt});
  storage::put_open_turn(ops, deps_.id, turn, number);
  turn_.emplace();
  turn_->request = std::move(request);
  turn_->number = number;
  close_span(self_, turn, span_kind::queued);
  open_span(self_, turn, span_kind::journal_user_event);
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, std::move(ops)})
      .then([this, turn](const journal_committed&) { user_durable(turn); },
            [this](caf::error& error) { append_failed(error); });
  // The model may begin while the sync is under way; what it says is held back.
  recall_and_run(turn);
}

void session_state::user_durable(std::uint64_t turn) {
  if (!turn_ || turn_->request.ref.turn != turn) return;
  durable_number_ = turn_->number;
  turn_->step = phase::running;
  close_span(self_, turn, span_kind::journal_user_event);
  broadcast(turn_started{turn_->request.ref, turn_->number});
  send_unsent();
  if (turn_->end) save_end();
}

void session_state::recall_and_run(std::uint64_t turn) {
  auto& request = turn_->request;
  const bool wants_memory = remembers() && !(request.query.empty() && request.teaching.empty());
  if (memory_ || !wants_memory) return run(turn);
  self_->request(deps_.memory_keeper, caf::infinite, keeper_open{spec_.principal})
      .then(
          [this, turn](const keeper_opened& opened) {
            memory_opened(opened.handle);
            run(turn);
          },
          [this, turn](caf::error& error) {
            log::warn("memory_unavailable",
                      {{"session", storage::abbreviated(deps_.id)}, {"reason", to_failure(error).message}});
            run(turn);
          });
}

void session_state::memory_opened(const caf::actor& memory) {
  if (memory_ == memory) return;
  memory_ = memory;
  self_->monitor(memory_);
  // Those which it has taken in are in the store no more, and it looks there.
  for (auto& lesson : taught_) tell(self_, memory_, memory_learn{lesson.ref, lesson.key, lesson.teaching});
}

void session_state::teach(const turn_ref& ref, std::uint64_t number, std::string teaching) {
  constexpr std::size_t remembered = 4;
  if (taught_.size() == remembered) taught_.pop_front();
  taught_.push_back({ref, storage::lesson_key(spec_.principal, deps_.id, number), std::move(teaching)});
  const auto& lesson = taught_.back();
  // Without a memory awake it is told as soon as there is one.
  tell(self_, memory_, memory_learn{lesson.ref, lesson.key, lesson.teaching});
}

void session_state::run(std::uint64_t turn) {
  if (!turn_ || turn_->request.ref.turn != turn || turn_->end) return;
  runner_ = spawn<runner_role>(*deps_.node, {.label = storage::abbreviated(deps_.id), .parent = self_->cell().id},
                               runner_deps{.session = caf::actor_cast<caf::actor>(self_),
                                           .model = deps_.model,
                                           .approver = deps_.approver,
                                           .recall = deps_.recall,
                                           .tools = deps_.tool_limit});
  self_->monitor(runner_);
  if (auto* traces = self_->node().traces) traces->at_runner(turn, runner_.id());
  auto& request = turn_->request;
  std::vector<caf::actor> tools, memories;
  if (memory_) memories.push_back(memory_);
  for (auto& item : client_tools_) {
    tools.push_back(item.second);
    memories.push_back(item.second);
  }
  tools.insert(tools.end(), deps_.tools.begin(), deps_.tools.end());
  auto noted = remembers() ? storage::extract_facts(request.teaching) : std::vector<std::string>();
  tell(self_, runner_,
       run_turn{request.ref,
                spec_.system,
                history_,
                request.prompt,
                request.query,
                std::move(memories),
                std::move(noted),
                std::move(tools),
                {},
                {}});
}

void session_state::runner_ended() {
  runner_ = nullptr;
  end_turn(event_kind::failed, {failure_kind::internal, "the agent has ended"});
}

/// The agent lives as long as its turn: an idle conversation has none.
void session_state::release_runner() {
  if (!runner_) return;
  self_->demonitor(runner_);
  tell_urgent(self_, runner_, run_cancel{});
  runner_ = nullptr;
}

void session_state::delta(run_delta& message) {
  if (!turn_ || turn_->end || message.ref.turn != turn_->request.ref.turn) return;
  turn_->text += message.text;
  if (turn_->step == phase::running) send_unsent();
}

void session_state::send_unsent() {
  if (turn_->sent == turn_->text.size()) return;
  const auto offset = turn_->sent;
  turn_->sent = turn_->text.size();
  if (auto* traces = self_->node().traces; traces && offset == 0) traces->first_delta(turn_->request.ref.turn);
  broadcast(turn_delta{turn_->request.ref, offset, shared_bytes(turn_->text.substr(offset))});
}

void session_state::stop(const turn_ref& ref) {
  const bool everything = ref.turn == 0;
  for (auto queued = queue_.begin(); queued != queue_.end();) {
    if (!everything && queued->ref.turn != ref.turn) {
      ++queued;
      continue;
    }
    say_ended(turn_ended{queued->ref, 0, event_kind::cancelled, {}, {}});
    queued = queue_.erase(queued);
    if (!everything) return;
  }
  if (turn_ && (everything || turn_->request.ref.turn == ref.turn)) return end_turn(event_kind::cancelled, {});
  cancelled_.remember(ref.turn);
}

void session_state::end_turn(event_kind kind, failure error) {
  if (!turn_ || turn_->end) return;
  turn_->end = kind;
  // Said is what was sent: a stop drops the rest.
  if (kind == event_kind::cancelled) turn_->text.resize(turn_->sent);
  turn_->error = std::move(error);
  release_runner();
  if (turn_->step == phase::running) save_end();
}

void session_state::save_end() {
  turn_->step = phase::saving_end;
  auto& turn = *turn_;
  open_span(self_, turn.request.ref.turn, span_kind::journal_reply);
  const auto number = ++last_number_;
  std::vector<write_op> ops;
  storage::append_event(ops, deps_.id,
                        {number, turn.request.ref.turn, *turn.end, deps_.node->clock.wall_ms(),
                         *turn.end == event_kind::failed ? turn.error.message : turn.text});
  storage::erase_open_turn(ops, deps_.id, turn.request.ref.turn);
  if (*turn.end == event_kind::reply && remembers() && !turn.request.teaching.empty())
    storage::put_lesson(ops, storage::lesson_key(spec_.principal, deps_.id, number), turn.request.teaching);
  remember_turn(*turn.end, turn.request.prompt, turn.text, turn.tools);
  if (snapshot_due_ || number - snapshot_number_ >= deps_.snapshot_every) {
    storage::put_snapshot(ops, {spec_, number, history_});
    snapshot_number_ = number;
    snapshot_due_ = false;
  }
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, std::move(ops)})
      .then([this, number](const journal_committed&) { end_durable(number); },
            [this](caf::error& error) { append_failed(error); });
}

caf::result<run_tools_saved> session_state::tools_begin(const run_tools_begin& message) {
  if (!turn_ || turn_->end || turn_->request.ref.turn != message.ref.turn)
    return to_error({failure_kind::cancelled, "the turn is over"});
  std::vector<session_event> events;
  for (auto& call : message.calls) {
    turn_->tools.begun(call);
    events.push_back({0, message.ref.turn, event_kind::tool_begun, 0, storage::encode_tool_begun(call)});
  }
  return save_tool_events(std::move(events));
}

caf::result<run_tools_saved> session_state::tool_finished(const run_tool_finished& message) {
  if (!turn_ || turn_->end || turn_->request.ref.turn != message.ref.turn)
    return to_error({failure_kind::cancelled, "the turn is over"});
  turn_->tools.finished(message.result);
  return save_tool_events(
      {{0, message.ref.turn, event_kind::tool_finished, 0, storage::encode_tool_finished(message.result)}});
}

caf::result<run_tools_saved> session_state::save_tool_events(std::vector<session_event> events) {
  std::vector<write_op> ops;
  const auto now = deps_.node->clock.wall_ms();
  for (auto& event : events) {
    event.number = ++last_number_;
    event.at = now;
    storage::append_event(ops, deps_.id, event);
  }
  auto promise = self_->make_response_promise<run_tools_saved>();
  auto answer = std::make_shared<pending_answer<run_tools_saved>>(promise);
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, std::move(ops)})
      .then(
          [this, answer, number = last_number_](const journal_committed&) {
            durable_number_ = std::max(durable_number_, number);
            answer->deliver({});
          },
          [this, answer](caf::error& error) {
            answer->fail(to_failure(error));
            append_failed(error);
          });
  return promise;
}

/// What a turn leaves in the conversation that the model sees.
void session_state::remember_turn(event_kind end, std::string prompt, std::string text,
                                  const storage::turn_tools& tools) {
  // The text of a failed turn's event is the error.
  if (end == event_kind::failed) text.clear();
  if (end != event_kind::reply && !tools.empty()) text += (text.empty() ? "" : "\n\n") + tools.note();
  remember_in_history(std::move(prompt), std::move(text));
}

void session_state::end_durable(std::uint64_t number) {
  if (!turn_) return;
  durable_number_ = number;
  auto turn = std::move(*turn_);
  turn_.reset();
  if (*turn.end == event_kind::reply && deps_.memory_keeper && !turn.request.teaching.empty())
    teach(turn.request.ref, number, std::move(turn.request.teaching));
  say_ended(turn_ended{turn.request.ref, number, *turn.end, shared_bytes(std::move(turn.text)), std::move(turn.error)});
  if (closing_) return erase_and_quit();
  shorten_history();
  if (draining_) refuse_queued(shutting_down());
  next_turn();
  drain_if_done();
  if (is_idle() && !draining_) idle(idle_check{0});
}

void session_state::next_turn() {
  if (queue_.empty() || turn_) return;
  auto request = std::move(queue_.front());
  queue_.pop_front();
  begin(std::move(request));
}

void session_state::refuse_queued(const failure& error) {
  const auto kind = error.kind == failure_kind::cancelled ? event_kind::cancelled : event_kind::failed;
  for (auto& queued : queue_) say_ended(turn_ended{queued.ref, 0, kind, {}, error});
  queue_.clear();
}

void session_state::append_failed(const caf::error& error) {
  const auto reason = to_failure(error);
  log::error("session_append_failed", {{"session", storage::abbreviated(deps_.id)}, {"kind", to_string(reason.kind)}});
  if (turn_) {
    say_ended(turn_ended{turn_->request.ref, 0, event_kind::failed, shared_bytes(turn_->text), reason});
    release_runner();
    turn_.reset();
  }
  refuse_queued(reason);
  drain_if_done();
  closing_ = true;
  // What is in the store is unknown now: the next to open reads it back.
  self_->quit(error);
}

}  // namespace troupe
