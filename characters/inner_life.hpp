#pragma once

/// \file
/// A character's inner life: what it feels, wants and recalls, and how a turn
/// changes that (contracts/character.md §7 to §9).
///
///     auto plan = life.begin_turn(message, context, memories, now_us);
///     ... a language model answers plan.system, plan.history, plan.prompt ...
///     auto told = life.end_turn(plan, raw_answer, now_us);
///     // told.body goes to the client, told.episode to memory; keep life.encode()
///
/// Turns are strictly one after another: `begin_turn`, then one of `end_turn`
/// and `fall_back`, or `abandon_turn`, which leaves it as it was before.
///
/// Ownership: a value, with its definition. Thread safety: values; no I/O, no
/// clock: every time is an argument, wall clock in µs since the epoch.
/// Deterministic: the same calls give the same results.
/// Errors: as each function says; objects of a client are checked by the caller.
/// Cost: a turn is some passes over its texts; `encode` about 10 KB of JSON.

#include "characters/definition.hpp"
#include "runtime/local_timestamp.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::characters {

/// What was recalled for a turn.
struct recollection {
  std::string text;
  double similarity = 0;  ///< 0 to 1
  double valence = 0;     ///< -1 to 1
};

/// Who said what, oldest first; for the model.
struct spoken {
  bool by_character = false;
  std::string text;
};

/// A turn that has begun: what the model is asked (contract 7.6, 7.7).
struct turn_plan {
  std::string system;  ///< who it is, how it feels, how it is to answer
  std::vector<spoken> history;
  std::string prompt;  ///< the user's message
  double temperature = 0.8;
  std::uint32_t max_tokens = 400;

  struct synthesis;  ///< what the specialists came to; only this folder looks inside
  std::shared_ptr<const synthesis> made_from;
  std::int64_t began_us = 0;
};

/// An experience to be remembered (contract 8.1, 8.2).
struct episode {
  std::string experience_id;  ///< "exp_" and 12 hex digits
  std::string text;           ///< both sides of the turn
  double importance = 0;      ///< `intensity`, 0.1 to 1
  /// timestamp, emotional_state, valence, intensity, experience_type, tags, ...
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// A turn that has ended.
struct turn_outcome {
  std::string reply;         ///< cleaned up, never empty
  boost::json::object body;  ///< the fields of `chat_response` (contract 5.3, 5.4) but `success` and `error`
  std::optional<episode> memory;
};

class inner_life {
 public:
  /// As it begins: levels, mood and goals as the definition says.
  inner_life(definition who, std::int64_t now_us);
  ~inner_life();
  inner_life(inner_life&&) noexcept;
  inner_life& operator=(inner_life&&) noexcept;
  inner_life(const inner_life&);
  inner_life& operator=(const inner_life&);

  const definition& who() const;

  /// Its file has changed: personality, style, baseline and the like are new,
  /// what it has lived through stays.
  void adopt(definition who);
  /// Somebody comes back, or it was loaded: long absence moves the levels (7.3).
  /// Whether it did.
  bool reunite(std::int64_t now_us);

  /// `context`: the request's, or null.
  turn_plan begin_turn(std::string_view message, const boost::json::object* context,
                       const std::vector<recollection>& recalled, std::int64_t now_us);
  turn_outcome end_turn(const turn_plan& plan, std::string_view raw_answer, std::int64_t now_us);
  /// No answer could be had (7.8): a stock line in its voice. `why` is for
  /// `generation_info.error_message`, without secrets.
  turn_outcome fall_back(const turn_plan& plan, std::string_view why, std::int64_t now_us);
  void abandon_turn(const turn_plan& plan);

  void reset(bool preserve_memories, std::int64_t now_us);

  // -- what clients see (5.3, 5.5)
  boost::json::object character_info() const;
  boost::json::object character_summary() const;
  boost::json::object vitals() const;
  boost::json::array conversation_history() const;
  boost::json::object performance() const;

  // -- save files (9), which are also what is kept in the store
  boost::json::object encode(std::int64_t now_us) const;
  /// Ours, the original's, and older ones without the newer keys.
  static expected<inner_life> decode(const boost::json::object& file, std::int64_t now_us);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// A search result's entry (8.3) from what `episode` put into a memory record.
boost::json::object memory_entry(std::string_view text, double similarity,
                                 const std::vector<std::pair<std::string, std::string>>& metadata);

/// A time as `local_timestamp` writes it, with or without zone; nothing if it is no time.
std::optional<std::int64_t> read_timestamp(std::string_view text);

/// Takes the reasoning blocks (7.7) out of a stream of pieces, which may cut a
/// tag anywhere. What it gives back is whole characters if what it got is.
class reasoning_filter {
 public:
  std::string feed(std::string_view piece);
  std::string finish();

 private:
  std::string held_;
  std::string closing_;  ///< the tag that ends the block it is in; empty: it is in none
};

}  // namespace troupe::characters
