#include "characters/definition.hpp"

#include "characters/document.hpp"
#include "characters/schema.hpp"
#include "runtime/local_timestamp.hpp"

namespace troupe::characters {
namespace {

levels levels_of(const boost::json::object& config, std::string_view section, std::string_view part) {
  const auto* object = &config.at(section).as_object();
  if (!part.empty()) object = &object->at(part).as_object();
  levels made{};
  for (std::size_t i = 0; i < neurochemical_count; ++i)
    made[i] = object->at(neurochemical_names[i]).to_number<double>();
  return made;
}

expected<definition> made_from(const document& top, std::string_view name, const origin& from) {
  if (!is_character_id(from.id))
    return failure{failure_kind::invalid,
                   "a character's id must be 1 to 64 letters, digits, '-', '_' and '.', and not begin with a dot"};
  if (top.is != document::kind::mapping)
    return failure{failure_kind::invalid, at(name, top.at) + ": a character must be a mapping of fields"};
  problems found(name);
  auto config = read_character(top, from, found);
  if (found.has_errors()) return failure{failure_kind::invalid, found.error_text()};
  auto text = [&](const char* key) { return std::string(config.at(key).as_string()); };
  definition made;
  made.id = from.id;
  made.name = text("name");
  made.archetype = text("archetype");
  made.description = std::string(config.at("metadata").as_object().at("description").as_string());
  made.baseline = levels_of(config, "neurochemical_baseline", {});
  made.sensitivity = levels_of(config, "neurochemical_profile", "baseline_sensitivities");
  auto& traits = config.at("personality").as_object().at("big_five").as_object();
  made.big_five = {traits.at("openness").to_number<double>(), traits.at("conscientiousness").to_number<double>(),
                   traits.at("extraversion").to_number<double>(), traits.at("agreeableness").to_number<double>(),
                   traits.at("neuroticism").to_number<double>()};
  made.emotional_volatility = config.at("mood_baseline").as_object().at("emotional_volatility").to_number<double>();
  made.config = std::move(config);
  made.warnings = found.warnings();
  return made;
}

}  // namespace

expected<definition> definition::from_yaml(std::string_view id, std::string_view text, std::string_view file,
                                           std::int64_t now_us) {
  if (text.size() > largest_definition)
    return failure{failure_kind::invalid, std::string(file) + ": the file must not be larger than "
                                              + std::to_string(largest_definition) + " bytes"};
  auto top = read_yaml(text, file);
  if (!top) return top.error();
  return made_from(*top, file, {id, local_timestamp(now_us), false});
}

expected<definition> definition::from_json(std::string_view id, const boost::json::object& config,
                                           std::int64_t now_us) {
  constexpr std::string_view name = "character_config";
  auto top = read_json(config, name);
  if (!top) return top.error();
  return made_from(*top, name, {id, local_timestamp(now_us), true});
}

}  // namespace troupe::characters
