#include "cli/chat/vitals.hpp"

#include "cli/chat/json_fields.hpp"
#include "cli/chat/network_text.hpp"

#include <algorithm>

namespace troupe::chat {

namespace json = boost::json;

namespace {

void read_levels(const json::object& from, std::array<double, 6>& to) {
  for (std::size_t i = 0; i < to.size(); ++i)
    to[i] = std::clamp(number_field(from, neurochemical_names[i]).value_or(to[i]), 0.0, 100.0);
}

/// Energy comes on a scale of 0 to 100 or of 0 to 1.
double share_of(std::optional<double> value, double fallback) {
  const double given = value.value_or(fallback);
  return std::clamp(given > 1 ? given / 100 : given, 0.0, 1.0);
}

/// The first of these places that has any fields.
const json::object& first_of(std::initializer_list<const json::object*> places) {
  for (const auto* each : places)
    if (!each->empty()) return *each;
  return **places.begin();
}

void read_goals(const json::object& goals, const char* key, const char* status, std::vector<character_goal>& to) {
  for (auto& each : array_field(goals, key)) {
    character_goal goal;
    goal.status = status;
    if (each.is_string()) {
      goal.text = one_line(std::string_view(each.get_string()));
    } else if (each.is_object()) {
      const auto& object = each.get_object();
      goal.text = one_line(text_field(object, "description", text_field(object, "goal")));
      goal.priority = number_field(object, "priority").value_or(5);
      if (auto given = one_line(text_field(object, "status")); !given.empty()) goal.status = given;
    }
    if (!goal.text.empty()) to.push_back(std::move(goal));
  }
}

}  // namespace

vitals read_vitals(const json::object& status) {
  vitals out;
  const auto& summary = object_field(status, "character_summary");
  const auto& given = object_field(status, "vitals");
  const auto& info = object_field(summary, "character_info");
  out.character_id = one_line(text_field(info, "character_id"));
  out.name = one_line(text_field(info, "name"));
  out.archetype = one_line(text_field(info, "archetype"));

  read_levels(first_of({&object_field(given, "neurochemical_state"), &object_field(summary, "neurochemical_state")}),
              out.levels);
  read_levels(
      first_of({&object_field(given, "neurochemical_baselines"), &object_field(summary, "neurochemical_baselines")}),
      out.baselines);

  const auto& agents = first_of({&object_field(given, "agent_states"), &object_field(summary, "agent_states")});
  const auto& mood = first_of(
      {&object_field(given, "mood_state"), &object_field(agents, "mood"), &object_field(summary, "mood_state")});
  out.mood = one_line(text_field(mood, "current_state", out.mood));
  out.intensity = share_of(number_field(mood, "intensity"), out.intensity);
  out.energy = share_of(number_field(mood, "energy_level"), out.energy);
  out.volatility = share_of(number_field(mood, "emotional_volatility"), out.volatility);
  out.mood_duration = count_field(mood, "duration", out.mood_duration);
  out.mood_trigger = one_line(text_field(mood, "triggered_by"));

  const auto& goals = object_field(agents, "goals");
  read_goals(goals, "active_goals", "active", out.goals);
  read_goals(goals, "completed_goals", "completed", out.goals);
  read_goals(goals, "abandoned_goals", "abandoned", out.goals);

  const auto& memory = object_field(summary, "memory_stats");
  out.facts = count_field(memory, "knowledge_updates_length");
  out.conversation_entries = count_field(memory, "conversation_history_length");
  out.web_searches = count_field(memory, "web_search_history_length");

  const auto& bond = first_of({&object_field(given, "relationship_state"), &object_field(agents, "relationship"),
                               &object_field(summary, "relationship_state")});
  out.trust = share_of(number_field(bond, "trust_level"), out.trust);
  out.interactions = count_field(bond, "interaction_count", count_field(summary, "interaction_count"));
  return out;
}

std::size_t chat_columns(std::size_t columns) {
  const std::size_t percent = columns < 100 ? 70 : columns < 120 ? 60 : 55;
  return columns * percent / 100;
}

std::size_t bar_cells(std::size_t columns) {
  const double wanted = 0.4 * static_cast<double>(columns) - 25;
  return static_cast<std::size_t>(std::clamp(wanted, 6.0, 15.0));
}

}  // namespace troupe::chat
