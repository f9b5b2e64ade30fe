#pragma once

/// Characters for tests, made by hand: what a file would be after reading.

#include "characters/inner_life.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::characters::test {

inline constexpr std::int64_t second = 1'000'000;
inline constexpr std::int64_t minute = 60 * second;
inline constexpr std::int64_t hour = 60 * minute;
/// Some moment of 2031.
inline constexpr std::int64_t noon = 1'932'897'600 * second;

/// For comparing what arithmetic in another order may round otherwise.
inline double rounded(double value) {
  return std::round(value * 1e9) / 1e9;
}

inline boost::json::object parsed(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text.data(), text.size())).as_object();
}

inline std::string text_in(const boost::json::object& from, std::string_view key) {
  const auto& text = from.at(key).as_string();
  return {text.data(), text.size()};
}

inline double number_in(const boost::json::object& from, std::string_view key) {
  return from.at(key).to_number<double>();
}

/// All levels 50, all traits 0.5, neutral: nothing about it moves by itself.
inline definition somebody() {
  definition who;
  who.id = "somebody";
  who.name = "Alex Reed";
  who.archetype = "neighbour";
  who.baseline = {50, 50, 50, 50, 50, 50};
  who.sensitivity = {1, 1, 1, 1, 1, 1};
  who.config = parsed(R"({"character_id": "somebody", "name": "Alex Reed", "archetype": "neighbour",
    "demographics": {}, "personality": {"big_five": {}, "behavioral_traits": [], "core_values": []},
    "communication_style": {"verbal_pattern": "moderate"}, "initial_goals": [],
    "mood_baseline": {"current_state": "neutral", "intensity": 0.5, "duration": 1, "baseline_setpoint": 0.5,
      "emotional_volatility": 0.5, "triggered_by": "initialization", "typical_moods": ["neutral", "content"],
      "mood_triggers": {}}})");
  return who;
}

/// A calm, systematic woman of few words.
inline definition pilot() {
  definition who = somebody();
  who.id = "harbor-pilot";
  who.name = "Ines Calloway";
  who.archetype = "steady_guide";
  who.baseline = {55, 65, 48, 44, 28, 25};
  who.big_five = {0.6, 0.8, 0.4, 0.6, 0.3};
  who.emotional_volatility = 0.2;
  who.config = parsed(R"({"character_id": "harbor-pilot", "name": "Ines Calloway", "archetype": "steady_guide",
    "demographics": {"age": 52, "occupation": "harbour pilot", "interests": ["kelp", "charts"]},
    "personality": {
      "big_five": {"openness": 0.6, "conscientiousness": 0.8, "extraversion": 0.4, "agreeableness": 0.6,
                   "neuroticism": 0.3},
      "behavioral_traits": [{"trait": "patient", "intensity": 0.5}, {"trait": "dry", "intensity": 0.5}],
      "core_values": [{"value": "safety", "priority": 9}], "quirks": ["taps the barometer"], "strengths": [],
      "weaknesses": []},
    "specialty": {"domain": "navigation", "expertise_level": 0.9, "experience_years": 30,
                  "subdomain_knowledge": ["tides"], "certifications": [], "notable_achievements": []},
    "communication_style": {"verbal_pattern": "concise", "formality_level": "moderate", "quirks": ["says aye"]},
    "initial_goals": [{"goal_id": "g1", "goal_type": "long_term", "description": "Train an apprentice",
                       "priority": 8, "progress": 0}],
    "mood_baseline": {"current_state": "calm", "intensity": 0.6, "duration": 1, "baseline_setpoint": 0.6,
      "emotional_volatility": 0.2, "triggered_by": "initialization", "typical_moods": ["calm", "curious"],
      "mood_triggers": {}},
    "neurochemical_baseline": {"dopamine": 55, "serotonin": 65, "oxytocin": 48, "endorphins": 44, "cortisol": 28,
                               "adrenaline": 25},
    "backstory": "Born on a barge.\n- Lost it in a storm.", "development": {"key_experiences": ["the great flood"]}})");
  return who;
}

/// One whole turn.
inline turn_outcome say(inner_life& life, std::string_view message, std::string_view answer, std::int64_t at,
                        std::int64_t took = 0) {
  return life.end_turn(life.begin_turn(message, nullptr, {}, at), answer, at + took);
}

inline levels levels_of(const inner_life& life) {
  const boost::json::object summary = life.character_summary();
  const auto& shown = summary.at("neurochemical_state").as_object();
  levels result{};
  for (std::size_t i = 0; i < neurochemical_count; ++i) result[i] = number_in(shown, neurochemical_names[i]);
  return result;
}

inline boost::json::object mood_of(const inner_life& life) {
  return life.character_summary().at("mood_state").as_object();
}

}  // namespace troupe::characters::test
