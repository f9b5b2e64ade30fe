#pragma once

/// \file
/// Which turns become memories, and how strong ones (contracts/character.md
/// 8.1 to 8.3). Pure.

#include "characters/inner_life.hpp"

#include <string_view>

namespace troupe::characters {

/// `lower`: the message in lower case.
bool is_memorable(std::string_view tone, double confidence, std::string_view lower);

/// -1 to 1, over both sides of a turn.
double valence_of(std::string_view message, std::string_view reply);
/// 0.1 to 1, over both sides of a turn.
double intensity_of(std::string_view message, std::string_view reply);

/// `exp_` and 12 hex digits.
std::string experience_id(std::string_view character_id, std::string_view iso_time);

struct exchange {
  std::string_view character_id;
  std::string_view name;
  std::string_view message;
  std::string_view reply;
  std::string_view tone;
  std::string_view mood_word;
  std::string_view topic;
};
episode remembered(const exchange& turn, std::int64_t at_us);

}  // namespace troupe::characters
