#include "characters/reports.hpp"
#include "characters/json_parts.hpp"
#include "characters/life_state.hpp"
#include "characters/synthesis.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace troupe::characters {
namespace json = boost::json;
namespace {

json::object levels_object(const levels& of) {
  json::object result;
  for (std::size_t i = 0; i < neurochemical_count; ++i) result[neurochemical_names[i]] = of[i];
  return result;
}

/// The four of them that clients are shown.
json::object shown_agent_states(const life_state& life) {
  json::object all = life.agent_states();
  json::object shown;
  for (std::string_view part : {"personality", "communication_style", "goals", "specialty"})
    shown[part] = std::move(all[part]);
  return shown;
}

}  // namespace

std::string_view dominant_level(const levels& now) {
  return neurochemical_names[static_cast<std::size_t>(std::max_element(now.begin(), now.end()) - now.begin())];
}

json::object inner_life::character_info() const {
  return {{"character_id", state_->who.id},
          {"name", state_->who.name},
          {"archetype", state_->who.archetype.empty() ? "Unknown" : state_->who.archetype}};
}

json::object inner_life::character_summary() const {
  json::object info = character_info();
  info["demographics"] = object_at(state_->who.config, "demographics");
  return {{"character_info", std::move(info)},
          {"neurochemical_state", state_->neurochemical_object()},
          {"mood_state", state_->feeling.object(state_->who)},
          {"agent_states", shown_agent_states(*state_)},
          {"conversation_context", state_->context_object()},
          {"performance_stats", state_->performance.object()},
          {"memory_stats",
           {{"conversation_history_length", state_->history.size()},
            {"web_search_history_length", state_->searches.size()},
            {"knowledge_updates_length", state_->knowledge.size()}}},
          {"last_updated", local_timestamp(state_->updated_us)},
          {"interaction_count", state_->interaction_count},
          {"average_confidence", state_->average_confidence}};
}

/// Existing clients look for the mood below `agent_states` and for the
/// relationship beside it (contract 5.5).
json::object inner_life::vitals() const {
  json::object states = shown_agent_states(*state_);
  states["mood"] = state_->feeling.object(state_->who);
  json::object bond = state_->bond.object();
  bond["rapport_level"] = state_->bond.connection;
  return {{"neurochemical_state", state_->neurochemical_object()},
          {"mood_state", state_->feeling.object(state_->who)},
          {"agent_states", std::move(states)},
          {"relationship_state", std::move(bond)},
          {"neurochemical_baselines", levels_object(state_->who.baseline)}};
}

json::array history_array(const life_state& life) {
  json::array entries;
  for (const history_entry& each : life.history)
    entries.push_back({{"role", each.by_character ? "character" : "user"},
                       {"message", each.text},
                       {"timestamp", local_timestamp(each.at_us)}});
  return entries;
}

json::array inner_life::conversation_history() const {
  return history_array(*state_);
}

json::object inner_life::performance() const {
  const life_state& life = *state_;
  json::array types;
  json::object weights;
  for (std::size_t i = 0; i < specialist_count; ++i) {
    types.emplace_back(specialist_names[i]);
    weights[specialist_names[i]] = specialist_weights[i];
  }
  const auto& style = object_at(life.who.config, "communication_style");
  return {
      {"character_id", life.who.id},
      {"performance_stats", life.performance.object()},
      {"agent_stats",
       {{"character_id", life.who.id},
        {"agent_count", specialist_count},
        {"agent_types", std::move(types)},
        {"agent_weights", std::move(weights)},
        {"initialization_time", local_timestamp(life.created_us)}}},
      {"generation_stats",
       {{"character_id", life.who.id},
        {"default_temperature", 0.8},
        {"default_max_tokens", 400},
        {"response_style", text_at(style, "verbal_pattern", "moderate")},
        {"generation_config", {{"temperature", 0.8}, {"max_tokens", 400}}}}},
      {"state_update_stats",
       {{"character_id", life.who.id},
        {"hormone_decay_rate", 2.0},
        {"mood_inertia", 0.8},
        {"memory_formation_threshold", 0.6},
        {"last_hormone_update", local_timestamp(life.updated_us)},
        {"last_mood_update", local_timestamp(life.updated_us)},
        {"last_persistence", nullptr},
        {"state_config", {{"decay_interval_seconds", 60}, {"decay_per_minute", 2.0}, {"recovery_per_minute", 1.0}}}}}};
}

}  // namespace troupe::characters
