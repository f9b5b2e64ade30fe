#include "characters/json_parts.hpp"
#include "characters/neurochemistry.hpp"
#include "characters/synthesis.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>

namespace troupe::characters {
namespace json = boost::json;
namespace {

std::string_view neurochemical_tone(const levels& now) {
  const double dopamine = level(now, neurochemical::dopamine);
  const double oxytocin = level(now, neurochemical::oxytocin);
  const double cortisol = level(now, neurochemical::cortisol);
  if (cortisol > 70) return "stressed";
  if (dopamine > 70 && oxytocin > 60) return "happy_connected";
  if (dopamine > 70) return "excited";
  if (level(now, neurochemical::serotonin) > 70) return "confident";
  if (oxytocin > 70) return "warm";
  if (dopamine < 40 && cortisol > 50) return "depleted";
  return "neutral";
}

std::string_view felt_as(std::string_view tone) {
  if (tone == "stressed") return "stress weighs on you";
  if (tone == "happy_connected") return "you are happy and close to the one you talk with";
  if (tone == "excited") return "you are eager and rewarded by this";
  if (tone == "confident") return "you are sure of yourself";
  if (tone == "warm") return "you feel warmth towards the one you talk with";
  if (tone == "depleted") return "you are worn out";
  return {};
}

specialist neurochemistry_view(const levels& now) {
  double distance = 0;
  for (double each : now) distance += std::abs(each - 50);
  const bool extreme = level(now, neurochemical::cortisol) > 80 || level(now, neurochemical::dopamine) < 20;
  specialist view;
  view.confidence = 1;
  view.priority = std::min(1.0, distance / neurochemical_count / 100 + 0.3 + (extreme ? 0.3 : 0));
  view.tone = neurochemical_tone(now);
  view.content = felt_as(view.tone);
  return view;
}

std::string_view personality_tone(const definition& who) {
  const auto& five = who.big_five;
  if (five.extraversion > 0.7 && five.agreeableness > 0.6) return "enthusiastic";
  if (five.neuroticism > 0.6) return "cautious";
  if (five.openness > 0.7) return "curious";
  if (five.agreeableness > 0.7) return "warm";
  if (five.extraversion < 0.4) return "reserved";
  return "balanced";
}

specialist personality_view(const definition& who) {
  const auto& five = who.big_five;
  const auto& personality = object_at(who.config, "personality");
  int shaped = 0;
  for (double each : {five.openness, five.conscientiousness, five.extraversion, five.agreeableness, five.neuroticism})
    shaped += each != 0.5;
  std::vector<std::string> traits = texts_in(array_at(personality, "behavioral_traits"), "trait");
  specialist view;
  view.confidence = std::min(1.0, 0.7 + 0.2 * shaped / 5 + (traits.empty() ? 0 : 0.1));
  view.priority = 0.8;
  view.tone = personality_tone(who);
  traits.resize(std::min<std::size_t>(traits.size(), 2));
  view.content = "by nature you are " + view.tone + (traits.empty() ? "" : ", " + joined(traits, ", "));
  return view;
}

specialist mood_view(const mood& feeling) {
  specialist view;
  view.confidence = 0.85;
  view.priority = 0.9;
  view.tone = feeling.word;
  view.content = "let a " + feeling.word + " mood be heard";
  return view;
}

specialist style_view(const definition& who) {
  const auto& style = object_at(who.config, "communication_style");
  specialist view;
  view.confidence = 0.9;
  view.priority = 0.85;
  view.tone = "stylistic";
  view.content = "speak in your " + text_at(style, "verbal_pattern", "moderate") + " way";
  return view;
}

specialist goals_view(const goal_lists& goals) {
  specialist view;
  view.confidence = 0.75;
  view.priority = 0.65;
  view.tone = "strategic";
  double highest = -1;
  for (const json::value& each : goals.active) {
    const json::object* goal = each.if_object();
    if (!goal || number_at(*goal, "priority", 5) <= highest) continue;
    highest = number_at(*goal, "priority", 5);
    view.content = "what you want most: " + text_at(*goal, "description");
  }
  return view;
}

specialist memory_view(const std::vector<recollection>& recalled) {
  specialist view;
  view.confidence = 0.95;
  view.priority = 0.9;
  if (recalled.empty()) return view;
  double valence = 0;
  for (const recollection& each : recalled) valence += each.valence;
  valence /= static_cast<double>(recalled.size());
  view.tone = valence > 0.3 ? "positive_memory" : valence < -0.3 ? "negative_memory" : "neutral_memory";
  view.content = valence > 0.3    ? "what you recall of this is pleasant"
                 : valence < -0.3 ? "what you recall of this is unpleasant"
                                  : "use what you recall, where it matters";
  return view;
}

}  // namespace

std::array<specialist, specialist_count> consult(const life_state& life, const std::vector<recollection>& recalled) {
  std::array<specialist, specialist_count> all = {neurochemistry_view(life.now), personality_view(life.who),
                                                  mood_view(life.feeling),       style_view(life.who),
                                                  goals_view(life.goals),        memory_view(recalled)};
  for (std::size_t i = 0; i < specialist_count; ++i) {
    all[i].name = specialist_names[i];
    all[i].weight = specialist_weights[i];
  }
  return all;
}

}  // namespace troupe::characters
