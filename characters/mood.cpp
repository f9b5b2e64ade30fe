#include "characters/mood.hpp"

#include "characters/json_parts.hpp"
#include "characters/neurochemistry.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace troupe::characters {
namespace {

struct named_levels {
  double dopamine, serotonin, oxytocin, endorphins, cortisol, adrenaline;
};

named_levels by_name(const levels& now) {
  return {now[0], now[1], now[2], now[3], now[4], now[5]};
}

constexpr double quick_volatility = 0.6;
constexpr double kept_share = 0.8;

}  // namespace

std::string_view mood_word(const levels& now) {
  const auto [dopamine, serotonin, oxytocin, endorphins, cortisol, adrenaline] = by_name(now);
  if (dopamine > 70 && serotonin > 60) return "happy";
  if (dopamine > 75 && adrenaline > 65) return "excited";
  if (cortisol > 70) return "anxious";
  if (serotonin < 30 && dopamine < 40) return "sad";
  if (cortisol > 60 && adrenaline > 60) return "stressed";
  if (serotonin > 70 && cortisol < 40) return "calm";
  if (dopamine > 60 && adrenaline < 40) return "content";
  return "neutral";
}

double mood_intensity(std::string_view word, const levels& now, double otherwise) {
  const auto [dopamine, serotonin, oxytocin, endorphins, cortisol, adrenaline] = by_name(now);
  double intensity = otherwise;
  if (word == "anxious") intensity = cortisol / 100;
  if (word == "happy") intensity = (dopamine + oxytocin) / 200;
  if (word == "excited") intensity = dopamine / 100;
  if (word == "content") intensity = oxytocin / 100;
  if (word == "calm") intensity = serotonin / 100;
  if (word == "stressed") intensity = (cortisol + adrenaline) / 200;
  if (word == "sad" || word == "tired") intensity = (100 - dopamine + cortisol) / 200;
  if (word == "neutral") intensity = 0.5;
  return std::min(intensity, 1.0);
}

mood::drive drives_of(const levels& now) {
  const auto [dopamine, serotonin, oxytocin, endorphins, cortisol, adrenaline] = by_name(now);
  return {std::clamp(0.3 * dopamine + 0.4 * adrenaline + 0.2 * endorphins - 0.1 * cortisol, 0.0, 100.0),
          std::clamp(0.4 * oxytocin + 0.3 * serotonin + 0.2 * dopamine - 0.1 * cortisol, 0.0, 100.0),
          std::clamp(0.3 * dopamine + 0.2 * adrenaline + 0.2 * serotonin - 0.3 * cortisol, 0.0, 100.0)};
}

namespace {

mood::drive smoothed(const mood::drive& old, const mood::drive& computed) {
  const auto mix = [](double before, double now) { return kept_share * before + (1 - kept_share) * now; };
  return {mix(old.energy, computed.energy), mix(old.sociability, computed.sociability), mix(old.focus, computed.focus)};
}

}  // namespace

mood mood::of(const definition& who) {
  const auto& baseline = object_at(who.config, "mood_baseline");
  mood result;
  result.word = text_at(baseline, "current_state", "neutral");
  result.intensity = number_at(baseline, "intensity", 0.5);
  result.duration = static_cast<std::int64_t>(std::clamp(number_at(baseline, "duration", 1), 0.0, 1e9));
  result.triggered_by = text_at(baseline, "triggered_by", "initialization");
  return result;
}

void mood::follow(const levels& now, double volatility, std::string_view tone, double confidence) {
  const std::string computed(mood_word(now));
  if (computed != word && (volatility >= quick_volatility || computed == next_word)) {
    word = computed;
    duration = 1;
    triggered_by = "neurochemical_change";
    next_word.clear();
  } else {
    ++duration;
    next_word = computed == word ? std::string() : computed;
  }
  intensity = mood_intensity(word, now, intensity);
  const drive computed_drives = drives_of(now);
  drives = drives ? smoothed(*drives, computed_drives) : computed_drives;
  if (tone != "neutral") {
    recent_tone = tone;
    impact = confidence;
  }
}

void mood::refresh(const levels& now) {
  const std::string_view computed = mood_word(now);
  if (computed != word) {
    word = computed;
    duration = 1;
    triggered_by = "neurochemical_change";
  }
  next_word.clear();
  intensity = mood_intensity(word, now, intensity);
  if (drives) drives = smoothed(*drives, drives_of(now));
}

boost::json::object mood::object(const definition& who) const {
  const auto& baseline = object_at(who.config, "mood_baseline");
  boost::json::object result = {{"current_state", word},
                                {"intensity", intensity},
                                {"duration", duration},
                                {"baseline_setpoint", number_at(baseline, "baseline_setpoint", 0.5)},
                                {"emotional_volatility", who.emotional_volatility},
                                {"triggered_by", triggered_by},
                                {"typical_moods", array_at(baseline, "typical_moods")},
                                {"mood_triggers", object_at(baseline, "mood_triggers")}};
  if (drives) {
    result["energy_level"] = drives->energy;
    result["sociability"] = drives->sociability;
    result["focus_level"] = drives->focus;
  }
  if (!recent_tone.empty()) {
    result["recent_interaction_tone"] = recent_tone;
    result["interaction_impact"] = impact;
  }
  return result;
}

}  // namespace troupe::characters
