#pragma once

/// \file
/// Conversations as they are kept: builders of changes, and readers (DESIGN §4, §6).
///
/// A session is a snapshot (column `sessions`), its events with gapless numbers
/// from 1 (`events`), a marker for each turn that has begun and not ended
/// (`open_turns`), and the texts that memory has still to learn from
/// (`lessons`). The snapshot is written when the session opens, together with
/// its first event, and may be renewed; events stay for clients that resume.
///
/// The builders only append to `ops`; the journal writes them. What belongs
/// together goes into one batch: a user event with `put_open_turn`, the end of
/// a turn with `erase_open_turn`.
///
/// Ownership and thread safety: free functions over values; the readers may run
/// beside the writer. Errors: `corrupt` for a value that does not decode, a gap
/// in the numbers or an event without a session. Messages name a session by its
/// first digits only, since the whole id is the right to resume it. Times are
/// wall clock, ms. Cost: `load_session` reads the snapshot and the events after
/// it; the others as they say.

#include "runtime/messages/journal.hpp"
#include "runtime/messages/turn.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

/// A conversation up to and including event `last_number`.
struct session_snapshot {
  session_spec spec;
  std::uint64_t last_number = 0;
  std::vector<chat_message> history;  ///< oldest first
  bool operator==(const session_snapshot&) const = default;
};

/// A turn that has begun and not ended; `number` is that of its user event.
struct open_turn {
  std::uint64_t turn = 0;
  std::uint64_t number = 0;
  bool operator==(const open_turn&) const = default;
};

struct loaded_session {
  session_snapshot snapshot;
  std::vector<session_event> events;  ///< those after the snapshot
  std::uint64_t last_number = 0;
  std::int64_t last_activity = 0;  ///< when the last event happened
  std::vector<open_turn> open_turns;
};

// -- builders -------------------------------------------------------------------

void append_event(std::vector<write_op>& ops, std::string_view session, const session_event& event);
void put_open_turn(std::vector<write_op>& ops, std::string_view session, std::uint64_t turn, std::uint64_t number);
void erase_open_turn(std::vector<write_op>& ops, std::string_view session, std::uint64_t turn);
void put_snapshot(std::vector<write_op>& ops, const session_snapshot& snapshot);
/// Erases everything of a session but its lessons, which memory has been
/// promised. The text leaves the files when they are compacted;
/// `database::purge(session_ranges(session))` does so at once.
void erase_session(std::vector<write_op>& ops, std::string_view session);
std::vector<database::range> session_ranges(std::string_view session);

/// Appends an `interrupted` event for each open turn and erases its marker.
/// Returns those events and brings `session` up to date.
std::vector<session_event> interrupt_open_turns(std::vector<write_op>& ops, loaded_session& session,
                                                std::int64_t now_ms);

// -- readers --------------------------------------------------------------------

/// Nothing if there is no such session.
expected<std::optional<loaded_session>> load_session(const database& store, std::string_view session);
/// The events with numbers above `number`, for a client that resumes.
expected<std::vector<session_event>> events_after(const database& store, std::string_view session,
                                                  std::uint64_t number);

struct session_summary {
  session_spec spec;
  std::uint64_t last_number = 0;
  std::int64_t last_activity = 0;
};
using session_filter = std::function<bool(const session_spec&)>;
/// All sessions that are wanted, by id. One scan of the snapshots, and a seek
/// for each session that is returned.
expected<std::vector<session_summary>> list_sessions(const database& store, const session_filter& wanted = {});

// -- at start, before anybody else writes -----------------------------------------

/// Ends every turn that a crash left open, each session's in one batch.
/// Returns the number of turns.
expected<std::size_t> recover_open_turns(database& store, std::int64_t now_ms);
/// Erases ephemeral sessions, whose connections are gone, and resumable ones
/// whose last activity is more than `max_age_ms` ago. Returns their number.
expected<std::size_t> expire_sessions(database& store, std::int64_t now_ms, std::int64_t max_age_ms);

// -- codecs, for check and tests ----------------------------------------------------

std::string event_key(std::string_view session, std::uint64_t number);
std::string encode_event(const session_event& event);
/// The number of an event is in its key.
expected<session_event> decode_event(std::uint64_t number, std::string_view value);
std::string encode_snapshot(const session_snapshot& snapshot);
expected<session_snapshot> decode_snapshot(std::string_view value);
std::string encode_open_turn(std::uint64_t number);
expected<std::uint64_t> decode_open_turn(std::string_view value);

/// A session's id as it may stand in messages and logs.
std::string abbreviated(std::string_view session);

}  // namespace troupe::storage
