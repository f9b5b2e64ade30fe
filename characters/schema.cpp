#include "characters/schema.hpp"

#include "characters/definition.hpp"

namespace troupe::characters {
namespace {

constexpr range level_range{0, 100};
constexpr range sensitivity_range{0, 2};
constexpr range count_range{0, 1'000'000};

boost::json::object read_metadata(fields& top, const origin& from) {
  auto earlier = top.section("metadata");
  const auto description = earlier.text("description");
  const auto version = earlier.text("version", "1.0");
  const auto created = earlier.text("created_date", from.now);
  const auto tags = earlier.texts("tags");
  const auto loaded = earlier.text("loaded_timestamp", from.now);
  earlier.finish();
  boost::json::object made;
  made["description"] = top.text("description", description);
  made["version"] = top.text("version", version);
  made["created_date"] = top.text("created_date", created);
  auto own_tags = top.texts("tags");
  made["tags"] = own_tags.empty() ? tags : own_tags;
  made["loaded_timestamp"] = from.is_processed ? loaded : from.now;
  return made;
}

}  // namespace

boost::json::object read_skills(fields given) {
  boost::json::object made;
  auto intelligence = given.section("intelligence");
  boost::json::object kinds;
  for (auto* key : {"analytical", "creative", "practical", "social"}) kinds[key] = intelligence.number(key, 0.5);
  intelligence.finish();
  made["intelligence"] = std::move(kinds);
  for (auto* key : {"emotional_intelligence", "physical_capability", "problem_solving", "communication", "leadership"})
    made[key] = given.number(key, 0.5);
  for (auto* key : {"technical_skills", "soft_skills"}) made[key] = given.texts(key);
  given.finish();
  return made;
}

boost::json::object read_specialty(fields given) {
  boost::json::object made;
  made["domain"] = given.text("domain", "general");
  made["expertise_level"] = given.number("expertise_level", 0.5);
  made["experience_years"] = given.whole("experience_years", 1, count_range);
  for (auto* key : {"subdomain_knowledge", "certifications", "notable_achievements"}) made[key] = given.texts(key);
  given.finish();
  return made;
}

boost::json::object read_communication_style(fields given) {
  boost::json::object made;
  made["verbal_pattern"] = given.word("verbal_pattern", "moderate", {"concise", "moderate", "verbose", "rambling"});
  made["social_comfort"] =
      given.word("social_comfort", "neutral", {"passive", "neutral", "diplomatic", "assertive", "aggressive"});
  made["listening_preference"] = given.number("listening_preference", 0.5);
  made["body_language"] = given.text("body_language", "neutral");
  made["formality_level"] = given.text("formality_level", "moderate");
  made["humor_style"] = given.text("humor_style", "none");
  made["conversation_style"] = given.text("conversation_style", "balanced");
  for (auto* key : {"quirks", "preferred_topics"}) made[key] = given.texts(key);
  given.finish();
  return made;
}

boost::json::object read_mood_baseline(fields given) {
  boost::json::object made;
  const auto by_default = given.text("default_state", "neutral");
  made["current_state"] = given.text("current_state", by_default);
  made["intensity"] = given.number("intensity", 0.5);
  made["duration"] = given.whole("duration", 1, count_range);
  made["baseline_setpoint"] = given.number("baseline_setpoint", 0.5, {-1, 1});
  made["emotional_volatility"] = given.number("emotional_volatility", 0.5);
  made["triggered_by"] = given.text("triggered_by", "initialization");
  made["typical_moods"] = given.texts("typical_moods", {"neutral", "content"});
  made["mood_triggers"] = given.text_mapping("mood_triggers");
  given.finish();
  return made;
}

boost::json::object read_neurochemical_baseline(fields given) {
  boost::json::object made;
  for (auto name : neurochemical_names) made[name] = given.checked_number(name, 50, level_range);
  given.finish();
  return made;
}

boost::json::object read_neurochemical_profile(fields given) {
  boost::json::object made;
  auto sensitivities = given.section("baseline_sensitivities");
  boost::json::object each;
  for (auto name : neurochemical_names) each[name] = sensitivities.number(name, 1, sensitivity_range);
  sensitivities.finish();
  made["baseline_sensitivities"] = std::move(each);
  if (given.find("gender_modifiers") != nullptr) {
    auto modifiers = given.section("gender_modifiers");
    boost::json::object kept;
    kept["applies"] = modifiers.flag("applies", false);
    kept["modifier_set"] = modifiers.choice("modifier_set", "custom", {"male", "female", "custom"});
    kept["notes"] = modifiers.text("notes");
    modifiers.finish();
    made["gender_modifiers"] = std::move(kept);
  }
  given.finish();
  return made;
}

boost::json::object read_development(fields given) {
  boost::json::object made;
  made["arc_stage"] = given.text("arc_stage", "introduction");
  made["learning_style"] = given.text("learning_style", "balanced");
  for (auto* key : {"growth_areas", "key_experiences", "changed_beliefs"}) made[key] = given.texts(key);
  for (auto* key : {"relationship_capacity", "adaptability"}) made[key] = given.number(key, 0.5);
  given.finish();
  return made;
}

boost::json::object read_character(const document& top, const origin& from, problems& found) {
  fields given(top, {}, found);
  given.find("character_id");  // the file's name is the id
  boost::json::object made;
  made["character_id"] = from.id;
  made["name"] = given.required_text("name");
  made["archetype"] = given.required_text("archetype");
  made["demographics"] = given.free_mapping("demographics");
  made["personality"] = read_personality(given.section("personality"));
  made["specialty"] = read_specialty(given.section("specialty"));
  made["skills"] = read_skills(given.section("skills"));
  made["communication_style"] = read_communication_style(given.section("communication_style"));
  made["initial_goals"] = read_goals(given);
  made["mood_baseline"] = read_mood_baseline(given.section("mood_baseline"));
  made["neurochemical_baseline"] = read_neurochemical_baseline(given.section("neurochemical_baseline"));
  made["neurochemical_profile"] = read_neurochemical_profile(given.section("neurochemical_profile"));
  made["backstory"] = given.text("backstory");
  made["development"] = read_development(given.section("development"));
  made["metadata"] = read_metadata(given, from);
  given.finish();
  return made;
}

}  // namespace troupe::characters
