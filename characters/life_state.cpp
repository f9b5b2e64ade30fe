#include "characters/life_state.hpp"

#include "characters/json_parts.hpp"
#include "characters/texts.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace troupe::characters {
namespace json = boost::json;

json::object relationship::object() const {
  return {{"trust_level", trust},
          {"interaction_count", interactions},
          {"last_interaction_quality", last_quality},
          {"shared_experiences", shared_experiences},
          {"connection_strength", connection}};
}

void conversation::merge(const json::object& context) {
  std::size_t size = json::serialize(added).size();
  for (const auto& [key, value] : context) {
    const std::string_view name(key);
    if (name == "conversation_start" || name == "interaction_count") continue;
    if (name == "topic" || name == "relationship_stage") {
      const json::string* text = value.if_string();
      if (text) (name == "topic" ? topic : stage) = beginning_of({text->data(), text->size()}, longest_word);
      continue;
    }
    const json::value* known = added.if_contains(name);
    const std::size_t before = known ? json::serialize(*known).size() : 0;
    const std::size_t after = json::serialize(value).size() + (known ? 0 : name.size());
    if (size - before + after > largest_context || (!known && added.size() >= most_context_keys)) continue;
    size = size - before + after;
    added[name] = value;
  }
}

json::object performance_counters::object() const {
  return {{"total_responses", responses},
          {"total_response_time", response_time},
          {"average_response_time", average_time()},
          {"successful_responses", successful},
          {"failed_responses", failed},
          {"memory_formations", memories},
          {"web_searches_triggered", web_searches}};
}

void life_state::begin_as_defined(std::int64_t now_us) {
  now = who.baseline;
  feeling = mood::of(who);
  goals = goal_lists::of(who, now_us);
  tone_history.clear();
  dominant_tone.clear();
  bond = {};
  updated_us = now_us;
  decayed_us = now_us;
}

std::optional<history_entry> life_state::remember(bool by_character, std::string_view text, std::int64_t at_us) {
  std::string kept(beginning_of(text, longest_kept_text));
  if (kept.size() < text.size()) kept += "…";
  history.push_back({by_character, std::move(kept), at_us});
  if (history.size() <= most_history) return std::nullopt;
  history_entry oldest = std::move(history.front());
  history.pop_front();
  return oldest;
}

json::object life_state::neurochemical_object() const {
  json::object result;
  for (std::size_t i = 0; i < neurochemical_count; ++i) result[neurochemical_names[i]] = now[i];
  return result;
}

json::object life_state::context_object() const {
  json::object result = {{"topic", talk.topic},
                         {"relationship_stage", talk.stage},
                         {"conversation_start", local_timestamp(talk.began_us)},
                         {"interaction_count", interaction_count}};
  for (const auto& [key, value] : talk.added) result.emplace(key, value);
  return result;
}

json::object life_state::agent_states() const {
  json::object style = object_at(who.config, "communication_style");
  if (!dominant_tone.empty()) {
    style["tone_history"] = tone_history;
    style["dominant_tone"] = dominant_tone;
  }
  return {{"personality", object_at(who.config, "personality")},
          {"specialty", object_at(who.config, "specialty")},
          {"skills", object_at(who.config, "skills")},
          {"mood", feeling.object(who)},
          {"communication_style", std::move(style)},
          {"goals", goals.object()},
          {"development", object_at(who.config, "development")}};
}

}  // namespace troupe::characters
