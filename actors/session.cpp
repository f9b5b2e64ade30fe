#include "actors/session.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/log.hpp"
#include "storage/lesson_log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

session_state::~session_state() {
  if (turn_) end_trace(turn_->request.ref, event_kind::failed, failure_kind::internal);
  for (auto& queued : queue_) end_trace(queued.ref, event_kind::failed, failure_kind::internal);
  // Whoever ends stays on the list of those it monitors, with its memory.
  if (memory_) self_->demonitor(memory_);
  for (auto& watcher : watchers_) self_->demonitor(watcher);
  if (runner_) {
    self_->demonitor(runner_);
    caf::anon_send<caf::message_priority::high>(runner_, run_cancel{});
  }
  for (auto& watcher : watchers_) caf::anon_send(watcher, session_reset{deps_.id});
}

session_actor::behavior_type session_state::start(session_deps deps) {
  deps_ = std::move(deps);
  self_->set_down_handler([this](caf::down_msg& message) {
    if (runner_ && message.source == runner_.address()) {
      runner_ended();
    } else if (memory_ && message.source == memory_.address()) {
      memory_ = nullptr;
    } else {
      detach(message.source, false);
    }
  });
  begin_loading();
  return {
      [this](session_attach& message) { return attach(message); },
      [this](turn_submit& message) { return submit(message); },
      [this](const turn_stop& message) { stop(message.ref); },
      [this](const session_detach& message) { detach(message.watcher.address(), message.close); },
      [this](run_delta& message) { delta(message); },
      [this](run_ended& message) {
        if (!turn_ || message.ref.turn != turn_->request.ref.turn) return;
        add_owned(self_->cell().tokens_in, message.tokens_in);
        add_owned(self_->cell().tokens_out, message.tokens_out);
        end_turn(message.error.kind == failure_kind::none ? event_kind::reply : event_kind::failed,
                 std::move(message.error));
      },
      [this](model_answered& message) { summarized(message); },
      [this](const run_tools_begin& message) { return tools_begin(message); },
      [this](const run_tool_finished& message) { return tool_finished(message); },
      [this](const drain& message) { return begin_drain(message); },
      [this](const drain_deadline&) {
        end_turn(event_kind::interrupted, {failure_kind::interrupted, "the server is shutting down"});
      },
      [this](const idle_check& message) { idle(message); },
      [this](const sleep_now&) { sleep(); },
  };
}

void session_state::begin_loading() {
  // A state before this one, or an actor that was killed, may have appends at
  // the journal. This one comes after them: once it is answered, so are they.
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, {}})
      .then([this](const journal_committed&) { load(); },
            [this](caf::error& error) {
              // Only a full journal answers out of turn.
              if (to_failure(error).kind != failure_kind::busy) return load();
              self_->quit(error);
            });
}

void session_state::load() {
  unconfirmed_ = deps_.database->is_read_only();
  auto loaded = storage::load_session(*deps_.database, deps_.id);
  if (!loaded) {
    log::error("session_load_failed",
               {{"session", storage::abbreviated(deps_.id)}, {"reason", loaded.error().message}});
    self_->quit(to_error(loaded.error()));
    return;
  }
  exists_ = loaded->has_value();
  if (exists_) take_over(**loaded);
  ready_ = true;
  let_in_waiting();
  if (is_idle()) idle(idle_check{0});
}

void session_state::let_in_waiting() {
  for (auto& waiting : std::exchange(waiting_, {})) {
    auto answer = attached(waiting.request);
    if (answer)
      waiting.answer.deliver(std::move(*answer));
    else
      waiting.answer.fail(answer.error());
    if (waiting.left) detach(waiting.request.watcher.address(), *waiting.left);
  }
}

/// What was read while the store took no writes may lack, or hold, a write
/// that failed. Before the first number is used it is compared.
bool session_state::confirm_loaded() {
  if (!unconfirmed_) return true;
  auto again = storage::load_session(*deps_.database, deps_.id);
  const auto number = again && *again ? (*again)->last_number : 0;
  const bool open = again && *again && !(*again)->open_turns.empty();
  if (!again || number != last_number_ || open) {
    self_->quit(to_error({failure_kind::unavailable, "the conversation was read again"}));
    return false;
  }
  unconfirmed_ = false;
  return true;
}

void session_state::take_over(storage::loaded_session& found) {
  spec_ = found.snapshot.spec;  // a copy: ending open turns needs its id
  history_ = std::move(found.snapshot.history);
  snapshot_number_ = found.snapshot.last_number;
  last_number_ = durable_number_ = found.last_number;
  std::string prompt;
  storage::turn_tools tools;
  for (auto& event : found.events) {
    tools.take(event);
    if (event.kind == event_kind::user) {
      prompt = std::move(event.text);
      tools = {};
    }
    if (is_end(event.kind)) remember_turn(event.kind, std::move(prompt), std::move(event.text), tools);
  }
  find_untaught();
  if (found.open_turns.empty() || unconfirmed_) return;
  // The server, or this actor, ended in the middle of a turn.
  remember_turn(event_kind::interrupted, std::move(prompt), {}, tools);
  std::vector<write_op> ops;
  auto ended = storage::interrupt_open_turns(ops, found, deps_.node->clock.wall_ms());
  last_number_ = found.last_number;
  recovering_ = true;
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, std::move(ops)})
      .then(
          [this, ended = std::move(ended)](const journal_committed&) {
            recovering_ = false;
            for (auto& event : ended) end_recovered(event.turn, event.number);
            next_turn();
            if (is_idle()) idle(idle_check{0});
          },
          [this](caf::error& error) { append_failed(error); });
}

/// Lessons that this conversation's last actor may not have told memory of,
/// which may be awake all the time.
void session_state::find_untaught() {
  if (!deps_.memory_keeper) return;
  auto lessons = storage::lessons_of(*deps_.database, spec_.principal);
  if (!lessons) return;  // memory reports it when it reads them
  for (auto& lesson : *lessons)
    if (lesson.session == deps_.id) taught_.push_back({turn_ref{}, std::move(lesson.key), std::move(lesson.teaching)});
}

void session_state::end_recovered(std::uint64_t turn, std::uint64_t number) {
  durable_number_ = std::max(durable_number_, number);
  say_ended(turn_ended{turn_ref{0, turn, deps_.node->clock.monotonic_ns()},
                       number,
                       event_kind::interrupted,
                       {},
                       {failure_kind::interrupted, "the server ended in the middle of this turn"}});
}

template <class Message>
void session_state::broadcast(Message message) {
  if (watchers_.empty()) return;
  // One message, shared by all watchers: they take it by const reference.
  auto shared = caf::make_message(std::move(message));
  for (auto& watcher : watchers_) tell(self_, watcher, shared);
}
template void session_state::broadcast(turn_started);
template void session_state::broadcast(turn_delta);
template void session_state::broadcast(turn_ended);

/// Every accepted turn's one end, also of one that nobody watches.
void session_state::say_ended(turn_ended message) {
  if (auto* traces = self_->node().traces)
    traces->end(message.ref.turn, message.kind, message.error.kind, message.text.size());
  broadcast(std::move(message));
}

/// Of a turn that ends without a word to anybody.
void session_state::end_trace(const turn_ref& ref, event_kind kind, failure_kind error) {
  if (auto* traces = self_->node().traces) traces->end(ref.turn, kind, error);
}

bool session_state::watched_by(const caf::strong_actor_ptr& sender) const {
  return sender && std::any_of(watchers_.begin(), watchers_.end(), [&](auto& watcher) {
           return watcher.address() == sender->address();
         });
}

caf::result<session_attached> session_state::attach(session_attach& message) {
  if (!ready_) {
    if (waiting_.size() >= deps_.max_waiting)
      return to_error({failure_kind::busy, "the conversation is being read and too many wait for it; try again"});
    auto promise = self_->make_response_promise<session_attached>();
    waiting_.push_back({std::move(message), pending_answer<session_attached>(promise), {}});
    return promise;
  }
  auto answer = attached(message);
  if (!answer) return to_error(answer.error());
  return std::move(*answer);
}

expected<session_attached> session_state::attached(const session_attach& message) {
  if (draining_ || closing_) return failure{failure_kind::unavailable, "the conversation is being closed"};
  if (!exists_ && spec_.id.empty()) {
    if (!message.create) return failure{failure_kind::not_found, "there is no such conversation"};
    spec_ = message.spec;
    spec_.id = deps_.id;
  } else if (spec_.principal != message.spec.principal || spec_.dialect != message.spec.dialect) {
    // The same words as for an unknown one: whether it exists is nobody else's business.
    return failure{failure_kind::not_found, "there is no such conversation"};
  }
  session_attached answer;
  answer.spec = spec_;
  answer.last_number = durable_number_;
  if (message.after_number < durable_number_) {
    auto missed = storage::events_after(*deps_.database, deps_.id, message.after_number);
    if (!missed) return missed.error();
    answer.missed = std::move(*missed);
    std::erase_if(answer.missed, [this](auto& event) { return event.number > durable_number_; });
  }
  if (turn_ && turn_->step != phase::saving_user) {
    answer.open_turn = turn_->request.ref.turn;
    answer.offset = answer.open_turn == message.turn ? std::min<std::uint64_t>(message.offset, turn_->sent) : 0;
    answer.open_text = turn_->text.substr(answer.offset, turn_->sent - answer.offset);
  }
  if (std::none_of(watchers_.begin(), watchers_.end(), [&](auto& known) { return known == message.watcher; })) {
    watchers_.push_back(message.watcher);
    self_->monitor(message.watcher);
    if (message.tools) client_tools_.emplace_back(message.watcher.address(), message.tools);
  }
  ++activity_;
  return answer;
}

void session_state::detach(const caf::actor_addr& watcher, bool closes) {
  for (auto& waiting : waiting_)
    if (waiting.request.watcher.address() == watcher) waiting.left = closes;
  auto known = std::find_if(watchers_.begin(), watchers_.end(), [&](auto& item) { return item.address() == watcher; });
  if (known == watchers_.end()) return;
  self_->demonitor(*known);
  watchers_.erase(known);
  std::erase_if(client_tools_, [&](auto& item) { return item.first == watcher; });
  ++activity_;
  if (!watchers_.empty()) return;
  if (closes || spec_.retention == session_retention::ephemeral) close();
  // The keeper may have said that the last lease is gone before the watcher left.
  if (is_idle()) idle(idle_check{0});
}

void session_state::close() {
  if (closing_) return;
  for (auto& queued : std::exchange(queue_, {})) end_trace(queued.ref, event_kind::cancelled);
  if (spec_.retention == session_retention::resumable) {
    // Its owner closed it: the text stays until it expires, the turn ends.
    end_turn(event_kind::cancelled, {});
    return;
  }
  closing_ = true;
  // A turn that has ended, but for its sync, has something to teach yet.
  if (turn_ && turn_->step == phase::saving_end) return;
  release_runner();
  if (turn_) end_trace(turn_->request.ref, event_kind::cancelled);
  turn_.reset();
  erase_and_quit();
}

void session_state::erase_and_quit() {
  closing_ = true;
  if (!exists_) return self_->quit();
  std::vector<write_op> ops;
  storage::erase_session(ops, deps_.id);
  // After every append of ours, since the journal keeps the order of a lane.
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, std::move(ops)})
      .then([this](const journal_committed&) { self_->quit(); }, [this](caf::error&) { self_->quit(); });
}

void session_state::idle(const idle_check& message) {
  if (message.activity != 0) idle_timer_ = false;
  if (!is_idle()) return;  // the keeper says when the last lease is gone
  if (message.activity == activity_ && message.activity != 0) {
    tell(self_, deps_.keeper, sleep_request{deps_.id});
    return;
  }
  if (idle_timer_) return;
  idle_timer_ = true;
  // The count itself stays: a timer left over from before a restart would else
  // spoil this one's, and this one that one's, for ever.
  tell_self_later(self_, deps_.idle_after, idle_check{activity_});
}

void session_state::sleep() {
  if (!is_idle()) {
    tell(self_, deps_.keeper, sleep_refused{deps_.id});
    return;
  }
  // A restart or a crash may have cost it its watchers.
  if (spec_.retention == session_retention::ephemeral) return erase_and_quit();
  if (!exists_ || unconfirmed_ || (snapshot_number_ == last_number_ && !snapshot_due_)) return self_->quit();
  closing_ = true;
  std::vector<write_op> ops;
  storage::put_snapshot(ops, {spec_, last_number_, history_});
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, std::move(ops)})
      .then([this](const journal_committed&) { self_->quit(); }, [this](caf::error&) { self_->quit(); });
}

caf::result<drained> session_state::begin_drain(const drain& message) {
  draining_ = true;
  // Those that wait are refused after the turn in flight: their errors would
  // look like its end to a client that reads its answers in order.
  if (!turn_) {
    refuse_queued(shutting_down());
    return drained{};
  }
  auto promise = self_->make_response_promise<drained>();
  draining_for_.emplace_back(promise);
  tell_self_later(self_, std::chrono::milliseconds(message.grace_ms), drain_deadline{});
  return promise;
}

void session_state::drain_if_done() {
  if (turn_) return;
  for (auto& waiting : std::exchange(draining_for_, {})) waiting.deliver({});
}

std::string session_state::to_json() const {
  return "{\"number\":" + std::to_string(durable_number_) + ",\"watchers\":" + std::to_string(watchers_.size())
         + ",\"history\":" + std::to_string(history_.size()) + ",\"queued\":" + std::to_string(queue_.size())
         + ",\"in_turn\":" + (turn_ ? "true" : "false") + ",\"draining\":" + (draining_ ? "true" : "false") + "}";
}

}  // namespace troupe
