#pragma once

/// \file
/// What one conversation must look like, known from the client's side alone:
/// what was sent, what was told in answer, and the log as it was last read.
///
/// A log read after a restart is compared with all of it (docs/luna.md,
/// "numbers and resuming"):
///   1. Numbers are gapless from 1; `opened` is first and only there.
///   2. Every `user` event is followed by the one end of its turn; only the
///      turn in flight has none, and after a restart there is no such turn.
///   3. No turn id and no request occurs twice.
///   4. What was read before is unchanged.
///   5. What was told (number, turn, text) is there. A turn's streamed text is
///      how its reply begins.
///   6. `interrupted` ends only what nobody was told the end of, at most one turn
///      for each end of the server, as its last event; `cancelled` only follows
///      a stop; `failed` is always wrong, since the offline model does not fail.
///
/// Ownership: its client's. Thread safety: none.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace troupe::crash {

using problems = std::vector<std::string>;

struct event {
  std::uint64_t number = 0;
  std::string kind;
  std::string turn;
  std::int64_t at = 0;
  std::string text;
  bool operator==(const event&) const = default;
};

/// One request of the client that has no end yet.
struct sent_request {
  std::string marker;
  bool whole = false;  ///< answered by one `text_session_result`, not by chunks
  std::string turn;    ///< once it is told
};

/// What the client was told of one turn.
struct told_turn {
  std::string marker;
  bool whole = false;
  std::uint64_t user_number = 0;
  std::string streamed;
  std::uint64_t end_number = 0;  ///< 0: not told
  bool replied = false;          ///< the end was an acknowledgement, not an error
  std::string text;              ///< of the acknowledged reply
};

/// Every request carries one: a word that occurs nowhere else.
std::string marker_of(unsigned client, unsigned number);
/// The marker in a text, empty if there is none.
std::string find_marker(const std::string& text);

class conversation {
 public:
  explicit conversation(std::string id = {}) : id(std::move(id)) {}

  std::string id;
  bool stopped = false;              ///< the client has stopped it at least once
  bool touched = false;              ///< talked in since it was checked after a restart
  std::deque<sent_request> pending;  ///< in the order sent, on the present connection
  std::map<std::string, told_turn> told;

  const std::vector<event>& log() const { return log_; }

  /// Takes in the events after number `after` and compares them with all that
  /// is known. `open_turn`: the turn in flight, if any. `restarted`: the server
  /// has ended since the log was read last.
  void take(std::uint64_t after, std::vector<event> events, const std::string& open_turn, bool restarted,
            problems& found);
  /// Everything known, for the report of a failure.
  std::string describe() const;

 private:
  std::vector<event> log_;
};

}  // namespace troupe::crash
