#pragma once

/// \file
/// Six specialists look at a turn, and what they say becomes one: its tone,
/// confidence, style of thinking and strategy (contracts/character.md 7.6).
/// Computed from the state alone; no language model is asked. Values.

#include "characters/inner_life.hpp"
#include "characters/life_state.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::characters {

inline constexpr std::size_t specialist_count = 6;
inline constexpr std::array<std::string_view, specialist_count> specialist_names = {
    "neurochemical", "personality", "mood", "communication_style", "goals", "memory"};
inline constexpr std::array<double, specialist_count> specialist_weights = {1.0, 0.9, 0.95, 0.85, 0.8, 0.9};

struct specialist {
  std::string_view name;
  double confidence = 0.1;
  double priority = 0.1;
  double weight = 0;
  std::string tone = "neutral";
  std::string content;  ///< what to bear in mind; may be empty
};

struct strategy {
  std::string approach = "balanced";
  std::string complexity = "moderate";
  std::string engagement = "moderate";
  std::string visibility = "moderate";
  std::string focus = "balanced";

  boost::json::object object() const;
};

struct turn_plan::synthesis {
  std::array<specialist, specialist_count> specialists;
  std::string tone;
  double confidence = 0;
  std::string primary;
  int conflicts = 0;
  double load = 0;
  double self_awareness = 0;
  std::string thinking_style;
  strategy how;
  std::string message;  ///< as the user sent it
  std::size_t prompt_length = 0;

  // -- what `abandon_turn` puts back
  std::uint64_t turn = 0;
  conversation talk_before;
  std::optional<history_entry> forgotten;
};

std::array<specialist, specialist_count> consult(const life_state& life, const std::vector<recollection>& recalled);

/// What comes of them for a message; its other parts are the caller's.
turn_plan::synthesis synthesise(const life_state& life, std::string_view message,
                                const std::vector<recollection>& recalled);

/// For the model (7.7).
double temperature_for(const turn_plan::synthesis& made);
std::uint32_t token_limit_for(const turn_plan::synthesis& made);

}  // namespace troupe::characters
