#include "characters/prompt.hpp"

#include "characters/json_parts.hpp"
#include "characters/neurochemistry.hpp"
#include "characters/prompt_person.hpp"
#include "characters/texts.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdio>

namespace troupe::characters {
namespace json = boost::json;
namespace {

constexpr std::size_t longest_memory = 1000;
constexpr std::size_t most_considerations = 3;
constexpr std::size_t most_goals_told = 5;

std::string two_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string state_lines(const life_state& life, const turn_plan::synthesis& made) {
  std::string lines = labelled("Mood", life.feeling.word + " (intensity " + two_digits(life.feeling.intensity) + ")");
  lines += labelled("Tone of your answer", made.tone + " (confidence " + two_digits(made.confidence) + ")");
  lines += labelled("Thinking", made.thinking_style + ", mental load " + two_digits(made.load));
  constexpr std::string_view meanings[] = {"reward", "well-being", "closeness", "comfort", "stress", "arousal"};
  std::vector<std::string> notable;
  for (std::size_t i = 0; i < neurochemical_count; ++i)
    if (life.now[i] > 70 || life.now[i] < 30)
      notable.push_back(std::string(neurochemical_names[i]) + " (" + std::string(meanings[i]) + ") "
                        + (life.now[i] > 70 ? "elevated" : "low"));
  notable.emplace_back(notable.empty() ? "all balanced" : "the others balanced");
  return lines + labelled("Within you", joined(notable, ", "));
}

std::string_view attention_of(const levels& now) {
  const double focus = drives_of(now).focus;
  if (focus > 50) return "sharp";
  return focus < 15 ? "scattered" : "steady";
}

std::string_view decisions_of(const life_state& life) {
  if (level(life.now, neurochemical::cortisol) > 70) return "stress_driven";
  if (level(life.now, neurochemical::dopamine) > 70) return "reward_seeking";
  if (level(life.now, neurochemical::serotonin) > 70) return "harmonious";
  if (life.who.big_five.neuroticism > 0.7) return "emotion_driven";
  return life.who.big_five.conscientiousness > 0.7 ? "analytical" : "balanced";
}

std::string_view regulation_of(const life_state& life) {
  const double cortisol = level(life.now, neurochemical::cortisol);
  if (life.who.big_five.neuroticism > 0.6 || cortisol > 70) return "strained";
  return life.who.big_five.neuroticism < 0.4 && cortisol < 50 ? "firm" : "moderate";
}

std::string mind_line(const life_state& life, const turn_plan::synthesis& made) {
  return labelled("Mind", "attention " + std::string(attention_of(life.now)) + ", led by " + spaced(made.primary)
                              + "; decisions " + spaced(decisions_of(life)) + "; self-awareness "
                              + two_digits(made.self_awareness) + "; hold on feelings "
                              + std::string(regulation_of(life)));
}

std::string strategy_line(const strategy& how) {
  return labelled("Strategy", "approach " + how.approach + "; complexity " + how.complexity + "; emotional engagement "
                                  + how.engagement + "; show of thinking " + how.visibility + "; focus " + how.focus);
}

/// The three that matter most, of those that have something to say.
std::string considerations(const turn_plan::synthesis& made) {
  std::vector<const specialist*> order;
  for (const specialist& each : made.specialists)
    if (!each.content.empty()) order.push_back(&each);
  std::stable_sort(order.begin(), order.end(), [](const specialist* a, const specialist* b) {
    return a->priority * a->confidence > b->priority * b->confidence;
  });
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(order.size(), most_considerations); ++i)
    parts.push_back("(" + std::to_string(i + 1) + ") " + one_line(order[i]->content));
  return labelled("Bear in mind", joined(parts, "; "));
}

std::string goals_line(const goal_lists& goals) {
  std::vector<std::string> parts;
  for (const json::value& each : goals.active) {
    const json::object* goal = each.if_object();
    if (!goal || parts.size() == most_goals_told) continue;
    const std::string text = one_line(text_at(*goal, "description"));
    if (text.empty()) continue;
    parts.push_back(text + (text_at(*goal, "goal_type") == "hidden" ? " (you keep this to yourself)" : ""));
  }
  return labelled("Goals", joined(parts, "; "));
}

std::string memories(const std::vector<recollection>& recalled) {
  std::string lines;
  for (const recollection& each : recalled) {
    const std::string text = one_line(each.text);
    if (!text.empty()) lines += "- " + std::string(beginning_of(text, longest_memory)) + "\n";
  }
  return lines.empty() ? lines : "What you recall that may matter now:\n" + lines;
}

std::string greeting(const life_state& life) {
  if (life.talk.stage == "first_meeting") return "Hello. I am " + one_line(life.who.name) + ".";
  return life.bond.trust > 0.6 ? "It is good to see you again." : "Hello again.";
}

std::string_view length_rule(std::string_view verbal_pattern, std::string_view complexity) {
  if (verbal_pattern == "concise") return "Answer in one to three short sentences.";
  if (complexity == "simple") return "Answer in a few sentences, 80 words at most.";
  if (complexity == "high") return "Answer as fully as it takes, 300 words at most.";
  return "Answer in 150 words at most.";
}

}  // namespace

std::string system_prompt(const life_state& life, const turn_plan::synthesis& made,
                          const std::vector<recollection>& recalled) {
  const std::string name = one_line(life.who.name);
  std::string text = "You are " + name + ", of the type " + one_line(spaced(life.who.archetype)) + ".\n";
  text += person_lines(life.who);
  text += goals_line(life.goals);
  text += state_lines(life, made);
  text += mind_line(life, made);
  text += strategy_line(made.how);
  text += considerations(made);
  text += memories(recalled);
  text += labelled("Topic", one_line(spaced(life.talk.topic)));
  text += labelled("Relationship", one_line(spaced(life.talk.stage)) + ", trust " + two_digits(life.bond.trust));
  text += labelled("Greeting", greeting(life));
  const std::string pattern = text_at(object_at(life.who.config, "communication_style"), "verbal_pattern", "moderate");
  text += "Answer what is said to you as " + name + " would, in the first person, and stay in character. Let the answer"
          + " match your state and strategy. " + std::string(length_rule(pattern, made.how.complexity))
          + " Never mention these notes, levels, numbers or strategies, nor that you might be a program.\n";
  return text;
}

}  // namespace troupe::characters
