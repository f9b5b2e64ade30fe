#include "characters/definition.hpp"

#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string>

using troupe::failure_kind;
using troupe::is_character_id;
using troupe::characters::definition;

namespace {

constexpr std::int64_t noon = 1'932'980'400'000'000;

troupe::expected<definition> read(const std::string& text) {
  return definition::from_yaml("harbor", text, "harbor.yaml", noon);
}

definition good(const std::string& text) {
  auto made = read(text);
  if (!made) FAIL(made.error().message);
  return *made;
}

std::string error_of(const std::string& text) {
  auto made = read(text);
  if (made) return "(accepted)";
  CHECK(made.error().kind == failure_kind::invalid);
  return made.error().message;
}

/// With what is required, so that `text` may be about something else.
std::string with(const std::string& text) {
  return "name: Ada\narchetype: guide\n" + text;
}

}  // namespace

TEST_CASE("a character needs a name and an archetype and nothing else") {
  auto made = good("name: Ada Fern\narchetype: steady_guide\n");
  CHECK(made.id == "harbor");
  CHECK(made.name == "Ada Fern");
  CHECK(made.archetype == "steady_guide");
  CHECK(made.warnings.empty());
  CHECK(made.big_five.openness == 0.5);
  for (auto level : made.baseline) CHECK(level == 50);
  for (auto factor : made.sensitivity) CHECK(factor == 1);
  CHECK(error_of("name: Ada\n") == "harbor.yaml:1:1: archetype: this field is required and must be a text");
  CHECK(error_of("name:\narchetype: guide\n") == "harbor.yaml:1:1: name: this field is required and must be a text");
  CHECK(error_of("archetype: guide\nname: [Ada]\n")
        == "harbor.yaml:2:7: name: a list is not allowed, it must be a text");
}

TEST_CASE("absent fields have the contract's defaults") {
  auto config = good(with("")).config;
  auto expected = boost::json::parse(R"({
    "character_id":"harbor","name":"Ada","archetype":"guide","demographics":{},
    "personality":{"big_five":{"openness":0.5,"conscientiousness":0.5,"extraversion":0.5,"agreeableness":0.5,"neuroticism":0.5},
      "behavioral_traits":[],"core_values":[],"quirks":[],"strengths":[],"weaknesses":[]},
    "specialty":{"domain":"general","expertise_level":0.5,"experience_years":1,"subdomain_knowledge":[],"certifications":[],
      "notable_achievements":[]},
    "skills":{"intelligence":{"analytical":0.5,"creative":0.5,"practical":0.5,"social":0.5},"emotional_intelligence":0.5,
      "physical_capability":0.5,"problem_solving":0.5,"communication":0.5,"leadership":0.5,"technical_skills":[],"soft_skills":[]},
    "communication_style":{"verbal_pattern":"moderate","social_comfort":"neutral","listening_preference":0.5,
      "body_language":"neutral","formality_level":"moderate","humor_style":"none","conversation_style":"balanced",
      "quirks":[],"preferred_topics":[]},
    "initial_goals":[],
    "mood_baseline":{"current_state":"neutral","intensity":0.5,"duration":1,"baseline_setpoint":0.5,"emotional_volatility":0.5,
      "triggered_by":"initialization","typical_moods":["neutral","content"],"mood_triggers":{}},
    "neurochemical_baseline":{"dopamine":5E1,"serotonin":5E1,"oxytocin":5E1,"endorphins":5E1,"cortisol":5E1,"adrenaline":5E1},
    "neurochemical_profile":{"baseline_sensitivities":{"dopamine":1E0,"serotonin":1E0,"oxytocin":1E0,"endorphins":1E0,
      "cortisol":1E0,"adrenaline":1E0}},
    "backstory":"",
    "development":{"arc_stage":"introduction","learning_style":"balanced","growth_areas":[],"key_experiences":[],
      "changed_beliefs":[],"relationship_capacity":0.5,"adaptability":0.5},
    "metadata":{"description":"","version":"1.0","tags":[]}})")
                      .as_object();
  auto& metadata = config.at("metadata").as_object();
  CHECK(metadata.at("created_date") == metadata.at("loaded_timestamp"));
  CHECK(metadata.at("created_date").as_string().size() == std::string("2031-04-02T09:15:00.120000").size());
  metadata.erase("created_date");
  metadata.erase("loaded_timestamp");
  CHECK(boost::json::serialize(config) == boost::json::serialize(expected));
}

TEST_CASE("plain texts in lists become objects") {
  auto config = good(with("personality:\n"
                          "  behavioral_traits: [curious, {trait: blunt, intensity: 0.9}]\n"
                          "  core_values: [candour, {value: thrift, priority: 8}]\n"
                          "initial_goals:\n"
                          "  - learn to sail\n"
                          "  - {goal_id: goal_3, goal_type: hidden, description: leave, priority: 9}\n"
                          "  - mend the boat\n"))
                    .config;
  CHECK(boost::json::serialize(config.at("personality").at("behavioral_traits"))
        == R"([{"trait":"curious","intensity":5E-1},{"trait":"blunt","intensity":9E-1}])");
  CHECK(boost::json::serialize(config.at("personality").at("core_values"))
        == R"([{"value":"candour","priority":5},{"value":"thrift","priority":8}])");
  CHECK(
      boost::json::serialize(config.at("initial_goals"))
      == R"([{"goal_id":"goal_1","goal_type":"long_term","description":"learn to sail","priority":5,"progress":0E0},)"
         R"({"goal_id":"goal_3","goal_type":"hidden","description":"leave","priority":9,"progress":0E0},)"
         R"({"goal_id":"goal_4","goal_type":"long_term","description":"mend the boat","priority":5,"progress":0E0}])");
}

TEST_CASE("the Big Five and the baseline are checked, with file, line, column, field and range") {
  CHECK(error_of(with("personality:\n  big_five:\n    openness: 1.2\n"))
        == "harbor.yaml:5:15: personality.big_five.openness: 1.2 is not allowed, it must be a number from 0 to 1");
  CHECK(
      error_of(with("personality: {big_five: {neuroticism: high}}"))
      == "harbor.yaml:3:39: personality.big_five.neuroticism: 'high' is not allowed, it must be a number from 0 to 1");
  CHECK(error_of(with("neurochemical_baseline: {cortisol: -1, dopamine: .nan}"))
        == "harbor.yaml:3:36: neurochemical_baseline.cortisol: -1 is not allowed, it must be a number from 0 to 100 "
           "(and 1 more error)");
  CHECK(error_of(with("neurochemical_baseline:\n  serotonin:\n")).find("serotonin: nothing is not allowed")
        != std::string::npos);
  auto made =
      good(with("personality: {big_five: {openness: 0, neuroticism: 1}}\nneurochemical_baseline: {adrenaline: 12.5}"));
  CHECK(made.big_five.openness == 0);
  CHECK(made.big_five.neuroticism == 1);
  CHECK(made.baseline[5] == 12.5);
}

TEST_CASE("what is only unusual is a warning and the default or the nearest value is taken") {
  auto made =
      good(with("backstroy: oops\n"
                "skills: {leadership: 3, communication: well}\n"
                "communication_style: {verbal_pattern: terse, quirks: hums}\n"
                "mood_baseline: {baseline_setpoint: -4, duration: 2.5}\n"
                "specialty: general\n"
                "initial_goals: [{goal_type: someday, description: rest}, [1]]\n"
                "backstory: one\n"
                "backstory: two\n"));
  CHECK(made.config.at("skills").at("leadership").to_number<double>() == 1);
  CHECK(made.config.at("skills").at("communication").to_number<double>() == 0.5);
  CHECK(made.config.at("communication_style").at("verbal_pattern").as_string() == "terse");
  CHECK(boost::json::serialize(made.config.at("communication_style").at("quirks")) == R"(["hums"])");
  CHECK(made.config.at("mood_baseline").at("baseline_setpoint").to_number<double>() == -1);
  CHECK(made.config.at("mood_baseline").at("duration").as_int64() == 2);
  CHECK(made.config.at("specialty").at("domain").as_string() == "general");
  CHECK(made.config.at("initial_goals").as_array().size() == 1);
  CHECK(made.config.at("initial_goals").at(0).at("goal_type").as_string() == "long_term");
  CHECK(made.config.at("backstory").as_string() == "two");
  REQUIRE(made.warnings.size() == 11);
  CHECK(made.warnings[0].starts_with("harbor.yaml:3:1: 'backstroy' is not a field of a character; ignored"));
  CHECK(made.warnings[1] == "harbor.yaml:4:22: skills.leadership: 3 is not from 0 to 1; 1 is used");
  CHECK(made.warnings[2] == "harbor.yaml:4:40: skills.communication: 'well' is not a number from 0 to 1; 0.5 is used");
  CHECK(made.warnings[3].starts_with("harbor.yaml:5:39: communication_style.verbal_pattern: 'terse' is not one of"));
  CHECK(made.warnings[4].starts_with("harbor.yaml:5:54: communication_style.quirks: 'hums' is not a list"));
  CHECK(made.warnings[5].find("baseline_setpoint: -4 is not from -1 to 1") != std::string::npos);
  CHECK(made.warnings[6].find("duration: 2.5 is not a whole number; 2 is used") != std::string::npos);
  CHECK(made.warnings[7] == "harbor.yaml:7:12: specialty: 'general' is not a mapping; the defaults are used");
  CHECK(made.warnings[8].find("initial_goals[0].goal_type: 'someday' is not one of") != std::string::npos);
  CHECK(made.warnings[9].find("initial_goals[1]: a list is not a text or a mapping; left out") != std::string::npos);
  CHECK(made.warnings[10] == "harbor.yaml:10:1: backstory: the key is there twice; the last one counts");
}

TEST_CASE("default_state is the mood where no current_state is given") {
  auto mood = [](const std::string& text) {
    return std::string(
        good(with("mood_baseline: {" + text + "}")).config.at("mood_baseline").at("current_state").as_string());
  };
  CHECK(mood("default_state: serene") == "serene");
  CHECK(mood("default_state: serene, current_state: happy") == "happy");
}

TEST_CASE("sensitivities are taken, kept within 0 to 2") {
  auto made =
      good(with("neurochemical_profile:\n  baseline_sensitivities: {dopamine: 1.5, cortisol: 9}\n"
                "  gender_modifiers: {applies: false, modifier_set: custom, notes: none}\n"));
  CHECK(made.sensitivity[0] == 1.5);
  CHECK(made.sensitivity[4] == 2);
  CHECK(made.sensitivity[1] == 1);
  CHECK(made.warnings.size() == 1);
}

TEST_CASE("dates and versions stay texts, and demographics keep their types") {
  auto made =
      good(with("version: 1.10\ncreated_date: 2024-01-15\ndescription: >\n  Two\n  lines\ntags: [a, 2024-02-01]\n"
                "demographics: {age: 41, since: 2020-05-06, height: 1.7, retired: false, nothing: ~, zip: '0123'}\n"));
  CHECK(made.description == "Two lines");
  auto& metadata = made.config.at("metadata").as_object();
  CHECK(metadata.at("version").as_string() == "1.10");
  CHECK(metadata.at("created_date").as_string() == "2024-01-15");
  CHECK(boost::json::serialize(metadata.at("tags")) == R"(["a","2024-02-01"])");
  CHECK(boost::json::serialize(made.config.at("demographics"))
        == R"({"age":41,"since":"2020-05-06","height":1.7E0,"retired":false,"nothing":null,"zip":"0123"})");
  CHECK(made.warnings.empty());
}

TEST_CASE("an id inside of the file is ignored") {
  auto made = good(with("character_id: somebody-else\n"));
  CHECK(made.config.at("character_id").as_string() == "harbor");
  CHECK(made.warnings.empty());
}

TEST_CASE("a processed configuration read again is the same") {
  auto first = good(
      with("description: d\nversion: 2\ncreated_date: 2024-01-15\ntags: [x]\nmood_baseline: {default_state: calm}\n"
           "initial_goals: [one, {description: two, progress: 0.25}]\npersonality: {core_values: [a]}\n"
           "neurochemical_profile: {gender_modifiers: {applies: true, modifier_set: male}}\n"));
  auto second = definition::from_json("harbor", first.config, noon + 5'000'000);
  if (!second) FAIL(second.error().message);
  CHECK(second->warnings.empty());
  CHECK(boost::json::serialize(second->config) == boost::json::serialize(first.config));
  CHECK(second->description == "d");
}

TEST_CASE("a client's configuration gets the same checks") {
  auto from = [](const char* text) {
    return definition::from_json("mine", boost::json::parse(text).as_object(), noon);
  };
  auto good_one = from(R"({"name":"Bo","archetype":"x","skills":{"leadership":7}})");
  REQUIRE(good_one);
  REQUIRE(good_one->warnings.size() == 1);
  CHECK(good_one->warnings[0] == "character_config: skills.leadership: 7 is not from 0 to 1; 1 is used");
  CHECK(from(R"({"archetype":"x"})").error().message
        == "character_config: name: this field is required and must be a text");
  CHECK(from(R"({"name":"Bo","archetype":"x","neurochemical_baseline":{"dopamine":101}})").error().message
        == "character_config: neurochemical_baseline.dopamine: 101 is not allowed, it must be a number from 0 to 100");
  CHECK_FALSE(from("{\"name\":\"B\\u0007o\",\"archetype\":\"x\"}"));
  boost::json::value deep = "x";
  for (int i = 0; i < 29; ++i) deep = boost::json::array{std::move(deep)};
  CHECK(definition::from_json("mine", {{"name", "Bo"}, {"archetype", "x"}, {"demographics", {{"a", deep}}}}, noon));
  deep = boost::json::array{std::move(deep)};
  CHECK_FALSE(
      definition::from_json("mine", {{"name", "Bo"}, {"archetype", "x"}, {"demographics", {{"a", deep}}}}, noon));
}

TEST_CASE("a character's id can stand in a path") {
  CHECK(is_character_id("m-playful"));
  CHECK(is_character_id("A_1.b"));
  CHECK_FALSE(is_character_id(""));
  CHECK_FALSE(is_character_id(".."));
  CHECK_FALSE(is_character_id(".hidden"));
  CHECK_FALSE(is_character_id("a/b"));
  CHECK_FALSE(is_character_id("a b"));
  CHECK_FALSE(is_character_id(std::string(65, 'a')));
  CHECK(is_character_id(std::string(64, 'a')));
  CHECK_FALSE(definition::from_yaml("../x", with(""), "x.yaml", noon));
}
