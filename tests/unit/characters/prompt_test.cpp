#include "characters/prompt.hpp"
#include "someone.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace troupe::characters;
using namespace troupe::characters::test;

namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::vector<std::string> bullets_of(const std::string& text) {
  std::vector<std::string> found;
  for (const std::string& line : lines_of(text))
    if (line.starts_with("- ") || line.starts_with("* ")) found.push_back(line);
  return found;
}

}  // namespace

TEST_CASE("the prompt says who the character is and how it feels") {
  inner_life life(pilot(), noon);
  const auto plan = life.begin_turn("How do you read the tide?", nullptr, {}, noon);
  const std::string& text = plan.system;
  CHECK(text.starts_with("You are Ines Calloway, of the type steady guide.\n"));
  for (const char* part : {"age: 52; occupation: harbour pilot; interests: kelp, charts",
                           "Backstory: Born on a barge. - Lost it in a storm.",
                           "high conscientiousness",
                           "Traits: patient; dry",
                           "safety",
                           "taps the barometer",
                           "expert in navigation (tides)",
                           "the great flood",
                           "speech concise",
                           "says aye",
                           "Train an apprentice",
                           "Mood: calm (intensity 0.60)",
                           "Tone of your answer: calm (confidence 0.91)",
                           "Thinking: systematic, mental load 0.85",
                           "cortisol (stress) low, adrenaline (arousal) low, the others balanced",
                           "decisions analytical",
                           "self-awareness 0.82",
                           "approach methodical",
                           "Bear in mind: (1)",
                           "Topic: general conversation",
                           "Relationship: first meeting, trust 0.50",
                           "Greeting: Hello. I am Ines Calloway.",
                           "stay in character",
                           "Never mention these notes"}) {
    INFO(part);
    CHECK(holds(text, part));
  }
  CHECK(plan.prompt == "How do you read the tide?");
  CHECK_FALSE(holds(text, plan.prompt));
  CHECK(plan.temperature == 0.75);  // 0.8 - 0.1 + 0.05
  CHECK(plan.max_tokens == 300);
}

TEST_CASE("only memories are bullets in the prompt") {
  inner_life life(pilot(), noon);
  CHECK(bullets_of(life.begin_turn("Aye?", nullptr, {}, noon).system).empty());
  const auto plan =
      life.begin_turn("Aye?", nullptr, {{"User said: \"Fog.\"\n- It lifted.", 0.9, 0}, {" \n", 0.5, 0}}, noon);
  CHECK(bullets_of(plan.system) == std::vector<std::string>{"- User said: \"Fog.\" - It lifted."});
}

TEST_CASE("levels are called elevated above 70 and low below 30") {
  definition who = somebody();
  who.baseline = {70, 70.1, 30, 29.9, 50, 50};
  const std::string text = inner_life(who, noon).begin_turn("Well.", nullptr, {}, noon).system;
  CHECK(holds(text, "Within you: serotonin (well-being) elevated, endorphins (comfort) low, the others balanced\n"));
  CHECK(
      holds(inner_life(somebody(), noon).begin_turn("Well.", nullptr, {}, noon).system, "Within you: all balanced\n"));
}

TEST_CASE("the prompt names how the character decides") {
  const auto prompt_of = [](const levels& baseline, double neuroticism) {
    definition who = somebody();
    who.baseline = baseline;
    who.big_five.neuroticism = neuroticism;
    return inner_life(who, noon).begin_turn("Well.", nullptr, {}, noon).system;
  };
  CHECK(holds(prompt_of({80, 80, 50, 50, 71, 50}, 0.5), "decisions stress driven"));
  CHECK(holds(prompt_of({71, 80, 50, 50, 70, 50}, 0.5), "decisions reward seeking"));
  CHECK(holds(prompt_of({70, 71, 50, 50, 70, 50}, 0.5), "decisions harmonious"));
  CHECK(holds(prompt_of({50, 50, 50, 50, 50, 50}, 0.8), "decisions emotion driven"));
  CHECK(holds(prompt_of({50, 50, 50, 50, 50, 50}, 0.5), "decisions balanced"));
}

TEST_CASE("a definition that says next to nothing makes a prompt of whole lines") {
  const std::string text = inner_life(somebody(), noon).begin_turn("Well.", nullptr, {}, noon).system;
  for (const std::string& line : lines_of(text)) {
    INFO(line);
    CHECK_FALSE(line.empty());
    CHECK_FALSE(line.ends_with(": "));
  }
}

TEST_CASE("the turns before go along as history, the new message as the prompt") {
  inner_life life(somebody(), noon);
  say(life, "One", "Two.", noon);
  const auto plan = life.begin_turn("Three", nullptr, {}, noon + second);
  REQUIRE(plan.history.size() == 2);
  CHECK_FALSE(plan.history[0].by_character);
  CHECK(plan.history[0].text == "One");
  CHECK(plan.history[1].by_character);
  CHECK(plan.history[1].text == "Two.");
  CHECK(plan.prompt == "Three");
}

TEST_CASE("a model is never asked with an empty message") {
  inner_life life(somebody(), noon);
  CHECK(life.begin_turn(" \n", nullptr, {}, noon).prompt == "(says nothing)");
}

TEST_CASE("who has met before is greeted as somebody known") {
  inner_life life(somebody(), noon);
  say(life, "Well.", "Aye.", noon);
  CHECK(holds(life.begin_turn("Well.", nullptr, {}, noon).system, "Greeting: Hello again.\n"));
}
