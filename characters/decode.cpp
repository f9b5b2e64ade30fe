#include "characters/checked_object.hpp"
#include "characters/json_parts.hpp"
#include "characters/life_state.hpp"
#include "characters/texts.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <utility>

namespace troupe::characters {
namespace json = boost::json;
namespace {

constexpr std::size_t largest_entry = 16 * 1024;  // JSON of a goal, a search or an update of knowledge
constexpr std::size_t longest_message = 1024 * 1024;

/// What a file without `character_config` says of who it is.
json::object config_from_state(const checked_object& character) {
  const checked_object states = character.section("agent_states");
  const checked_object mood = states.section("mood");
  json::object config;
  const auto copy = [&](const json::object& from, std::string_view key, std::string_view as) {
    const json::value* value = from.if_contains(key);
    if (value && !value->is_null()) config[as] = *value;
  };
  for (std::string_view key : {"name", "archetype", "demographics"}) copy(character.object(), key, key);
  for (std::string_view key : {"personality", "specialty", "skills", "communication_style", "development"})
    copy(states.object(), key, key);
  if (mood.object().contains("current_state")) config["mood_baseline"] = mood.object();
  return config;
}

expected<definition> read_definition(const checked_object& file, const checked_object& character, std::int64_t now_us) {
  const checked_object config = file.section("character_config");
  const std::string id = character.text("character_id", 64, text_at(config.object(), "character_id"));
  if (!is_character_id(id))
    return failure{failure_kind::invalid,
                   "character_state.character_id: must be 1 to 64 letters, digits, '-', '_' or '.', not first a '.'"};
  return definition::from_json(id, file.has("character_config") ? config.object() : config_from_state(character),
                               now_us);
}

mood read_mood(const checked_object& from, mood fallback) {
  mood feeling = std::move(fallback);
  feeling.word = from.text("current_state", longest_word, feeling.word);
  feeling.intensity = from.number("intensity", 0, 1, feeling.intensity);
  feeling.duration = from.count("duration", feeling.duration);
  feeling.triggered_by = from.text("triggered_by", longest_word, feeling.triggered_by);
  if (from.has("energy_level") || from.has("sociability") || from.has("focus_level"))
    feeling.drives = {from.number("energy_level", 0, 100, 50), from.number("sociability", 0, 100, 50),
                      from.number("focus_level", 0, 100, 50)};
  feeling.recent_tone = from.text("recent_interaction_tone", longest_word, {});
  feeling.impact = from.number("interaction_impact", 0, 1, 0);
  return feeling;
}

/// A goal may be a plain text (files of the original): it becomes an object.
json::array read_goals(const checked_object& from, std::string_view key) {
  json::array goals;
  const json::array& list = from.list(key);
  if (list.size() > most_goals) from.refuse(key, "must be at most " + std::to_string(most_goals) + " goals");
  for (std::size_t i = 0; i < std::min(list.size(), most_goals); ++i) {
    if (json::serialize(list[i]).size() > largest_entry) {
      from.refuse(key, "must be goals of at most " + std::to_string(largest_entry) + " bytes");
    } else if (const json::string* text = list[i].if_string()) {
      goals.push_back({{"goal_id", "goal_" + std::to_string(i + 1)},
                       {"goal_type", "long_term"},
                       {"description", *text},
                       {"priority", 5},
                       {"progress", 0}});
    } else {
      const checked_object goal = from.entry(key, i, list[i]);
      goal.text("goal_id", longest_word, {});
      goal.text("description", largest_entry, {});
      goal.number("priority", 0, 10, 5);
      goal.number("progress", 0, 1, 0);
      if (list[i].is_object()) goals.push_back(list[i]);
    }
  }
  return goals;
}

void read_agent_states(life_state& life, const checked_object& states, std::int64_t now_us) {
  life.feeling = read_mood(states.section("mood"), std::move(life.feeling));
  if (states.has("goals")) {
    const checked_object goals = states.section("goals");
    life.goals.active = read_goals(goals, "active_goals");
    life.goals.completed = read_goals(goals, "completed_goals");
    life.goals.abandoned = read_goals(goals, "abandoned_goals");
    life.goals.related_interactions = goals.count("goal_related_interactions", 0);
    life.goals.complete(now_us);
  }
  const checked_object style = states.section("communication_style");
  const checked_object tones = style.section("tone_history");
  for (const auto& [tone, count] : tones.object())
    if (life.tone_history.size() < most_tones && tone.size() <= longest_word)
      life.tone_history[tone] = tones.count(tone, 0);
  life.dominant_tone = style.text("dominant_tone", longest_word, {});
}

void read_history(life_state& life, const checked_object& character, std::int64_t fallback_us) {
  const json::array& list = character.list("conversation_history");
  for (std::size_t i = list.size() - std::min(list.size(), most_history); i < list.size(); ++i) {
    const checked_object entry = character.entry("conversation_history", i, list[i]);
    const std::string role = entry.text("role", longest_word, {});
    if (role != "user" && role != "character") entry.refuse("role", "must be \"user\" or \"character\"");
    life.remember(role == "character", entry.text("message", longest_message, {}),
                  entry.time("timestamp", fallback_us));
  }
}

/// The last `most` of a list whose entries are not looked into.
json::array read_log(const checked_object& character, std::string_view key, std::size_t most) {
  const json::array& list = character.list(key);
  json::array kept;
  for (std::size_t i = list.size() - std::min(list.size(), most); i < list.size(); ++i) {
    if (json::serialize(list[i]).size() > largest_entry)
      character.refuse(key, "must be entries of at most " + std::to_string(largest_entry) + " bytes");
    else
      kept.push_back(list[i]);
  }
  return kept;
}

void read_relationship(relationship& bond, const checked_object& from) {
  bond.trust = from.number("trust_level", 0, 1, bond.trust);
  bond.interactions = from.count("interaction_count", bond.interactions);
  bond.last_quality = from.text("last_interaction_quality", longest_word, bond.last_quality);
  bond.shared_experiences = from.count("shared_experiences", bond.shared_experiences);
  bond.connection = from.number("connection_strength", 0, 1, bond.connection);
}

void read_context(life_state& life, const checked_object& context) {
  life.talk.topic = context.text("topic", longest_word, life.talk.topic);
  life.talk.stage = context.text("relationship_stage", longest_word, life.talk.stage);
  life.talk.began_us = context.time("conversation_start", life.talk.began_us);
  life.interaction_count = context.count("interaction_count", 0);
  json::object added = context.object();
  for (std::string_view own : {"topic", "relationship_stage", "conversation_start", "interaction_count"})
    added.erase(own);
  life.talk.merge(added);
}

void read_performance(performance_counters& counters, const checked_object& from) {
  constexpr double most_seconds = 1e12;
  counters.responses = from.count("total_responses", 0);
  counters.response_time = from.number("total_response_time", 0, most_seconds, 0);
  counters.successful = from.count("successful_responses", 0);
  counters.failed = from.count("failed_responses", 0);
  counters.memories = from.count("memory_formations", 0);
  counters.web_searches = from.count("web_searches_triggered", 0);
}

void read_state(life_state& life, const checked_object& file, const checked_object& character, std::int64_t now_us) {
  const std::int64_t saved_us = std::min(now_us, file.time("save_timestamp", now_us));
  life.updated_us = std::min(now_us, character.time("last_updated", saved_us));
  life.decayed_us = std::min(now_us, character.time("last_decay", life.updated_us));
  const checked_object levels = character.section("neurochemical_levels");
  for (std::size_t i = 0; i < neurochemical_count; ++i)
    life.now[i] = levels.number(neurochemical_names[i], 0, 100, life.now[i]);
  read_agent_states(life, character.section("agent_states"), now_us);
  life.feeling.next_word = character.text("next_mood", longest_word, {});
  read_history(life, character, life.updated_us);
  read_relationship(life.bond, character.section("relationship_state"));
  life.searches = read_log(character, "web_search_history", most_searches);
  life.knowledge = read_log(character, "knowledge_updates", most_knowledge);
  life.talk.began_us = life.updated_us;
  read_context(life, file.section("conversation_context"));
  life.interaction_count = character.count("interaction_count", life.interaction_count);
  life.average_confidence = character.number("average_confidence", 0, 1, 0.5);
  life.created_us = character.time("created", life.talk.began_us);
  read_performance(life.performance, file.section("performance_stats"));
}

}  // namespace

expected<inner_life> inner_life::decode(const json::object& document, std::int64_t now_us) {
  failure first;
  const checked_object file({}, &document, first);
  const checked_object character = file.section("character_state");
  if (!file.has("character_state"))
    file.refuse("character_state", "must be there: this is no save file of a character");
  if (first.kind != failure_kind::none) return first;
  auto who = read_definition(file, character, now_us);
  if (first.kind != failure_kind::none) return first;
  if (!who) return who.error();
  inner_life life(*std::move(who), now_us);
  read_state(*life.state_, file, character, now_us);
  if (first.kind != failure_kind::none) return first;
  return life;
}

}  // namespace troupe::characters
