#include "characters/synthesis.hpp"
#include "someone.hpp"
#include "support/catch.hpp"

using namespace troupe::characters;
using namespace troupe::characters::test;

namespace {

life_state life_of(definition who) {
  life_state life;
  life.who = std::move(who);
  life.begin_as_defined(noon);
  return life;
}

life_state with_levels(const levels& now) {
  life_state life = life_of(somebody());
  life.now = now;
  return life;
}

std::string chemical_tone(const levels& now) {
  return consult(with_levels(now), {})[0].tone;
}

std::string tone_for(const levels& now, const std::string& mood, const std::string& message = "Well.") {
  life_state life = with_levels(now);
  life.feeling.word = mood;
  return synthesise(life, message, {}).tone;
}

constexpr levels middle = {50, 50, 50, 50, 50, 50};

}  // namespace

TEST_CASE("the levels' own tone is the first that fits") {
  //                      dop   ser oxy  end cor  adr
  CHECK(chemical_tone(middle) == "neutral");
  CHECK(chemical_tone({80, 80, 80, 50, 70.1, 50}) == "stressed");
  CHECK(chemical_tone({70.1, 80, 60.1, 50, 70, 50}) == "happy_connected");
  CHECK(chemical_tone({70.1, 80, 60, 50, 50, 50}) == "excited");
  CHECK(chemical_tone({70, 70.1, 80, 50, 50, 50}) == "confident");
  CHECK(chemical_tone({70, 70, 70.1, 50, 50, 50}) == "warm");
  CHECK(chemical_tone({39.9, 50, 70, 50, 50.1, 50}) == "depleted");
  CHECK(chemical_tone({40, 50, 50, 50, 50.1, 50}) == "neutral");
  CHECK(chemical_tone({39.9, 50, 50, 50, 50, 50}) == "neutral");
}

TEST_CASE("the levels are the more urgent the farther they are from the middle") {
  CHECK(consult(with_levels(middle), {})[0].priority == 0.3);
  // (30 + 10 + 0 + 20 + 0 + 0) / 6 / 100 + 0.3
  CHECK(rounded(consult(with_levels({80, 40, 50, 70, 50, 50}), {})[0].priority) == 0.4);
  // cortisol above 80: 31 / 6 / 100 + 0.3 + 0.3
  CHECK(rounded(consult(with_levels({50, 50, 50, 50, 81, 50}), {})[0].priority) == rounded(0.31 / 6 + 0.6));
  CHECK(rounded(consult(with_levels({50, 50, 50, 50, 80, 50}), {})[0].priority) == 0.35);
  // dopamine below 20
  CHECK(rounded(consult(with_levels({19, 50, 50, 50, 50, 50}), {})[0].priority) == rounded(0.31 / 6 + 0.6));
  CHECK(rounded(consult(with_levels({20, 50, 50, 50, 50, 50}), {})[0].priority) == 0.35);
  // 0.5 + 0.3 + 0.3 is capped
  CHECK(consult(with_levels({0, 0, 0, 0, 100, 0}), {})[0].priority == 1);
}

TEST_CASE("personality is the surer the more it is formed") {
  definition who = somebody();
  CHECK(rounded(consult(life_of(who), {})[1].confidence) == 0.7);
  who.big_five.openness = 0.9;
  who.big_five.neuroticism = 0.1;
  CHECK(rounded(consult(life_of(who), {})[1].confidence) == 0.78);   // 0.7 + 0.2 * 2/5
  CHECK(rounded(consult(life_of(pilot()), {})[1].confidence) == 1);  // 0.7 + 0.2 + 0.1
  CHECK(consult(life_of(who), {})[1].tone == "curious");
  who.big_five.neuroticism = 0.61;
  CHECK(consult(life_of(who), {})[1].tone == "cautious");
  who.big_five.extraversion = 0.71;
  who.big_five.agreeableness = 0.61;
  CHECK(consult(life_of(who), {})[1].tone == "enthusiastic");
  who.big_five = {0.7, 0.5, 0.5, 0.71, 0.6};
  CHECK(consult(life_of(who), {})[1].tone == "warm");
  who.big_five = {0.7, 0.5, 0.39, 0.7, 0.6};
  CHECK(consult(life_of(who), {})[1].tone == "reserved");
  who.big_five.extraversion = 0.4;
  CHECK(consult(life_of(who), {})[1].tone == "balanced");
}

TEST_CASE("memories have a tone by their mean valence") {
  const auto tone = [](const std::vector<recollection>& recalled) {
    return consult(life_of(somebody()), recalled)[5].tone;
  };
  CHECK(tone({}) == "neutral");
  CHECK(tone({{"a", 0.9, 0.6}, {"b", 0.9, 0.1}}) == "positive_memory");  // 0.35
  CHECK(tone({{"a", 0.9, 0.5}, {"b", 0.9, 0.1}}) == "neutral_memory");   // 0.3
  CHECK(tone({{"a", 0.9, -0.5}, {"b", 0.9, -0.25}}) == "negative_memory");
}

TEST_CASE("levels, mood and the message's own words vote for the tone") {
  CHECK(tone_for(middle, "neutral") == "neutral");
  CHECK(tone_for(middle, "serene") == "serene");
  CHECK(tone_for(middle, "neutral", "That is good.") == "happy");
  CHECK(tone_for(middle, "neutral", "That is awful.") == "sad");
  CHECK(tone_for(middle, "neutral", "Good and bad.") == "neutral");
  CHECK(tone_for(middle, "calm", "That is good.") == "happy");  // 0.8 over 0.9 * 0.85 = 0.765
  // confident: (25 + 5 * 0) / 600 + 0.3 = 0.34 does not outvote the mood
  CHECK(tone_for({50, 75, 50, 50, 50, 50}, "calm") == "calm");
  CHECK(tone_for({50, 75, 50, 50, 50, 50}, "neutral") == "confident");
}

TEST_CASE("tones that the table has not are voted as ones that it has") {
  CHECK(tone_for({71, 50, 61, 50, 50, 50}, "neutral") == "happy");
  CHECK(tone_for({50, 50, 71, 50, 50, 50}, "neutral") == "happy");
  CHECK(tone_for({50, 50, 50, 50, 71, 50}, "neutral") == "anxious");
  CHECK(tone_for({39, 50, 50, 50, 51, 50}, "neutral") == "tired");
  CHECK(tone_for(middle, "stressed") == "anxious");
  // happy twice, 41/600 + 0.3 + 0.8, over calm with 0.765
  CHECK(tone_for({80, 50, 61, 50, 50, 50}, "calm", "Wonderful!") == "happy");
}

TEST_CASE("the reply's confidence is the specialists' weighted by urgency") {
  const auto made = synthesise(life_of(pilot()), "Well.", {});
  // neurochemical: (5 + 15 + 2 + 6 + 22 + 25) / 6 / 100 + 0.3 = 0.425
  // (0.425 + 1*0.8 + 0.85*0.9 + 0.9*0.85 + 0.75*0.65 + 0.95*0.9) / (0.425 + 0.8 + 0.9 + 0.85 + 0.65 + 0.9)
  CHECK(rounded(made.confidence) == rounded(4.0975 / 4.525));
  // 0.4*0.9 + 0.3*0.95 + 0.3*0.9 = 0.915 of memory is more than mood's 0.9
  CHECK(made.primary == "memory");
}

TEST_CASE("extreme levels speak first") {
  // 0.4 * 1 + 0.3 + 0.3
  CHECK(synthesise(with_levels({0, 0, 0, 0, 100, 0}), "Well.", {}).primary == "neurochemical");
}

TEST_CASE("conflicts are counted among the tones that vote") {
  const auto conflicts = [](const levels& now, const std::string& mood, const std::string& message) {
    life_state life = with_levels(now);
    life.feeling.word = mood;
    return synthesise(life, message, {}).conflicts;
  };
  CHECK(conflicts(middle, "neutral", "Well.") == 0);
  CHECK(conflicts(middle, "calm", "I am sad.") == 0);
  CHECK(conflicts({50, 75, 50, 50, 50, 50}, "calm", "I am sad.") == 1);  // confident, calm, sad
  CHECK(conflicts({50, 50, 50, 50, 75, 50}, "calm", "Well.") == 1);      // anxious against calm
  CHECK(conflicts({50, 50, 50, 50, 75, 50}, "calm", "I am sad.") == 2);  // and three of them
  CHECK(conflicts({80, 50, 61, 50, 50, 50}, "sad", "Well.") == 1);       // happy against sad
  CHECK(conflicts({80, 50, 50, 50, 50, 50}, "tired", "Well.") == 1);     // excited against tired
}

TEST_CASE("a conflict makes the approach cautious") {
  life_state life = with_levels({50, 50, 50, 50, 75, 50});
  life.feeling.word = "calm";
  CHECK(synthesise(life, "Well.", {}).how.approach == "cautious");
}

TEST_CASE("the mental load is the mean of what weighs") {
  // (0.8 + 0.9 + 0.85 + 0.9 + 0.8) / 5
  CHECK(rounded(synthesise(life_of(somebody()), "Well.", {}).load) == 0.85);
  life_state moved = life_of(somebody());
  moved.feeling.intensity = 0.7;
  CHECK(rounded(synthesise(moved, "Well.", {}).load) == 0.85);
  moved.feeling.intensity = 0.91;
  CHECK(rounded(synthesise(moved, "Well.", {}).load) == 0.86);  // (4.25 + 0.91) / 6
}

TEST_CASE("the style of thinking follows openness and conscientiousness, and strong moods") {
  const auto style = [](double openness, double conscientiousness, const std::string& mood = "neutral") {
    definition who = somebody();
    who.big_five.openness = openness;
    who.big_five.conscientiousness = conscientiousness;
    life_state life = life_of(who);
    life.feeling.word = mood;
    return synthesise(life, "Well.", {}).thinking_style;
  };
  CHECK(style(0.71, 0.9) == "creative");
  CHECK(style(0.7, 0.71) == "systematic");
  CHECK(style(0.7, 0.7) == "balanced");
  CHECK(style(0.29, 0.29) == "intuitive");
  CHECK(style(0.3, 0.29) == "balanced");
  CHECK(style(0.9, 0.9, "anxious") == "cautious");
  CHECK(style(0.9, 0.9, "stressed") == "cautious");
  CHECK(style(0.9, 0.9, "excited") == "dynamic");
}

TEST_CASE("the strategy has the contract's words") {
  const auto made = synthesise(life_of(pilot()), "Well.", {});
  CHECK(rounded(made.self_awareness) == rounded(2.45 / 3));  // (0.85 + 0.8 * 1 + 0.8) / 3
  CHECK(made.how.object()
        == parsed(R"({"approach": "methodical", "complexity_level": "simple", "emotional_engagement": "high",
                      "thinking_visibility": "high", "response_focus": "focused"})"));
  CHECK(synthesise(life_of(somebody()), "Well.", {}).how.approach == "balanced");
}

TEST_CASE("temperature and token limit follow style and strategy within their bounds") {
  turn_plan::synthesis made;
  const auto temperature = [&](const std::string& style, const std::string& engagement) {
    made.thinking_style = style;
    made.how.engagement = engagement;
    return temperature_for(made);
  };
  CHECK(temperature("balanced", "moderate") == 0.8);
  CHECK(temperature("balanced", "high") == 0.85);
  CHECK(temperature("balanced", "low") == 0.75);
  CHECK(temperature("creative", "moderate") == 0.9);
  CHECK(temperature("creative", "high") == 0.9);
  CHECK(temperature("systematic", "high") == 0.75);
  CHECK(temperature("cautious", "moderate") == 0.6);
  CHECK(temperature("cautious", "high") == 0.65);
  CHECK(temperature("cautious", "low") == 0.6);
  const auto tokens = [&](const std::string& complexity, double load) {
    made.how.complexity = complexity;
    made.load = load;
    return token_limit_for(made);
  };
  CHECK(tokens("moderate", 0.8) == 400);
  CHECK(tokens("moderate", 0.81) == 300);
  CHECK(tokens("simple", 0.5) == 300);
  CHECK(tokens("high", 0.49) == 500);
  CHECK(tokens("high", 0.5) == 400);
}
