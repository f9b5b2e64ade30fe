#pragma once

/// \file
/// What an inner life consists of (contracts/character.md 7.1). A value; only
/// this folder looks inside.

#include "characters/definition.hpp"
#include "characters/inner_life.hpp"
#include "characters/mood.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <deque>
#include <string>

namespace troupe::characters {

inline constexpr std::size_t most_history = 20;
inline constexpr std::size_t most_searches = 20;
inline constexpr std::size_t most_knowledge = 50;
inline constexpr std::size_t most_goals = 100;  ///< of each list
inline constexpr std::size_t most_tones = 64;
/// An entry of the history keeps so much of its text: twenty of them stay below
/// the protocol's largest message (contract 2.4), however they are escaped.
inline constexpr std::size_t longest_kept_text = 8 * 1024;
/// What clients may leave in the context.
inline constexpr std::size_t most_context_keys = 64;
inline constexpr std::size_t largest_context = 8 * 1024;
inline constexpr std::size_t longest_word = 200;  ///< of a mood, a topic, a tone

struct history_entry {
  bool by_character = false;
  std::string text;
  std::int64_t at_us = 0;
};

struct relationship {
  double trust = 0.5;
  std::int64_t interactions = 0;
  std::string last_quality = "neutral";
  std::int64_t shared_experiences = 0;
  double connection = 0;

  boost::json::object object() const;
};

struct goal_lists {
  boost::json::array active, completed, abandoned;
  std::int64_t related_interactions = 0;

  /// As the definition's `initial_goals` has them.
  static goal_lists of(const definition& who, std::int64_t now_us);
  /// The file's goals have changed: new ones are added, known ones take the
  /// file's words, those that it has no longer go; what is reached stays so.
  void adopt(const boost::json::array& before, const boost::json::array& after);
  /// Those whose `progress` is 1 become completed ones.
  void complete(std::int64_t now_us);
  boost::json::object object() const;
};

/// The context's own part; the interaction count is the life's.
struct conversation {
  std::string topic = "introduction";
  std::string stage = "first_meeting";
  std::int64_t began_us = 0;
  boost::json::object added;  ///< by clients

  /// A request's `context`. Its keys stay, but the four above are not its to
  /// keep: topic and stage hold for a turn, the others are left alone. What
  /// goes beyond the bounds is left out.
  void merge(const boost::json::object& context);
};

struct performance_counters {
  std::int64_t responses = 0;
  double response_time = 0;  ///< s
  std::int64_t successful = 0;
  std::int64_t failed = 0;
  std::int64_t memories = 0;
  std::int64_t web_searches = 0;

  double average_time() const { return responses == 0 ? 0 : response_time / static_cast<double>(responses); }
  boost::json::object object() const;
};

struct life_state {
  definition who;
  levels now{};
  mood feeling;
  goal_lists goals;
  boost::json::object tone_history;  ///< tone → turns
  std::string dominant_tone;         ///< empty before the first turn
  relationship bond;
  conversation talk;
  std::deque<history_entry> history;
  boost::json::array searches;
  boost::json::array knowledge;
  std::int64_t interaction_count = 0;
  double average_confidence = 0.5;
  performance_counters performance;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;  ///< the levels are as of then
  std::int64_t decayed_us = 0;
  std::uint64_t turns_begun = 0;
  std::uint64_t open_turn = 0;  ///< 0: none that could be abandoned

  /// Everything but what it has lived through: as the definition says.
  void begin_as_defined(std::int64_t now_us);
  /// Keeps the last `most_history`; returns what had to go.
  std::optional<history_entry> remember(bool by_character, std::string_view text, std::int64_t at_us);

  boost::json::object neurochemical_object() const;
  boost::json::object context_object() const;
  /// All seven parts of `agent_states`.
  boost::json::object agent_states() const;
};

struct inner_life::state : life_state {};

}  // namespace troupe::characters
