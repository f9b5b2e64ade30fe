#include "characters/bookkeeping.hpp"

#include "characters/texts.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace troupe::characters {
namespace {

constexpr std::array<std::string_view, 4> technology = {"programming", "code", "software", "development"};
constexpr std::array<std::string_view, 6> emotions = {"feeling", "emotion", "mood", "happy", "sad", "angry"};
constexpr std::array<std::string_view, 5> goals = {"goal", "plan", "future", "dream", "ambition"};
constexpr std::array<std::string_view, 4> learning = {"learn", "teach", "explain", "understand"};
constexpr std::array<std::string_view, 4> relationships = {"friend", "relationship", "family", "love"};
constexpr std::array<std::string_view, 5> goal_words = {"goal", "want", "need", "plan", "achieve"};

}  // namespace

std::string_view stage_of(std::int64_t interaction_count) {
  if (interaction_count <= 1) return "first_meeting";
  if (interaction_count <= 5) return "getting_acquainted";
  if (interaction_count <= 15) return "building_rapport";
  return interaction_count <= 50 ? "established_relationship" : "deep_connection";
}

std::string_view topic_of(std::string_view lower) {
  if (has_any(lower, technology)) return "technology";
  if (has_any(lower, emotions)) return "emotions";
  if (has_any(lower, goals)) return "goals_and_aspirations";
  if (has_any(lower, learning)) return "learning";
  if (has_any(lower, relationships)) return "relationships";
  return "general_conversation";
}

void relate(relationship& bond, std::string_view message, std::string_view reply, bool formed) {
  const sentiment said = weigh(message);
  const sentiment answered = weigh(reply);
  const std::size_t pleasant = said.pleasant + answered.pleasant;
  const std::size_t unpleasant = said.unpleasant + answered.unpleasant;
  double change = 0;
  bond.last_quality = "neutral";
  if (pleasant > unpleasant) {
    bond.last_quality = "positive";
    change = 0.05;
  } else if (pleasant < unpleasant) {
    bond.last_quality = "negative";
    change = -0.03;
  }
  bond.trust = std::clamp(bond.trust + change, 0.0, 1.0);
  ++bond.interactions;
  if (formed) ++bond.shared_experiences;
  bond.connection = std::min(1.0, static_cast<double>(bond.interactions) / 50) * bond.trust;
}

void keep_books(life_state& life, std::string_view tone, std::string_view lower) {
  auto& tones = life.tone_history;
  if (boost::json::value* count = tones.if_contains(tone))
    *count = count->to_number<std::int64_t>() + 1;
  else if (tones.size() < most_tones)
    tones[tone] = 1;
  std::int64_t most = 0;
  for (const auto& [name, count] : tones) {
    if (count.to_number<std::int64_t>() <= most) continue;
    most = count.to_number<std::int64_t>();
    life.dominant_tone = name;
  }
  if (has_any(lower, goal_words)) ++life.goals.related_interactions;
}

}  // namespace troupe::characters
