#include "characters/neurochemistry.hpp"

#include "characters/texts.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::characters {
namespace {

struct tone_row {
  std::string_view tone;
  levels changes;
};

// dopamine, serotonin, oxytocin, endorphins, cortisol, adrenaline
constexpr std::array<tone_row, 9> tone_table = {{
    {"happy", {8, 6, 0, 4, -3, 0}},
    {"excited", {10, 2, 0, 3, 0, 7}},
    {"confident", {6, 8, 0, 0, -5, 2}},
    {"calm", {0, 8, 0, 2, -6, -4}},
    {"curious", {5, 2, 0, 0, 0, 3}},
    {"anxious", {-3, -4, 0, 0, 8, 6}},
    {"sad", {-4, -6, 0, -2, 4, 0}},
    {"frustrated", {-2, -3, 0, 0, 6, 5}},
    {"tired", {-4, -2, 0, 0, 2, -6}},
}};

constexpr levels decay_targets = {50, 55, 45, 40, 30, 25};
constexpr levels rest_targets = {45, 50, 40, 35, 25, 20};
constexpr double minute_us = 60e6;

constexpr std::array<std::string_view, 5> bonding_words = {"thank", "love", "friend", "help", "appreciate"};
constexpr std::array<std::string_view, 5> curious_words = {"?", "learn", "how", "what", "why"};
constexpr std::array<std::string_view, 5> trouble_words = {"problem", "issue", "wrong", "error", "help"};

double damping(double level, double change) {
  const bool away = (change > 0) == (level > 50);
  return away ? 1 - std::abs(level - 50) / 50 : 1;
}

}  // namespace

levels tone_changes(std::string_view tone) {
  for (const tone_row& row : tone_table)
    if (row.tone == tone) return row.changes;
  return {};
}

levels word_changes(std::string_view lower) {
  levels changes{};
  if (has_any(lower, bonding_words)) changes[static_cast<std::size_t>(neurochemical::oxytocin)] = 4;
  if (has_any(lower, curious_words)) changes[static_cast<std::size_t>(neurochemical::dopamine)] = 3;
  if (has_any(lower, trouble_words)) changes[static_cast<std::size_t>(neurochemical::cortisol)] = 2;
  return changes;
}

void react(levels& now, std::string_view tone, double confidence, std::string_view lower, const levels& sensitivity) {
  const levels by_tone = tone_changes(tone);
  const levels by_words = word_changes(lower);
  for (std::size_t i = 0; i < neurochemical_count; ++i) {
    const double from_tone = by_tone[i] * (0.5 + 0.5 * confidence) * damping(now[i], by_tone[i]);
    now[i] = std::clamp(now[i] + (from_tone + by_words[i]) * sensitivity[i], 0.0, 100.0);
  }
}

void decay(levels& now, std::int64_t& last_us, std::int64_t now_us) {
  const double minutes = static_cast<double>(now_us - last_us) / minute_us;
  if (minutes < 1) return;
  for (std::size_t i = 0; i < neurochemical_count; ++i) {
    if (now[i] > decay_targets[i])
      now[i] = std::max(decay_targets[i], now[i] - 2 * minutes);
    else
      now[i] = std::min(decay_targets[i], now[i] + minutes);
  }
  last_us = now_us;
}

void rest(levels& now, double hours) {
  if (hours < 1) return;
  for (std::size_t i = 0; i < neurochemical_count; ++i)
    now[i] += (rest_targets[i] - now[i]) * std::min(0.5, 0.1 * hours);
}

}  // namespace troupe::characters
