#pragma once

/// \file
/// How the six levels move (contracts/character.md 7.3): by a reply's tone and
/// the message's words, back to rest with time, and over a long absence.
/// Pure functions on values; times in µs. Levels stay within 0 and 100.

#include "characters/definition.hpp"

#include <cstdint>
#include <string_view>

namespace troupe::characters {

inline double level(const levels& of, neurochemical which) {
  return of[static_cast<std::size_t>(which)];
}

/// The tone table's row; a tone it does not know moves nothing.
levels tone_changes(std::string_view tone);

/// What the message's words do, each effect once. `lower`: lower case.
levels word_changes(std::string_view lower);

/// One turn. A table change that leads away from 50 is damped by the distance
/// gone already, so that a lasting mood cannot saturate a level; `sensitivity`
/// multiplies the whole of a turn's change.
void react(levels& now, std::string_view tone, double confidence, std::string_view lower, const levels& sensitivity);

/// Towards rest, if at least 60 s have passed since `last_us`, which then is `now_us`.
void decay(levels& now, std::int64_t& last_us, std::int64_t now_us);

/// Nobody was there for so long; below an hour nothing happens.
void rest(levels& now, double hours);

}  // namespace troupe::characters
