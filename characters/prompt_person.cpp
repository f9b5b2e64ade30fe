#include "characters/prompt_person.hpp"

#include "characters/json_parts.hpp"
#include "characters/texts.hpp"

#include <algorithm>

namespace troupe::characters {
namespace json = boost::json;
namespace {

constexpr std::size_t longest_part = 2000;  // bytes of what a file may say freely

std::string demographics_of(const definition& who) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : object_at(who.config, "demographics")) {
    const std::string text = in_words(value);
    if (!text.empty()) parts.push_back(spaced(key) + ": " + text);
  }
  return joined(parts, "; ");
}

std::string big_five_of(const definition& who) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view trait, double value) {
    if (value > 0.7 || value < 0.3) parts.push_back((value > 0.7 ? "high " : "low ") + std::string(trait));
  };
  add("openness", who.big_five.openness);
  add("conscientiousness", who.big_five.conscientiousness);
  add("extraversion", who.big_five.extraversion);
  add("agreeableness", who.big_five.agreeableness);
  add("neuroticism", who.big_five.neuroticism);
  return parts.empty() ? "even in all things" : joined(parts, ", ");
}

std::string list_of(const json::object& from, std::string_view key, std::string_view inner = {}) {
  return joined(texts_in(array_at(from, key), inner), "; ");  // the parts may hold commas
}

std::string expertise_of(const definition& who) {
  const auto& specialty = object_at(who.config, "specialty");
  const std::string domain = text_at(specialty, "domain");
  if (domain.empty() || domain == "general") return list_of(specialty, "subdomain_knowledge");
  const double level = number_at(specialty, "expertise_level", 0.5);
  const std::string depth = level > 0.7 ? "expert in " : level < 0.3 ? "a beginner in " : "";
  const std::string details = list_of(specialty, "subdomain_knowledge");
  return depth + one_line(spaced(domain)) + (details.empty() ? "" : " (" + details + ")");
}

std::string skills_of(const definition& who) {
  const auto& skills = object_at(who.config, "skills");
  return joined({list_of(skills, "technical_skills"), list_of(skills, "soft_skills")}, "; ");
}

/// Words that stand for "nothing special" are left out: they tell a model nothing.
std::string manner_of(const definition& who) {
  const auto& style = object_at(who.config, "communication_style");
  std::vector<std::string> parts;
  const auto add = [&](std::string_view key, std::string_view label, std::string_view ordinary) {
    const std::string word = one_line(spaced(text_at(style, key)));
    if (!word.empty() && word != ordinary) parts.push_back(std::string(label) + " " + word);
  };
  add("verbal_pattern", "speech", "");
  add("social_comfort", "among others", "neutral");
  add("formality_level", "formality", "moderate");
  add("humor_style", "humour", "none");
  add("conversation_style", "conversation", "balanced");
  add("body_language", "body language", "neutral");
  const double listening = number_at(style, "listening_preference", 0.5);
  if (listening > 0.7) parts.emplace_back("rather listens and asks");
  if (listening < 0.3) parts.emplace_back("rather talks than listens");
  return joined(parts, "; ");
}

}  // namespace

std::string labelled(std::string_view label, std::string_view text) {
  if (text.empty()) return {};
  return std::string(label) + ": " + std::string(text) + "\n";
}

std::string spaced(std::string_view word) {
  std::string result(word);
  std::replace(result.begin(), result.end(), '_', ' ');
  return result;
}

std::string person_lines(const definition& who) {
  const auto& personality = object_at(who.config, "personality");
  const auto& style = object_at(who.config, "communication_style");
  const auto& development = object_at(who.config, "development");
  const auto short_line = [](std::string_view label, const std::string& text) {
    return labelled(label, beginning_of(text, longest_part));
  };
  std::string lines;
  lines += short_line("About you", demographics_of(who));
  lines += short_line("Backstory", one_line(text_at(who.config, "backstory")));
  lines += short_line("Temperament", big_five_of(who));
  lines += short_line("Traits", list_of(personality, "behavioral_traits", "trait"));
  lines += short_line("Values", list_of(personality, "core_values", "value"));
  lines += short_line("Quirks", list_of(personality, "quirks"));
  lines += short_line("Strengths", list_of(personality, "strengths"));
  lines += short_line("Weaknesses", list_of(personality, "weaknesses"));
  lines += short_line("Expertise", expertise_of(who));
  lines += short_line("Skills", skills_of(who));
  lines += short_line("Experiences that formed you", list_of(development, "key_experiences"));
  lines += short_line("Manner of speaking", manner_of(who));
  lines += short_line("Habits of speech", list_of(style, "quirks"));
  lines += short_line("Likes to talk about", list_of(style, "preferred_topics"));
  return lines;
}

}  // namespace troupe::characters
