#include "characters/synthesis.hpp"

#include "characters/texts.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace troupe::characters {
namespace {

constexpr std::size_t neurochemical_at = 0;
constexpr std::size_t mood_at = 2;
constexpr std::size_t memory_at = 5;

/// The words that the tone table has.
std::string table_tone(std::string_view tone) {
  if (tone == "happy_connected" || tone == "warm") return "happy";
  if (tone == "stressed") return "anxious";
  if (tone == "depleted") return "tired";
  return std::string(tone);
}

struct vote {
  std::string tone;
  double weight = 0;
};

/// Who has a say in the tone. A neutral one abstains: with a say it would
/// nearly always win, and no message would ever move a balanced character.
std::vector<vote> votes_of(const std::array<specialist, specialist_count>& all, std::string_view message) {
  std::vector<vote> votes;
  const auto add = [&](std::string_view tone, double weight) {
    if (tone != "neutral" && !tone.empty()) votes.push_back({table_tone(tone), weight});
  };
  for (std::size_t i : {neurochemical_at, mood_at}) add(all[i].tone, all[i].priority * all[i].confidence);
  const sentiment felt = weigh(message);
  if (felt.pleasant != felt.unpleasant) add(felt.pleasant > felt.unpleasant ? "happy" : "sad", 0.8);
  return votes;
}

/// Of equals the one that voted first.
std::string strongest(const std::vector<vote>& votes) {
  std::string winner = "neutral";
  double most = 0;
  for (const vote& candidate : votes) {
    double sum = 0;
    for (const vote& each : votes)
      if (each.tone == candidate.tone) sum += each.weight;
    if (sum > most) {
      most = sum;
      winner = candidate.tone;
    }
  }
  return winner;
}

bool opposed(std::string_view a, std::string_view b) {
  constexpr std::pair<std::string_view, std::string_view> opposites[] = {
      {"happy", "sad"}, {"excited", "tired"}, {"calm", "anxious"}, {"confident", "insecure"}};
  return std::any_of(std::begin(opposites), std::end(opposites), [&](const auto& pair) {
    return (a == pair.first && b == pair.second) || (a == pair.second && b == pair.first);
  });
}

int conflicts_among(const std::array<specialist, specialist_count>& all, const std::vector<vote>& votes) {
  std::set<std::string> tones;
  for (const vote& each : votes) tones.insert(each.tone);
  const auto urgent = [&](auto&& holds) {
    return std::any_of(all.begin(), all.end(),
                       [&](const specialist& each) { return each.priority > 0.7 && holds(each.confidence); });
  };
  const bool unsure_beside_sure =
      urgent([](double confidence) { return confidence > 0.8; }) && urgent([](double c) { return c < 0.3; });
  return (tones.size() > 2 ? 1 : 0) + (unsure_beside_sure ? 1 : 0)
         + (opposed(table_tone(all[neurochemical_at].tone), table_tone(all[mood_at].tone)) ? 1 : 0);
}

double load_of(const std::array<specialist, specialist_count>& all, double mood_intensity) {
  double sum = 0;
  int count = 0;
  const auto add = [&](double part) {
    sum += part;
    ++count;
  };
  for (const specialist& each : all)
    if (each.priority > 0.7) add(each.priority);
  if (std::count_if(all.begin(), all.end(), [](const specialist& each) { return each.confidence > 0.8; }) > 3) add(0.8);
  if (mood_intensity > 0.7) add(mood_intensity);
  return count == 0 ? 0.3 : std::min(1.0, sum / count);
}

std::string thinking_style_of(const definition& who, std::string_view mood_word) {
  if (mood_word == "anxious" || mood_word == "stressed") return "cautious";
  if (mood_word == "excited") return "dynamic";
  const auto& five = who.big_five;
  if (five.openness > 0.7) return "creative";
  if (five.conscientiousness > 0.7) return "systematic";
  if (five.openness < 0.3 && five.conscientiousness < 0.3) return "intuitive";
  return "balanced";
}

double self_awareness_of(const std::array<specialist, specialist_count>& all) {
  double sum = all[mood_at].confidence + 0.8 * all[neurochemical_at].confidence;
  int count = 2;
  if (all[memory_at].priority > 0.7) {
    sum += 0.8;
    ++count;
  }
  return sum / count;
}

strategy strategy_of(const turn_plan::synthesis& made) {
  strategy how;
  if (made.thinking_style == "creative") how.approach = "innovative";
  if (made.thinking_style == "systematic") how.approach = "methodical";
  if (made.thinking_style == "cautious") how.approach = "careful";
  if (made.conflicts > 0) how.approach = "cautious";  // its complexity is moderate as it is
  if (made.load > 0.8) {
    how.complexity = "simple";
    how.focus = "focused";
  } else if (made.load < 0.3) {
    how.complexity = "high";
    how.focus = "comprehensive";
  }
  if (made.self_awareness > 0.8) {
    how.engagement = "high";
    how.visibility = "high";
  } else if (made.self_awareness < 0.3) {
    how.engagement = "low";
    how.visibility = "minimal";
  }
  return how;
}

}  // namespace

boost::json::object strategy::object() const {
  return {{"approach", approach},
          {"complexity_level", complexity},
          {"emotional_engagement", engagement},
          {"thinking_visibility", visibility},
          {"response_focus", focus}};
}

turn_plan::synthesis synthesise(const life_state& life, std::string_view message,
                                const std::vector<recollection>& recalled) {
  turn_plan::synthesis made;
  made.message = message;
  made.specialists = consult(life, recalled);
  const auto& all = made.specialists;
  const std::vector<vote> votes = votes_of(all, message);
  made.tone = strongest(votes);
  double weighted = 0;
  double priorities = 0;
  double highest = -1;
  for (const specialist& each : all) {
    weighted += each.confidence * each.priority;
    priorities += each.priority;
    const double rank = 0.4 * each.priority + 0.3 * each.confidence + 0.3 * each.weight;
    if (rank > highest) {
      highest = rank;
      made.primary = each.name;
    }
  }
  made.confidence = weighted / priorities;
  made.conflicts = conflicts_among(all, votes);
  made.load = load_of(all, life.feeling.intensity);
  made.self_awareness = self_awareness_of(all);
  made.thinking_style = thinking_style_of(life.who, life.feeling.word);
  made.how = strategy_of(made);
  return made;
}

double temperature_for(const turn_plan::synthesis& made) {
  double temperature = 0.8;
  if (made.thinking_style == "creative") temperature = std::min(0.95, temperature + 0.1);
  if (made.thinking_style == "systematic") temperature = std::max(0.6, temperature - 0.1);
  if (made.thinking_style == "cautious") temperature = std::max(0.5, temperature - 0.2);
  if (made.how.engagement == "high") temperature = std::min(0.9, temperature + 0.05);
  if (made.how.engagement == "low") temperature = std::max(0.6, temperature - 0.05);
  return std::round(temperature * 100) / 100;  // it is shown: 0.85, not 0.8500000000000001
}

std::uint32_t token_limit_for(const turn_plan::synthesis& made) {
  std::uint32_t limit = 400;
  if (made.how.complexity == "high" && made.load < 0.5) limit = std::min(600U, limit + 100);
  if (made.how.complexity == "simple" || made.load > 0.8) limit = std::max(200U, limit - 100);
  return limit;
}

}  // namespace troupe::characters
