#include "characters/definition.hpp"

#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

using troupe::characters::definition;

namespace {

std::map<std::string, definition> shipped() {
  std::map<std::string, definition> all;
  for (auto& entry : std::filesystem::directory_iterator(TROUPE_CHARACTERS_FOLDER)) {
    const auto id = entry.path().stem().string();
    INFO(entry.path());
    REQUIRE(entry.path().extension() == ".yaml");
    std::ifstream in(entry.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    auto made = definition::from_yaml(id, text, entry.path().filename().string(), 0);
    if (!made) FAIL(made.error().message);
    for (auto& warning : made->warnings) FAIL_CHECK(warning);
    all.emplace(id, std::move(*made));
  }
  return all;
}

}  // namespace

TEST_CASE("every shipped character loads without a warning and can be talked to") {
  const auto all = shipped();
  CHECK(all.size() == 12);
  CHECK(all.contains("m-playful"));
  for (auto& [id, who] : all) {
    INFO(id);
    CHECK_FALSE(who.description.empty());
    CHECK(who.config.at("backstory").as_string().size() > 200);
    CHECK(who.config.at("initial_goals").as_array().size() >= 3);
    CHECK(who.config.at("personality").at("behavioral_traits").as_array().size() >= 3);
    CHECK(who.config.at("personality").at("core_values").as_array().size() >= 3);
    CHECK(who.config.at("personality").at("quirks").as_array().size() >= 3);
    CHECK(who.config.at("communication_style").at("preferred_topics").as_array().size() >= 3);
  }
}

TEST_CASE("the shipped characters differ in name, archetype, personality, levels and voice") {
  const auto all = shipped();
  std::set<std::string> names, archetypes, levels, traits, styles;
  for (auto& [id, who] : all) {
    names.insert(who.name);
    archetypes.insert(who.archetype);
    levels.insert(boost::json::serialize(who.config.at("neurochemical_baseline")));
    traits.insert(boost::json::serialize(who.config.at("personality").at("big_five")));
    styles.insert(boost::json::serialize(who.config.at("communication_style")));
  }
  for (auto* each : {&names, &archetypes, &levels, &traits, &styles}) CHECK(each->size() == all.size());
}

TEST_CASE("m-playful is a short profile whose own mood and sensitivities count") {
  const auto all = shipped();
  auto& playful = all.at("m-playful");
  CHECK(playful.config.at("mood_baseline").at("current_state").as_string() == "happy");
  CHECK(playful.sensitivity[0] == 1.4);
  CHECK(playful.config.at("initial_goals").at(0).at("goal_id").as_string() == "make_them_laugh");
}
