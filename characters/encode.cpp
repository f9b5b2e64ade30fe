#include "characters/life_state.hpp"
#include "characters/reports.hpp"

#include "characters/json_parts.hpp"

#include <boost/json/value.hpp>

namespace troupe::characters {
namespace json = boost::json;

/// Contract 9; what the original does not know stands under `character_state`.
json::object inner_life::encode(std::int64_t now_us) const {
  const life_state& life = *state_;
  json::object character = {{"character_id", life.who.id},
                            {"last_updated", local_timestamp(life.updated_us)},
                            {"name", life.who.name},
                            {"archetype", life.who.archetype},
                            {"demographics", object_at(life.who.config, "demographics")},
                            {"agent_states", life.agent_states()},
                            {"neurochemical_levels", life.neurochemical_object()},
                            {"conversation_history", history_array(life)},
                            {"relationship_state", life.bond.object()},
                            {"web_search_history", life.searches},
                            {"knowledge_updates", life.knowledge},
                            {"interaction_count", life.interaction_count},
                            {"average_confidence", life.average_confidence},
                            {"created", local_timestamp(life.created_us)},
                            {"last_decay", local_timestamp(life.decayed_us)},
                            {"next_mood", life.feeling.next_word}};
  return {{"character_state", std::move(character)},
          {"conversation_context", life.context_object()},
          {"performance_stats", life.performance.object()},
          {"character_config", life.who.config},
          {"save_timestamp", local_timestamp(now_us)}};
}

}  // namespace troupe::characters
