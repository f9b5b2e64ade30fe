#pragma once

/// \file
/// A character's mood: a word that follows the levels with some inertia, and
/// three numbers smoothed over turns (contracts/character.md 7.1, 7.4).
/// Values and pure functions.

#include "characters/definition.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::characters {

struct mood {
  std::string word = "neutral";
  double intensity = 0.5;
  std::int64_t duration = 1;
  std::string triggered_by = "initialization";
  std::string next_word;  ///< what the last turn came to, if that is another word
  struct drive {
    double energy = 0, sociability = 0, focus = 0;  ///< 0 to 100
    bool operator==(const drive&) const = default;
  };
  std::optional<drive> drives;  ///< none before the first turn
  std::string recent_tone;      ///< empty: none yet that was not neutral
  double impact = 0;

  /// As the definition's `mood_baseline` has it.
  static mood of(const definition& who);

  /// After a turn moved the levels. `volatility` of 0.6 and more changes the
  /// word at once, else it takes two turns that come to the same word.
  void follow(const levels& now, double volatility, std::string_view tone, double confidence);
  /// After a long absence: the word is what the levels say.
  void refresh(const levels& now);

  /// The mood object with what never changes from the definition.
  boost::json::object object(const definition& who) const;
};

/// What the levels say.
std::string_view mood_word(const levels& now);
/// By the word; a word without a rule keeps `otherwise`.
double mood_intensity(std::string_view word, const levels& now, double otherwise);
mood::drive drives_of(const levels& now);

}  // namespace troupe::characters
