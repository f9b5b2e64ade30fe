#pragma once

/// \file
/// A session: one conversation (DESIGN §3, §4).
///
/// Problem: two messages of one conversation that are worked on at once make
/// its history depend on who writes last. Here the session's mailbox is the
/// order of events: one turn is in flight, the others wait, are refused or
/// interrupt it, as their `turn_policy` says.
///
/// Invariants
///   1. Journaled events have gapless numbers from 1; a number is announced
///      (`turn_started`, `turn_ended`) only when it is durable.
///   2. Every accepted turn has exactly one `turn_ended`. Deltas of a turn are
///      sent in order, after its `turn_started` and before its `turn_ended`.
///   3. After a failed append the session ends; the next to open it reads back
///      what the store has. It reads only after the journal has answered every
///      append of the one before. So a number is never used twice.
///   4. A stopped turn sends nothing after its `turn_ended`, and a turn whose
///      stop came first is refused.
///
/// Lifetime: an ephemeral session ends with its last watcher and leaves no
/// text behind; a resumable one sleeps when nobody watches and no turn is in
/// flight.
/// Bounds: `max_queued` waiting turns, then `busy`; `max_waiting` attaches
/// while it is read; history in RAM is twice `history_messages` and
/// `history_bytes`, or the last question and its answer. A longer one's older
/// part is summarised by the model, beside the turns, and the model is told that
/// it is a summary; a model that cannot summarise goes without it.

#include "actors/recent_ids.hpp"
#include "actors/runner.hpp"
#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/journal.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/messages/model.hpp"
#include "runtime/messages/turn.hpp"
#include "runtime/node_services.hpp"
#include "storage/database.hpp"
#include "storage/session_log.hpp"
#include "storage/tool_events.hpp"

#include <chrono>
#include <deque>
#include <optional>

namespace troupe {

struct session_deps {
  std::string id;
  node_services* node = nullptr;
  storage::database* database = nullptr;
  journal_actor journal;
  caf::actor keeper;         ///< of sessions: whom to ask to sleep
  caf::actor memory_keeper;  ///< none: no memory
  caf::actor model;
  std::vector<caf::actor> tools;  ///< sources that every conversation has
  caf::actor approver;            ///< see `runner_deps`
  recall_options recall;
  tool_limits tool_limit;
  std::size_t max_queued = 16;
  std::size_t max_waiting = 64;
  std::size_t history_messages = 40;
  std::size_t history_bytes = 96 * 1024;
  bool summarizes = false;          ///< the model can be asked for a summary
  std::size_t snapshot_every = 64;  ///< events
  std::chrono::milliseconds idle_after{60000};
};

struct session_state {
  using self_pointer = role<session_state, session_actor>*;
  static constexpr const char* name = "session";

  explicit session_state(self_pointer self) : self_(self) {}
  ~session_state();
  session_actor::behavior_type start(session_deps deps);
  std::string to_json() const;

 private:
  enum class phase : std::uint8_t { saving_user, running, saving_end };

  /// The turn in flight.
  struct open_turn {
    turn_submit request;
    std::uint64_t number = 0;  ///< of its user event
    phase step = phase::saving_user;
    std::string text;      ///< the reply so far
    std::size_t sent = 0;  ///< bytes of it the watchers have
    storage::turn_tools tools;
    std::optional<event_kind> end;  ///< how it ended, once that is known
    failure error;
  };

  /// An attach that came while the session was being read.
  struct waiting_attach {
    session_attach request;
    pending_answer<session_attached> answer;
    std::optional<bool> left;  ///< the watcher has gone again, and whether it closed
  };

  /// A turn's lesson that memory was told of.
  struct taught_lesson {
    turn_ref ref;
    std::string key;
    std::string teaching;
  };

  // session.cpp: opening, watchers, sleep
  void begin_loading();
  void load();
  void take_over(storage::loaded_session& found);
  void find_untaught();
  void let_in_waiting();
  bool confirm_loaded();
  caf::result<session_attached> attach(session_attach& message);
  expected<session_attached> attached(const session_attach& message);
  void detach(const caf::actor_addr& watcher, bool close);
  void close();
  void erase_and_quit();
  void end_recovered(std::uint64_t turn, std::uint64_t number);
  void idle(const idle_check& message);
  void sleep();
  /// Strangers without a name have no memory space: they would share it.
  bool remembers() const { return deps_.memory_keeper && !spec_.principal.empty(); }
  bool is_idle() const { return ready_ && !recovering_ && watchers_.empty() && !turn_ && queue_.empty() && !closing_; }
  caf::result<drained> begin_drain(const drain& message);
  static failure shutting_down() { return {failure_kind::unavailable, "the server is shutting down"}; }
  void drain_if_done();
  template <class Message>
  void broadcast(Message message);
  void say_ended(turn_ended message);
  void end_trace(const turn_ref& ref, event_kind kind, failure_kind error = failure_kind::none);
  bool watched_by(const caf::strong_actor_ptr& sender) const;

  // session_turns.cpp: the turn in flight
  caf::result<turn_accepted> submit(turn_submit& message);
  expected<turn_accepted> take(turn_submit& message);
  void begin(turn_submit request);
  void user_durable(std::uint64_t turn);
  void runner_ended();
  void release_runner();
  void recall_and_run(std::uint64_t turn);
  void memory_opened(const caf::actor& memory);
  void teach(const turn_ref& ref, std::uint64_t number, std::string teaching);
  void run(std::uint64_t turn);
  void delta(run_delta& message);
  void send_unsent();
  caf::result<run_tools_saved> tools_begin(const run_tools_begin& message);
  caf::result<run_tools_saved> tool_finished(const run_tool_finished& message);
  caf::result<run_tools_saved> save_tool_events(std::vector<session_event> events);
  void stop(const turn_ref& ref);
  void end_turn(event_kind kind, failure error);
  void save_end();
  void end_durable(std::uint64_t number);
  void append_failed(const caf::error& error);
  void refuse_queued(const failure& error);
  void next_turn();
  static bool is_end(event_kind kind) {
    return kind == event_kind::reply || kind == event_kind::failed || kind == event_kind::cancelled
           || kind == event_kind::interrupted;
  }
  void remember_turn(event_kind end, std::string prompt, std::string text, const storage::turn_tools& tools);

  // session_history.cpp: what the model is sent of the conversation
  void remember_in_history(std::string prompt, std::string answer);
  bool history_over(std::size_t times) const;
  std::size_t history_bytes() const;
  void shorten_history();
  void ask_for_summary();
  void summarized(model_answered& answer);
  void leave_out_oldest(std::size_t count, std::string instead);

  self_pointer self_;
  session_deps deps_;
  session_spec spec_;
  bool ready_ = false;        ///< what the store has is read
  bool recovering_ = false;   ///< the ends of turns that a crash left open are being saved
  bool unconfirmed_ = false;  ///< it was read while the store took no writes
  bool exists_ = false;       ///< its first event is in the journal, or on its way
  std::uint64_t last_number_ = 0;
  std::uint64_t durable_number_ = 0;
  std::uint64_t snapshot_number_ = 0;
  std::vector<chat_message> history_;
  std::uint64_t summary_turn_ = 0;  ///< the question that is out; 0: none
  std::size_t summary_of_ = 0;      ///< of this many messages
  bool snapshot_due_ = false;       ///< there is a summary that the store has not
  std::vector<caf::actor> watchers_;
  std::vector<std::pair<caf::actor_addr, caf::actor>> client_tools_;  ///< by watcher
  std::deque<waiting_attach> waiting_;
  std::optional<open_turn> turn_;
  std::deque<turn_submit> queue_;
  recent_ids cancelled_;
  caf::actor runner_;  ///< of the turn in flight
  caf::actor memory_;
  std::deque<taught_lesson> taught_;  ///< the last few, for a memory that ended before it took them in
  std::uint64_t activity_ = 1;        ///< counts what keeps it awake; never 0
  bool idle_timer_ = false;
  bool closing_ = false;
  bool draining_ = false;
  std::vector<pending_answer<drained>> draining_for_;
};

using session_role = role<session_state, session_actor>;

}  // namespace troupe
