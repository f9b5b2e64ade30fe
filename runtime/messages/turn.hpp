#pragma once

/// \file
/// Messages between a connection and a session, and between a session and its
/// runner: one conversation's turns (DESIGN §4).
///
/// Numbers: journaled events of a session carry gapless sequence numbers from
/// 1. A delta carries its turn and the byte offset of its text in that turn's
/// reply. A client that resumes names the last number it saw and, of an open
/// turn, how many bytes.

#include "runtime/failure.hpp"
#include "runtime/message_macros.hpp"
#include "runtime/messages/chat.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/messages/memory_record.hpp"
#include "runtime/shared_bytes.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// First field of every message of a turn.
struct turn_ref {
  std::uint64_t trace = 0;   ///< the trace this turn belongs to
  std::uint64_t turn = 0;    ///< chosen at random by the connection; 0 is no turn
  std::int64_t sent_at = 0;  ///< monotonic clock of the sender, ns
  bool operator==(const turn_ref&) const = default;
};
TROUPE_MESSAGE(turn_ref, trace, turn, sent_at)

/// Who a turn's text is kept for once its client has gone.
enum class session_retention : std::uint8_t {
  ephemeral,  ///< gone with its connection (Luna's contract)
  resumable,  ///< kept until closed or expired; a client may come back
};

/// What a second turn does while one is in flight.
enum class turn_policy : std::uint8_t { queue, interrupt, refuse };

/// How a session was opened. Journaled with its first event.
struct session_spec {
  std::string id;         ///< 32 hex digits, unguessable: naming it is the right to resume it
  std::string dialect;    ///< "luna"
  std::string principal;  ///< whose it is; also names the memory space. Empty: nobody's, no memory
  std::string system;     ///< system instruction: persona, then the client's memories
  session_retention retention = session_retention::ephemeral;
  std::int64_t opened_at = 0;  ///< wall clock, ms since the epoch
  bool operator==(const session_spec&) const = default;
};
TROUPE_MESSAGE(session_spec, id, dialect, principal, system, retention, opened_at)

enum class event_kind : std::uint8_t {
  opened = 1,
  user = 2,           ///< a turn began; `text` is the prompt as the model got it
  reply = 3,          ///< the turn ended well; `text` is the whole reply
  failed = 4,         ///< the turn ended with an error; `text` is the error
  cancelled = 5,      ///< stopped on request; `text` is what had been said
  interrupted = 6,    ///< ended by a crash or a shutdown
  tool_begun = 7,     ///< a tool was called in this turn; `text` is the call as JSON
  tool_finished = 8,  ///< and answered; `text` is the result as JSON
};
const char* to_string(event_kind kind) noexcept;

/// One journaled event of a session.
struct session_event {
  std::uint64_t number = 0;
  std::uint64_t turn = 0;
  event_kind kind = event_kind::opened;
  std::int64_t at = 0;  ///< wall clock, ms
  std::string text;
  bool operator==(const session_event&) const = default;
};
TROUPE_MESSAGE(session_event, number, turn, kind, at, text)

/// Connection → session: watch this conversation. Opens it if it is new and
/// `create` is set.
struct session_attach {
  session_spec spec;
  bool create = true;
  caf::actor watcher;
  std::uint64_t after_number = 0;  ///< last number the client has
  std::uint64_t turn = 0;          ///< the open turn the client saw, or 0
  std::uint64_t offset = 0;        ///< bytes of that turn's reply the client has
  caf::actor tools;                ///< the watcher's own tools and memories; none: it has none
  bool operator==(const session_attach&) const = default;
};
TROUPE_MESSAGE(session_attach, spec, create, watcher, after_number, turn, offset, tools)

/// The answer: taken in the same handler that subscribes the watcher, so that
/// nothing is lost or doubled between it and the first event that follows.
struct session_attached {
  session_spec spec;
  std::uint64_t last_number = 0;
  std::vector<session_event> missed;  ///< events with a number above `after_number`
  std::uint64_t open_turn = 0;        ///< turn in flight, or 0
  std::uint64_t offset = 0;           ///< where `open_text` begins
  std::string open_text;              ///< its reply from `offset` on
  bool operator==(const session_attached&) const = default;
};
TROUPE_MESSAGE(session_attached, spec, last_number, missed, open_turn, offset, open_text)

/// Connection → session, request: one user turn. Answered with
/// `turn_accepted` when the turn has its place in the order of events, or a
/// `busy`, `cancelled` or `read_only` error.
struct turn_submit {
  turn_ref ref;
  std::string prompt;    ///< what the model gets as the user's turn
  std::string query;     ///< what memory is asked with; empty: no recall
  std::string teaching;  ///< the user's own words, from which memory learns; empty: nothing is learnt
  turn_policy policy = turn_policy::queue;
  bool operator==(const turn_submit&) const = default;
};
TROUPE_MESSAGE(turn_submit, ref, prompt, query, teaching, policy)

struct turn_accepted {
  turn_ref ref;
  bool queued = false;  ///< another turn is in flight; this one waits
  bool operator==(const turn_accepted&) const = default;
};
TROUPE_MESSAGE(turn_accepted, ref, queued)

/// Urgent: end this turn, also one whose `turn_submit` is still on its way.
/// `ref.turn` 0 stops whatever is in flight or queued.
struct turn_stop {
  turn_ref ref;
  bool operator==(const turn_stop&) const = default;
};
TROUPE_MESSAGE(turn_stop, ref)

/// Session → watchers: a turn's user event is durable; its reply may follow.
struct turn_started {
  turn_ref ref;
  std::uint64_t number = 0;
  bool operator==(const turn_started&) const = default;
};
TROUPE_MESSAGE(turn_started, ref, number)

/// Session → watchers: a piece of the reply, whole UTF-8 characters.
struct turn_delta {
  turn_ref ref;
  std::uint64_t offset = 0;
  shared_bytes text;
  bool operator==(const turn_delta&) const = default;
};
TROUPE_MESSAGE(turn_delta, ref, offset, text)

/// Session → watchers: the turn's one end. Sent after the event is durable;
/// `number` is 0 when the end could not be journaled.
struct turn_ended {
  turn_ref ref;
  std::uint64_t number = 0;
  event_kind kind = event_kind::reply;  ///< reply, failed, cancelled or interrupted
  shared_bytes text;                    ///< the whole reply as far as it came
  failure error;                        ///< of a failed turn
  bool operator==(const turn_ended&) const = default;
};
TROUPE_MESSAGE(turn_ended, ref, number, kind, text, error)

/// Connection → session: the watcher leaves. With `close` the conversation
/// ends: its turn is cancelled and, unless it is resumable, its text deleted.
struct session_detach {
  caf::actor watcher;
  bool close = false;
  bool operator==(const session_detach&) const = default;
};
TROUPE_MESSAGE(session_detach, watcher, close)

/// Session → watchers: the session lost what it had in memory (it was
/// restarted in place, or ends). Turns of yours that were open are over; attach
/// again before the next.
struct session_reset {
  std::string id;
  bool operator==(const session_reset&) const = default;
};
TROUPE_MESSAGE(session_reset, id)

// -- session and runner -------------------------------------------------------

/// Session → its runner, once: the turn to run.
struct run_turn {
  turn_ref ref;
  std::string system;
  std::vector<chat_message> history;  ///< oldest first, without this turn
  std::string prompt;
  std::string query;
  std::vector<caf::actor> memories;  ///< whom to ask for memories: the principal's space, then clients'
  std::vector<std::string> noted;    ///< what memory will keep of the user's words
  std::vector<caf::actor> tools;     ///< tool sources; of two tools with one name the first is taken
  std::vector<memory_hit> recalled;  ///< what has been recalled already
  model_options options;
  bool operator==(const run_turn&) const = default;
};
TROUPE_MESSAGE(run_turn, ref, system, history, prompt, query, memories, noted, tools, recalled, options)

/// Urgent, session → runner: the turn is over; end yourself. It may overtake
/// the `run_turn`.
struct run_cancel {
  bool operator==(const run_cancel&) const = default;
};
TROUPE_SIGNAL(run_cancel)

/// Runner → session.
struct run_delta {
  turn_ref ref;
  std::string text;
  bool operator==(const run_delta&) const = default;
};
TROUPE_MESSAGE(run_delta, ref, text)

/// Runner → session, request → `run_tools_saved`: these calls are about to be
/// begun. Answered when that is durable, so that after a crash it is known that
/// they may have happened.
struct run_tools_begin {
  turn_ref ref;
  std::vector<tool_call> calls;
  bool operator==(const run_tools_begin&) const = default;
};
TROUPE_MESSAGE(run_tools_begin, ref, calls)

/// Runner → session, request → `run_tools_saved`: a call's result, before the
/// model gets it.
struct run_tool_finished {
  turn_ref ref;
  tool_result result;
  bool operator==(const run_tool_finished&) const = default;
};
TROUPE_MESSAGE(run_tool_finished, ref, result)

struct run_tools_saved {
  bool operator==(const run_tools_saved&) const = default;
};
TROUPE_SIGNAL(run_tools_saved)

/// Runner → itself: the tool calls of a round have had their time, or with
/// `approval` whoever was to allow them has.
struct tools_deadline {
  std::uint32_t round = 0;
  bool approval = false;
  bool operator==(const tools_deadline&) const = default;
};
TROUPE_MESSAGE(tools_deadline, round, approval)

/// Runner → session: the run's one end; `error.kind` is `none` when it went well.
struct run_ended {
  turn_ref ref;
  failure error;
  std::uint64_t tokens_in = 0;  ///< of all its model calls, as far as the model says
  std::uint64_t tokens_out = 0;
  bool operator==(const run_ended&) const = default;
};
TROUPE_MESSAGE(run_ended, ref, error, tokens_in, tokens_out)

/// Runner → itself: recall has had its time; go on without memories.
struct recall_deadline {
  std::uint64_t turn = 0;
  bool operator==(const recall_deadline&) const = default;
};
TROUPE_MESSAGE(recall_deadline, turn)

/// Question → its asker: the model's whole answer, or why there is none.
struct model_answered {
  turn_ref ref;
  std::string text;
  failure error;
  bool operator==(const model_answered&) const = default;
};
TROUPE_MESSAGE(model_answered, ref, text, error)

TROUPE_INTERFACE(session_actor, TROUPE_ASKS(session_attach, session_attached), TROUPE_ASKS(turn_submit, turn_accepted),
                 TROUPE_TELLS(turn_stop), TROUPE_TELLS(session_detach), TROUPE_TELLS(run_delta),
                 TROUPE_TELLS(run_ended), TROUPE_TELLS(model_answered), TROUPE_ASKS(run_tools_begin, run_tools_saved),
                 TROUPE_ASKS(run_tool_finished, run_tools_saved), TROUPE_ASKS(drain, drained),
                 TROUPE_TELLS(drain_deadline), TROUPE_TELLS(idle_check), TROUPE_TELLS(sleep_now));

}  // namespace troupe
