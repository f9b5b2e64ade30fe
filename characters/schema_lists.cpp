#include "characters/schema.hpp"

#include <set>

namespace troupe::characters {
namespace {

constexpr range priority_range{1, 10};
constexpr std::int64_t usual_priority = 5;

std::string entry_path(const fields& parent, std::string_view key, std::size_t index) {
  return parent.path_of(key) + "[" + std::to_string(index) + "]";
}

/// An entry is a text or a mapping with the text under `name`; every one becomes
/// such a mapping. `read_rest(entry, made, number)` adds the other fields.
template <class ReadRest>
boost::json::array read_entries(fields& parent, std::string_view key, std::string_view name, ReadRest read_rest) {
  boost::json::array made;
  std::size_t index = 0;
  for (auto& item : parent.list(key)) {
    const auto path = entry_path(parent, key, index++);
    document entry = item;
    if (item.is_scalar() && item.is != document::kind::null) {
      entry = {document::kind::mapping, item.at};
      entry.members.push_back({std::string(name), item.at, item});
    }
    if (entry.is != document::kind::mapping) {
      parent.found().warn(item.at, path, shown(item) + " is not a text or a mapping; left out");
      continue;
    }
    fields given(entry, path, parent.found());
    auto text = given.text(name);
    if (text.empty()) {
      parent.found().warn(item.at, path, "'" + std::string(name) + "' is missing; left out");
      continue;
    }
    boost::json::object object;
    read_rest(given, object, text);
    given.finish();
    made.push_back(std::move(object));
  }
  return made;
}

/// "goal_<n>", the first that is free.
std::string free_goal_id(const std::set<std::string>& taken, std::size_t number) {
  while (taken.contains("goal_" + std::to_string(number))) ++number;
  return "goal_" + std::to_string(number);
}

/// What goals are called in the file: a name that is made up must not be one of them.
std::set<std::string> given_goal_ids(fields& top) {
  std::set<std::string> ids;
  const auto* goals = top.find("initial_goals");
  if (goals == nullptr) return ids;
  for (auto& goal : goals->items)
    for (auto& each : goal.members)
      if (each.key == "goal_id") ids.insert(each.value.text);
  return ids;
}

}  // namespace

boost::json::object read_personality(fields given) {
  boost::json::object made;
  auto big_five = given.section("big_five");
  boost::json::object traits;
  for (auto* key : {"openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"})
    traits[key] = big_five.checked_number(key, 0.5, {0, 1});
  big_five.finish();
  made["big_five"] = std::move(traits);
  made["behavioral_traits"] = read_entries(given, "behavioral_traits", "trait",
                                           [](fields& entry, boost::json::object& object, const std::string& text) {
                                             object["trait"] = text;
                                             object["intensity"] = entry.number("intensity", 0.5);
                                           });
  made["core_values"] = read_entries(given, "core_values", "value",
                                     [](fields& entry, boost::json::object& object, const std::string& text) {
                                       object["value"] = text;
                                       object["priority"] = entry.whole("priority", usual_priority, priority_range);
                                     });
  for (auto* key : {"quirks", "strengths", "weaknesses"}) made[key] = given.texts(key);
  given.finish();
  return made;
}

boost::json::array read_goals(fields& top) {
  const auto named = given_goal_ids(top);
  std::set<std::string> taken;
  std::size_t number = 0;
  return read_entries(
      top, "initial_goals", "description", [&](fields& goal, boost::json::object& object, const std::string& text) {
        ++number;
        auto id = goal.text("goal_id");
        if (!id.empty() && taken.contains(id)) {
          const auto* given = goal.find("goal_id");
          goal.found().warn(given->at, goal.path_of("goal_id"),
                            shown(*given) + " is another goal's; a new one is made up");
          id.clear();
        }
        if (id.empty()) {
          auto used = named;
          used.insert(taken.begin(), taken.end());
          id = free_goal_id(used, number);
        }
        taken.insert(id);
        object["goal_id"] = id;
        object["goal_type"] = goal.choice("goal_type", "long_term", {"short_term", "long_term", "hidden"});
        object["description"] = text;
        object["priority"] = goal.whole("priority", usual_priority, priority_range);
        object["progress"] = goal.number("progress", 0);
      });
}

}  // namespace troupe::characters
