#include "someone.hpp"
#include "support/catch.hpp"

using namespace troupe::characters;
using troupe::local_timestamp;
using namespace troupe::characters::test;

namespace {

void check_levels(const inner_life& life, const levels& expected) {
  const levels now = levels_of(life);
  for (std::size_t i = 0; i < neurochemical_count; ++i) {
    INFO(neurochemical_names[i]);
    CHECK(rounded(now[i]) == rounded(expected[i]));
  }
}

}  // namespace

TEST_CASE("a scripted day moves the inner life as the contract's formulas say") {
  inner_life life(pilot(), noon);
  check_levels(life, {55, 65, 48, 44, 28, 25});

  // 10 s after the beginning. Nothing stands out of the levels, so the mood
  // votes alone: calm. Neurochemical priority (5+15+2+6+22+25)/600 + 0.3 = 0.425;
  // confidence (0.425 + 0.8 + 0.765 + 0.765 + 0.4875 + 0.855) / (0.425 + 0.8 + 0.9 + 0.85 + 0.65 + 0.9).
  const double first = 4.0975 / 4.525;
  const double f1 = 0.5 + 0.5 * first;
  auto told = say(life, "How do you read the tide?", "By the kelp, mostly.", noon + 10 * second, 2 * second);
  // calm: serotonin +8 (1 - 15/50), endorphins +2 back to the middle, cortisol -6 (1 - 22/50),
  // adrenaline -4 (1 - 25/50); "how" and "?" together dopamine +3. No decay: 12 s.
  levels now = {58, 65 + 8 * f1 * 0.7, 48, 44 + 2 * f1, 28 - 6 * f1 * 0.56, 25 - 4 * f1 * 0.5};
  check_levels(life, now);
  // Serotonin above 70 and cortisol below 40: calm it is and stays.
  CHECK(now[1] > 70);
  auto mood = mood_of(life);
  CHECK(text_in(mood, "current_state") == "calm");
  CHECK(number_in(mood, "duration") == 2);
  CHECK(rounded(number_in(mood, "intensity")) == rounded(now[1] / 100));
  const double energy = 0.3 * now[0] + 0.4 * now[5] + 0.2 * now[3] - 0.1 * now[4];
  CHECK(rounded(number_in(mood, "energy_level")) == rounded(energy));
  CHECK(text_in(mood, "recent_interaction_tone") == "calm");
  CHECK(rounded(number_in(mood, "interaction_impact")) == rounded(first));
  CHECK(rounded(number_in(life.character_summary(), "average_confidence")) == rounded(first));

  // Two minutes later. Confident (serotonin), calm (mood) and happy ("wonderful") vote; happy has 0.8
  // against 0.765 and less. Three tones: one conflict.
  double distance = 0;
  for (double each : now) distance += each > 50 ? each - 50 : 50 - each;
  const double priority = distance / 600 + 0.3;
  const double second_confidence = (priority + 3.6725) / (priority + 4.1);
  const double f2 = 0.5 + 0.5 * second_confidence;
  told = say(life, "Thank you, that was wonderful!", "Aye.", noon + 132 * second);
  CHECK(text_in(told.body.at("character_insights").as_object(), "emotional_tone") == "happy");
  CHECK(number_in(told.body.at("orchestration_summary").as_object(), "conflicts_resolved") == 1);
  // happy: dopamine +8 and serotonin +6 damped, endorphins +4 back, cortisol -3 damped; "thank": oxytocin +4.
  now = {now[0] + 8 * f2 * (1 - (now[0] - 50) / 50),
         now[1] + 6 * f2 * (1 - (now[1] - 50) / 50),
         48 + 4,
         now[3] + 4 * f2,
         now[4] - 3 * f2 * (1 - (50 - now[4]) / 50),
         now[5]};
  // Decay of 132 s since the beginning: -2 or +1 a minute towards 50, 55, 45, 40, 30, 25.
  const double t = 2.2;
  now = {now[0] - 2 * t, now[1] - 2 * t, 52 - 2 * t, now[3] - 2 * t, now[4] + t, 25};
  CHECK(now[5] == 25);  // 23.1 + 2.2 would be above the target
  check_levels(life, now);
  CHECK(rounded(number_in(life.vitals().at("relationship_state").as_object(), "trust_level")) == 0.55);
  mood = mood_of(life);
  // Energy has inertia.
  const double new_energy = 0.3 * now[0] + 0.4 * now[5] + 0.2 * now[3] - 0.1 * now[4];
  CHECK(rounded(number_in(mood, "energy_level")) == rounded(0.8 * energy + 0.2 * new_energy));
  CHECK(rounded(number_in(life.character_summary(), "average_confidence")) == rounded((first + second_confidence) / 2));

  // Somebody comes back after three hours: 0.3 of the way to 45, 50, 40, 35, 25, 20.
  life.reunite(noon + 132 * second + 3 * hour);
  const levels rest = {45, 50, 40, 35, 25, 20};
  for (std::size_t i = 0; i < neurochemical_count; ++i) now[i] += (rest[i] - now[i]) * 0.3;
  check_levels(life, now);
  CHECK(now[1] < 70);
  CHECK(text_in(mood_of(life), "current_state") == "neutral");
  CHECK(number_in(mood_of(life), "duration") == 1);

  // The absence is accounted for: a turn 30 s later decays nothing. "Fog." moves nothing by words, and
  // nothing votes: neutral.
  CHECK(now[0] < 70);
  say(life, "Fog.", "Aye.", noon + 162 * second + 3 * hour);
  check_levels(life, now);
  CHECK(number_in(mood_of(life), "duration") == 2);
}

TEST_CASE("the same calls give the same results") {
  const auto lived = [] {
    inner_life life(pilot(), noon);
    for (int i = 0; i < 30; ++i)
      say(life, "Why is turn " + std::to_string(i) + " so great?", "Aye.", noon + i * minute);
    return life.encode(noon + hour);
  };
  CHECK(lived() == lived());
}

TEST_CASE("a turn's answer has every field of the contract") {
  inner_life life(pilot(), noon);
  const auto told =
      say(life, "How do you read the tide?", "<think>Hm</think>By the kelp, mostly.\n", noon, 2400 * 1000);
  CHECK(told.reply == "By the kelp, mostly.");
  const auto& body = told.body;
  CHECK(text_in(body, "response_text") == told.reply);
  const auto fields = [&](const char* object, std::initializer_list<const char*> names) {
    INFO(object);
    const auto& inside = body.at(object).as_object();
    CHECK(inside.size() == names.size());
    for (const char* name : names) {
      INFO(name);
      CHECK(inside.contains(name));
    }
  };
  CHECK(body.size() == 8);
  fields("character_insights", {"emotional_tone", "confidence_level", "thinking_style", "cognitive_load"});
  fields("response_metadata",
         {"character_id", "timestamp", "emotional_tone", "confidence_level", "agent_count", "conflicts_resolved",
          "cognitive_load", "response_strategy", "generation_temperature", "max_tokens_used"});
  fields("generation_info", {"prompt_length", "raw_response_length", "processed_response_length", "generation_params"});
  fields("orchestration_summary", {"agent_count", "conflicts_resolved", "primary_agent"});
  fields("cognitive_summary", {"thinking_style", "cognitive_load", "response_strategy"});
  fields("character_state_summary", {"dominant_hormone", "mood_state", "interaction_count", "average_confidence"});
  fields("performance_info", {"response_time_seconds", "total_responses", "average_response_time"});
  const auto& metadata = body.at("response_metadata").as_object();
  CHECK(number_in(metadata, "agent_count") == 6);
  CHECK(number_in(metadata, "generation_temperature") == 0.75);
  CHECK(number_in(metadata, "max_tokens_used") == 300);
  CHECK(text_in(metadata, "timestamp") == local_timestamp(noon + 2400 * 1000));
  const auto& generation = body.at("generation_info").as_object();
  CHECK(number_in(generation, "raw_response_length") == 38);  // 17 of reasoning, 20, a line feed
  CHECK(number_in(generation, "processed_response_length") == 20);
  CHECK(number_in(generation, "prompt_length") > 500);
  CHECK(text_in(body.at("cognitive_summary").as_object(), "response_strategy") == "methodical");
  CHECK(text_in(body.at("character_state_summary").as_object(), "dominant_hormone") == "serotonin");
  CHECK(number_in(body.at("performance_info").as_object(), "response_time_seconds") == 2.4);
  REQUIRE(told.memory.has_value());
  CHECK(told.memory->text.find("By the kelp, mostly.") != std::string::npos);
}

TEST_CASE("a turn without an answer falls back to a stock line and goes into the books") {
  inner_life life(pilot(), noon);
  auto plan = life.begin_turn("Why?", nullptr, {}, noon);
  const auto told = life.fall_back(plan, "the language model is not there", noon + second);
  CHECK_FALSE(told.reply.empty());
  const auto& insights = told.body.at("character_insights").as_object();
  CHECK(insights == parsed(R"({"emotional_tone": "uncertain", "confidence_level": 0.3, "thinking_style": "confused",
                      "cognitive_load": 1.0})"));
  const auto& metadata = told.body.at("response_metadata").as_object();
  CHECK(metadata.at("fallback").as_bool());
  CHECK(text_in(metadata, "error") == "the language model is not there");
  const auto& generation = told.body.at("generation_info").as_object();
  CHECK(generation.at("fallback_used").as_bool());
  CHECK(text_in(generation, "error_message") == "the language model is not there");
  // "uncertain" has no row; "why" and "?" are curious.
  check_levels(life, {58, 65, 48, 44, 28, 25});
  const auto summary = life.character_summary();
  CHECK(number_in(summary, "interaction_count") == 1);
  CHECK(number_in(summary, "average_confidence") == 0.3);
  CHECK(number_in(summary.at("performance_stats").as_object(), "failed_responses") == 1);
  CHECK(number_in(summary.at("performance_stats").as_object(), "successful_responses") == 0);
  CHECK(life.conversation_history().size() == 2);
  CHECK(told.memory.has_value());  // a question
}

TEST_CASE("a fallback to a plain remark is no memory") {
  inner_life life(pilot(), noon);
  CHECK_FALSE(life.fall_back(life.begin_turn("Fog.", nullptr, {}, noon), "gone", noon).memory.has_value());
}

TEST_CASE("an answer of nothing but reasoning is a fallback") {
  inner_life life(pilot(), noon);
  const auto told = say(life, "Well?", "<think>and on and on", noon);
  CHECK_FALSE(told.reply.empty());
  CHECK(told.body.at("response_metadata").as_object().at("fallback").as_bool());
  CHECK(number_in(life.character_summary().at("performance_stats").as_object(), "total_responses") == 1);
}

TEST_CASE("an abandoned turn leaves everything as it was before") {
  inner_life life(pilot(), noon);
  const auto context = parsed(R"({"topic": "knots", "debug_mode": true})");
  for (int turns : {0, 1, 10, 3}) {
    for (int i = 0; i < turns; ++i) say(life, "Fog " + std::to_string(i), "Aye.", noon + i * second);
    const auto before = life.encode(noon + hour);
    auto plan = life.begin_turn("How do you do?", &context, {}, noon + minute);
    CHECK(life.encode(noon + hour) != before);
    life.abandon_turn(plan);
    CHECK(life.encode(noon + hour) == before);
  }
}

TEST_CASE("abandoning a turn that a reset has overtaken changes nothing") {
  inner_life life(pilot(), noon);
  say(life, "Fog.", "Aye.", noon);
  auto plan = life.begin_turn("Well?", nullptr, {}, noon);
  life.reset(false, noon + second);
  const auto before = life.encode(noon + hour);
  life.abandon_turn(plan);
  CHECK(life.encode(noon + hour) == before);
  CHECK_FALSE(life.end_turn(plan, "Late.", noon + minute).reply.empty());
}

TEST_CASE("a request's context stays, but its topic and stage hold for its turn only") {
  inner_life life(somebody(), noon);
  const auto given = parsed(R"({"topic": "knots", "relationship_stage": "old_friends", "debug_mode": true})");
  life.end_turn(life.begin_turn("Fog.", &given, {}, noon), "Aye.", noon);
  auto context = life.character_summary().at("conversation_context").as_object();
  CHECK(text_in(context, "topic") == "knots");
  CHECK(text_in(context, "relationship_stage") == "old_friends");
  CHECK(context.at("debug_mode").as_bool());
  CHECK(text_in(context, "conversation_start") == local_timestamp(noon));
  say(life, "What is your plan?", "None.", noon);
  context = life.character_summary().at("conversation_context").as_object();
  CHECK(text_in(context, "topic") == "goals_and_aspirations");
  CHECK(text_in(context, "relationship_stage") == "getting_acquainted");
  CHECK(number_in(context, "interaction_count") == 2);
  CHECK(context.at("debug_mode").as_bool());
}

TEST_CASE("the history keeps twenty entries, the oldest first, and the model sees them all") {
  inner_life life(somebody(), noon);
  for (int i = 0; i < 15; ++i) say(life, "Say " + std::to_string(i), "Aye.", noon + i * second);
  const auto history = life.conversation_history();
  REQUIRE(history.size() == 20);
  CHECK(history[0].as_object()
        == boost::json::object{
            {"role", "user"}, {"message", "Say 5"}, {"timestamp", local_timestamp(noon + 5 * second)}});
  CHECK(text_in(history[19].as_object(), "role") == "character");
  CHECK(life.begin_turn("Next", nullptr, {}, noon).history.size() == 20);
}

TEST_CASE("a very long message is kept by its beginning only, but asked whole") {
  inner_life life(somebody(), noon);
  std::string message(8 * 1024 - 1, 'x');
  message += "ä and more";
  const auto plan = life.begin_turn(message, nullptr, {}, noon);
  CHECK(plan.prompt == message);
  CHECK(text_in(life.conversation_history()[0].as_object(), "message") == std::string(8 * 1024 - 1, 'x') + "…");
}

TEST_CASE("a reset that preserves memories keeps what has been said and how well they know each other") {
  inner_life life(pilot(), noon);
  for (int i = 0; i < 6; ++i) say(life, "That is wonderful, what is your plan?", "Aye.", noon + i * minute);
  life.reset(true, noon + hour);
  check_levels(life, pilot().baseline);
  const auto summary = life.character_summary();
  CHECK(summary.at("mood_state") == inner_life(pilot(), noon).character_summary().at("mood_state"));
  CHECK(summary.at("agent_states") == inner_life(pilot(), noon).character_summary().at("agent_states"));
  CHECK(number_in(summary, "interaction_count") == 6);
  CHECK(number_in(summary.at("performance_stats").as_object(), "total_responses") == 6);
  CHECK(life.conversation_history().size() == 12);
  const auto& context = summary.at("conversation_context").as_object();
  CHECK(text_in(context, "topic") == "introduction");
  CHECK(text_in(context, "relationship_stage") == "building_rapport");
  CHECK(number_in(context, "interaction_count") == 6);
  CHECK(number_in(life.vitals().at("relationship_state").as_object(), "trust_level") == 0.5);
  CHECK(text_in(summary, "last_updated") == local_timestamp(noon + hour));
}

TEST_CASE("a whole reset forgets all but its performance") {
  inner_life life(pilot(), noon);
  for (int i = 0; i < 6; ++i) say(life, "That is wonderful?", "Aye.", noon + i * minute);
  life.reset(false, noon + hour);
  auto fresh = inner_life(pilot(), noon + hour).encode(noon + hour);
  auto after = life.encode(noon + hour);
  CHECK(number_in(after.at("performance_stats").as_object(), "total_responses") == 6);
  after.erase("performance_stats");
  fresh.erase("performance_stats");
  after.at("character_state").as_object()["created"] = local_timestamp(noon + hour);
  CHECK(after == fresh);
}

TEST_CASE("a long absence counts from the last time that anything happened, and once") {
  inner_life life(pilot(), noon);
  life.reunite(noon + hour - 1);
  check_levels(life, pilot().baseline);
  life.reunite(noon + hour);
  const levels rested = {54, 63.5, 47.2, 43.1, 27.7, 24.5};  // a tenth of the way to 45, 50, 40, 35, 25, 20
  check_levels(life, rested);
  life.reunite(noon + hour + minute);
  check_levels(life, rested);
  life.reunite(noon);
  check_levels(life, rested);
}

TEST_CASE("a changed file changes who somebody is, not what was lived through") {
  inner_life life(pilot(), noon);
  say(life, "Thank you, wonderful!", "Aye.", noon);
  const levels before = levels_of(life);
  definition changed = pilot();
  changed.name = "Ines Rook";
  changed.baseline = {10, 10, 10, 10, 10, 10};
  changed.config["mood_baseline"].as_object()["typical_moods"] = {"gloomy"};
  life.adopt(changed);
  CHECK(levels_of(life) == before);
  CHECK(text_in(life.character_info(), "name") == "Ines Rook");
  CHECK(mood_of(life).at("typical_moods") == boost::json::value({"gloomy"}));
  CHECK(number_in(life.vitals().at("neurochemical_baselines").as_object(), "dopamine") == 10);
  CHECK(number_in(life.character_summary(), "interaction_count") == 1);
  CHECK(life.begin_turn("Well.", nullptr, {}, noon).system.starts_with("You are Ines Rook, "));
}

TEST_CASE("a copy lives its own life") {
  inner_life life(pilot(), noon);
  inner_life copy = life;
  say(copy, "Why?", "Aye.", noon);
  CHECK(number_in(life.character_summary(), "interaction_count") == 0);
  life = copy;
  CHECK(number_in(life.character_summary(), "interaction_count") == 1);
}
