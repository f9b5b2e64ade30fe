#include "characters/json_parts.hpp"
#include "characters/life_state.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <utility>

namespace troupe::characters {
namespace json = boost::json;
namespace {

std::string id_of(const json::value& goal) {
  const json::object* object = goal.if_object();
  return object ? text_at(*object, "goal_id") : std::string();
}

const json::object* find_goal(const json::array& list, std::string_view id) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const json::value& each) { return id_of(each) == id; });
  return found == list.end() ? nullptr : found->if_object();
}

}  // namespace

goal_lists goal_lists::of(const definition& who, std::int64_t now_us) {
  goal_lists lists;
  for (const json::value& each : array_at(who.config, "initial_goals"))
    if (each.is_object() && lists.active.size() < most_goals) lists.active.push_back(each);
  lists.complete(now_us);
  return lists;
}

void goal_lists::adopt(const json::array& before, const json::array& after) {
  json::array kept;
  for (const json::value& each : active) {
    const std::string id = id_of(each);
    if (!find_goal(before, id) && !find_goal(after, id)) kept.push_back(each);  // not from the file
  }
  for (const json::value& each : after) {
    const std::string id = id_of(each);
    if (!each.is_object() || find_goal(completed, id) || find_goal(abandoned, id)) continue;
    json::object goal = each.get_object();
    const json::object* known = find_goal(active, id);
    // Another description is another goal: what was reached of the old one does not count.
    if (known && text_at(*known, "description") == text_at(goal, "description"))
      if (const json::value* progress = known->if_contains("progress")) goal["progress"] = *progress;
    if (kept.size() < most_goals) kept.push_back(std::move(goal));
  }
  active = std::move(kept);
}

void goal_lists::complete(std::int64_t now_us) {
  json::array open;
  for (json::value& each : active) {
    json::object* goal = each.if_object();
    if (!goal || number_at(*goal, "progress", 0) < 1) {
      open.push_back(std::move(each));
      continue;
    }
    (*goal)["completed_at"] = local_timestamp(now_us);
    completed.push_back(std::move(each));
    if (completed.size() > most_goals) completed.erase(completed.begin());
  }
  active = std::move(open);
}

json::object goal_lists::object() const {
  json::object result = {{"active_goals", active}, {"completed_goals", completed}, {"abandoned_goals", abandoned}};
  if (related_interactions > 0) result["goal_related_interactions"] = related_interactions;
  return result;
}

}  // namespace troupe::characters
