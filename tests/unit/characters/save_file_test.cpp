#include "someone.hpp"
#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

using namespace troupe;
using namespace troupe::characters;
using namespace troupe::characters::test;

namespace {

/// What a decoded definition's configuration is completed with is not what was lived through.
boost::json::object without_config(boost::json::object file) {
  file.erase("character_config");
  auto& character = file.at("character_state").as_object();
  for (const char* part : {"personality", "specialty", "skills", "communication_style", "development"})
    character.at("agent_states").as_object().erase(part);
  return file;
}

boost::json::object lived() {
  inner_life life(pilot(), noon);
  const auto context = parsed(R"({"debug_mode": true})");
  for (int i = 0; i < 12; ++i)
    life.end_turn(life.begin_turn("That is great, why " + std::to_string(i) + "?", &context, {}, noon + i * minute),
                  "Aye.", noon + i * minute + second / 3);
  return life.encode(noon + hour);
}

std::string refusal(const boost::json::object& file) {
  const auto read = inner_life::decode(file, noon + hour);
  return read ? "none" : read.error().message;
}

/// A file in which the value at a path is another one.
boost::json::object with(std::initializer_list<const char*> path, const char* value) {
  boost::json::object file = lived();
  boost::json::object* at = &file;
  for (const char* const* key = path.begin(); key + 1 != path.end(); ++key) at = &at->at(*key).as_object();
  (*at)[*(path.end() - 1)] = boost::json::parse(value);
  return file;
}

}  // namespace

TEST_CASE("what is saved is read again as it was") {
  const auto file = lived();
  auto read = inner_life::decode(file, noon + hour);
  REQUIRE(read);
  CHECK(without_config(read->encode(noon + hour)) == without_config(file));
  const auto again = read->encode(noon + hour);
  auto twice = inner_life::decode(again, noon + 2 * hour);
  REQUIRE(twice);
  CHECK(twice->encode(noon + hour) == again);
}

TEST_CASE("a life that was saved goes on as the one that was not") {
  inner_life life(pilot(), noon);
  for (int i = 0; i < 4; ++i) say(life, "Why, that is great?", "Aye.", noon + i * minute);
  auto read = inner_life::decode(life.encode(noon + hour), noon + hour);
  REQUIRE(read);
  for (inner_life* each : {&life, &*read}) {
    each->reunite(noon + 5 * hour);
    say(*each, "What a bad day.", "Aye.", noon + 5 * hour + minute);
  }
  CHECK(without_config(read->encode(noon + 6 * hour)) == without_config(life.encode(noon + 6 * hour)));
}

TEST_CASE("a save file has the original's sections and keys") {
  const auto file = lived();
  CHECK(file.size() == 5);
  for (const char* key :
       {"character_state", "conversation_context", "performance_stats", "character_config", "save_timestamp"})
    CHECK(file.contains(key));
  const auto& character = file.at("character_state").as_object();
  for (const char* key : {"character_id", "last_updated", "name", "archetype", "demographics", "agent_states",
                          "neurochemical_levels", "conversation_history", "relationship_state", "web_search_history",
                          "knowledge_updates", "interaction_count", "average_confidence"})
    CHECK(character.contains(key));
  const auto& states = character.at("agent_states").as_object();
  CHECK(states.size() == 7);
  CHECK(text_in(file, "save_timestamp") == local_timestamp(noon + hour));
}

TEST_CASE("a file of the original is read, with whole numbers and without the newer keys") {
  const auto file = parsed(R"({
    "character_state": {
      "character_id": "harbor-pilot", "last_updated": "2031-04-02T09:16:04.509000", "name": "Ines Calloway",
      "archetype": "steady_guide", "demographics": {"age": 52},
      "agent_states": {
        "personality": {"big_five": {"openness": 0.6}}, "specialty": {}, "skills": {},
        "mood": {"current_state": "serene", "intensity": 1, "duration": 3, "triggered_by": "initialization",
                 "energy_level": 33, "sociability": 49.7, "focus_level": 28},
        "communication_style": {"verbal_pattern": "concise", "tone_history": {"calm": 2}, "dominant_tone": "calm"},
        "goals": {"active_goals": ["Train an apprentice", {"goal_id": "g2", "description": "Rest", "priority": 3}],
                  "completed_goals": [], "abandoned_goals": []},
        "development": {}},
      "neurochemical_levels": {"dopamine": 57, "serotonin": 71.5, "oxytocin": 49, "endorphins": 44, "cortisol": 28,
                               "adrenaline": 25},
      "conversation_history": [
        {"role": "user", "message": "Aye?", "timestamp": "2031-04-02T09:16:00.000000"},
        {"role": "character", "message": "Aye.", "timestamp": "2031-04-02T09:16:04.509000"}],
      "relationship_state": {}, "web_search_history": [], "knowledge_updates": []},
    "conversation_context": {"topic": "learning", "relationship_stage": "getting_acquainted",
      "conversation_start": "2031-04-02T09:15:00", "interaction_count": 3, "debug_mode": false},
    "performance_stats": {"total_responses": 3, "total_response_time": 6.3, "average_response_time": 2.1,
      "successful_responses": 3, "failed_responses": 0, "memory_formations": 3, "web_searches_triggered": 0},
    "character_config": {"name": "Ines Calloway", "archetype": "steady_guide", "character_id": "harbor-pilot",
      "neurochemical_baseline": {"dopamine": 55}},
    "save_timestamp": "2031-04-02T09:20:00.000000"})");
  const std::int64_t later = *read_timestamp("2031-04-02T09:30:00");
  const auto read = inner_life::decode(file, later);
  REQUIRE(read);
  CHECK(levels_of(*read) == levels{57, 71.5, 49, 44, 28, 25});
  const auto summary = read->character_summary();
  CHECK(number_in(summary, "interaction_count") == 3);
  CHECK(number_in(summary, "average_confidence") == 0.5);
  CHECK(text_in(summary, "last_updated") == "2031-04-02T09:16:04.509000");
  const auto mood = mood_of(*read);
  CHECK(text_in(mood, "current_state") == "serene");
  CHECK(number_in(mood, "energy_level") == 33);
  const auto& context = summary.at("conversation_context").as_object();
  CHECK(text_in(context, "conversation_start") == "2031-04-02T09:15:00.000000");
  CHECK(context.at("debug_mode") == false);
  CHECK(number_in(summary.at("performance_stats").as_object(), "average_response_time") == 6.3 / 3);
  CHECK(number_in(read->vitals().at("relationship_state").as_object(), "trust_level") == 0.5);
  const auto& goals = summary.at("agent_states").as_object().at("goals").as_object().at("active_goals").as_array();
  REQUIRE(goals.size() == 2);
  CHECK(goals[0] == parsed(R"({"goal_id": "goal_1", "goal_type": "long_term", "description": "Train an apprentice",
                      "priority": 5, "progress": 0})"));
  const auto& style = summary.at("agent_states").as_object().at("communication_style").as_object();
  CHECK(text_in(style, "dominant_tone") == "calm");
  CHECK(read->conversation_history().size() == 2);
}

TEST_CASE("a file may lack every section but the character's") {
  const auto read = inner_life::decode(
      parsed(R"({"character_state": {"character_id": "a", "name": "Al", "archetype": "b", "demographics": null}})"),
      noon);
  REQUIRE(read);
  CHECK(text_in(read->character_info(), "name") == "Al");
  CHECK(levels_of(*read) == levels{50, 50, 50, 50, 50, 50});
}

TEST_CASE("a file that breaks a rule is refused with the field's name and the rule") {
  const auto state = "character_state";
  CHECK(refusal({}) == "character_state: must be there: this is no save file of a character");
  CHECK(refusal(with({state}, "[]")) == "character_state: must be an object");
  CHECK(refusal(with({state, "neurochemical_levels", "cortisol"}, "100.5"))
        == "character_state.neurochemical_levels.cortisol: must be a number from 0 to 100");
  CHECK(refusal(with({state, "neurochemical_levels", "cortisol"}, "\"12\""))
        == "character_state.neurochemical_levels.cortisol: must be a number from 0 to 100");
  CHECK(refusal(with({state, "neurochemical_levels"}, "[50]"))
        == "character_state.neurochemical_levels: must be an object");
  CHECK(refusal(with({state, "last_updated"}, "\"yesterday\""))
        == "character_state.last_updated: must be a time in ISO 8601, like 2031-04-02T09:15:00.120000");
  CHECK(refusal(with({state, "agent_states", "mood", "intensity"}, "1.5"))
        == "character_state.agent_states.mood.intensity: must be a number from 0 to 1");
  CHECK(refusal(with({state, "agent_states", "mood", "duration"}, "-1"))
        == "character_state.agent_states.mood.duration: must be a whole number that is not negative");
  CHECK(refusal(with({state, "agent_states", "mood", "current_state"}, "7"))
        == "character_state.agent_states.mood.current_state: must be a text of at most 200 bytes");
  CHECK(refusal(with({state, "agent_states", "goals", "active_goals"}, "[{}, 3]"))
        == "character_state.agent_states.goals.active_goals[1]: must be an object");
  CHECK(refusal(with({state, "conversation_history"}, R"([{"role": "bot", "message": "x"}])"))
        == "character_state.conversation_history[0].role: must be \"user\" or \"character\"");
  CHECK(refusal(with({state, "conversation_history"}, R"([{"role": "user", "message": 3}])"))
        == "character_state.conversation_history[0].message: must be a text of at most 1048576 bytes");
  CHECK(refusal(with({state, "relationship_state", "trust_level"}, "2"))
        == "character_state.relationship_state.trust_level: must be a number from 0 to 1");
  CHECK(refusal(with({state, "knowledge_updates"}, "{}")) == "character_state.knowledge_updates: must be a list");
  CHECK(refusal(with({state, "interaction_count"}, "1.5"))
        == "character_state.interaction_count: must be a whole number that is not negative");
  CHECK(refusal(with({"performance_stats", "total_responses"}, "1e300"))
        == "performance_stats.total_responses: must be a whole number that is not negative");
  CHECK(refusal(with({"conversation_context", "topic"}, "{}"))
        == "conversation_context.topic: must be a text of at most 200 bytes");
  CHECK(refusal(with({state, "character_id"}, "\"../etc\"")).starts_with("character_state.character_id: must be"));
  CHECK(refusal(with({"character_config", "name"}, "{}")).starts_with("character_config"));
}

TEST_CASE("a file keeps the last 20 entries, 20 searches and 50 updates of knowledge") {
  boost::json::object file = lived();
  auto& character = file.at("character_state").as_object();
  boost::json::array history, entries;
  for (int i = 0; i < 70; ++i) {
    history.push_back({{"role", "user"}, {"message", std::to_string(i)}});
    entries.push_back(boost::json::object{{"number", i}});
  }
  character["conversation_history"] = history;
  character["web_search_history"] = entries;
  character["knowledge_updates"] = entries;
  const auto read = inner_life::decode(file, noon + hour);
  REQUIRE(read);
  const auto summary = read->character_summary();
  CHECK(summary.at("memory_stats") == parsed(R"({"conversation_history_length": 20, "web_search_history_length": 20,
                      "knowledge_updates_length": 50})"));
  CHECK(text_in(read->conversation_history()[0].as_object(), "message") == "50");
  const auto written = read->encode(noon + hour);
  CHECK(written.at("character_state").as_object().at("knowledge_updates").as_array()[0] == parsed(R"({"number": 20})"));
}

TEST_CASE("a file from the future is of now") {
  const auto read =
      inner_life::decode(with({"character_state", "last_updated"}, "\"2099-01-01T00:00:00\""), noon + hour);
  REQUIRE(read);
  CHECK(text_in(read->character_summary(), "last_updated") == local_timestamp(noon + hour));
}

TEST_CASE("any value in any place of a file is read or refused") {
  const auto file = lived();
  const char* const values[] = {"null", "true", "-1", "1e308", "\"\"", "[]", "{}", "[[{}]]", "18446744073709551615"};
  int refused = 0;
  const auto try_all = [&](auto&& self, boost::json::object& at, boost::json::object& whole) -> void {
    for (auto& [key, value] : at) {
      const boost::json::value before = value;
      for (const char* other : values) {
        value = boost::json::parse(other);
        auto read = inner_life::decode(whole, noon + hour);
        refused += !read;
        if (read) say(*read, "Why?", "Aye.", noon + 2 * hour);
      }
      value = before;
      if (value.is_object()) self(self, value.as_object(), whole);
    }
  };
  boost::json::object changed = file;
  try_all(try_all, changed.at("character_state").as_object(), changed);
  try_all(try_all, changed.at("conversation_context").as_object(), changed);
  try_all(try_all, changed.at("performance_stats").as_object(), changed);
  CHECK(refused > 100);
  CHECK(changed == file);
}
