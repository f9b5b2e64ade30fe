#include "someone.hpp"
#include "support/catch.hpp"

using namespace troupe::characters;
using troupe::local_timestamp;
using namespace troupe::characters::test;

namespace {

void check_keys(const boost::json::object& object, std::initializer_list<const char*> keys) {
  CHECK(object.size() == keys.size());
  for (const char* key : keys) {
    INFO(key);
    CHECK(object.contains(key));
  }
}

}  // namespace

TEST_CASE("a character without an archetype is shown as of an unknown one") {
  definition who = somebody();
  who.archetype.clear();
  CHECK(inner_life(who, noon).character_info()
        == parsed(R"({"character_id": "somebody", "name": "Alex Reed", "archetype": "Unknown"})"));
}

TEST_CASE("the summary has every part of the contract") {
  const inner_life life(pilot(), noon);
  const auto summary = life.character_summary();
  check_keys(summary, {"character_info", "neurochemical_state", "mood_state", "agent_states", "conversation_context",
                       "performance_stats", "memory_stats", "last_updated", "interaction_count", "average_confidence"});
  check_keys(summary.at("character_info").as_object(), {"character_id", "name", "archetype", "demographics"});
  check_keys(summary.at("agent_states").as_object(), {"personality", "communication_style", "goals", "specialty"});
  CHECK(summary.at("conversation_context").as_object()
        == boost::json::object{{"topic", "introduction"},
                               {"relationship_stage", "first_meeting"},
                               {"conversation_start", local_timestamp(noon)},
                               {"interaction_count", 0}});
  check_keys(summary.at("performance_stats").as_object(),
             {"total_responses", "total_response_time", "average_response_time", "successful_responses",
              "failed_responses", "memory_formations", "web_searches_triggered"});
  CHECK(summary.at("memory_stats") == parsed(R"({"conversation_history_length": 0, "web_search_history_length": 0,
                      "knowledge_updates_length": 0})"));
  CHECK(number_in(summary, "average_confidence") == 0.5);
}

TEST_CASE("the vitals have what existing clients look for") {
  inner_life life(pilot(), noon);
  for (int i = 0; i < 3; ++i) say(life, i == 0 ? "Great." : "Fog.", "Aye.", noon);
  const auto vitals = life.vitals();
  check_keys(vitals,
             {"neurochemical_state", "mood_state", "agent_states", "relationship_state", "neurochemical_baselines"});
  CHECK(vitals.at("agent_states").as_object().at("mood") == vitals.at("mood_state"));
  const auto& bond = vitals.at("relationship_state").as_object();
  check_keys(bond, {"trust_level", "interaction_count", "last_interaction_quality", "shared_experiences",
                    "connection_strength", "rapport_level"});
  CHECK(rounded(number_in(bond, "rapport_level")) == 0.033);  // 3 / 50 * 0.55
  CHECK(bond.at("rapport_level") == bond.at("connection_strength"));
  CHECK(number_in(vitals.at("neurochemical_baselines").as_object(), "serotonin") == 65);
}

TEST_CASE("the performance report has every part of the contract") {
  inner_life life(pilot(), noon);
  say(life, "Why?", "Aye.", noon, 2 * second);
  say(life, "Why?", "Aye.", noon + minute, 4 * second);
  const auto report = life.performance();
  check_keys(report, {"character_id", "performance_stats", "agent_stats", "generation_stats", "state_update_stats"});
  const auto& stats = report.at("performance_stats").as_object();
  CHECK(number_in(stats, "total_responses") == 2);
  CHECK(number_in(stats, "total_response_time") == 6);
  CHECK(number_in(stats, "average_response_time") == 3);
  CHECK(number_in(stats, "successful_responses") == 2);
  CHECK(number_in(stats, "memory_formations") == 2);
  const auto& agents = report.at("agent_stats").as_object();
  check_keys(agents, {"character_id", "agent_count", "agent_types", "agent_weights", "initialization_time"});
  CHECK(agents.at("agent_types").as_array().size() == 6);
  CHECK(number_in(agents.at("agent_weights").as_object(), "mood") == 0.95);
  check_keys(report.at("generation_stats").as_object(),
             {"character_id", "default_temperature", "default_max_tokens", "response_style", "generation_config"});
  check_keys(report.at("state_update_stats").as_object(),
             {"character_id", "hormone_decay_rate", "mood_inertia", "memory_formation_threshold", "last_hormone_update",
              "last_mood_update", "last_persistence", "state_config"});
}
