#include "characters/mood.hpp"
#include "someone.hpp"
#include "support/catch.hpp"

using namespace troupe::characters;
using namespace troupe::characters::test;

namespace {

constexpr levels middle = {50, 50, 50, 50, 50, 50};
constexpr levels calm = {50, 71, 50, 50, 39, 50};
constexpr levels anxious = {50, 50, 50, 50, 71, 50};

}  // namespace

TEST_CASE("each mood begins just beyond its borders") {
  //                        dop  ser  oxy end cor adr
  CHECK(mood_word({70.1, 60.1, 50, 50, 50, 50}) == "happy");
  CHECK(mood_word({70, 60.1, 50, 50, 50, 50}) == "neutral");
  CHECK(mood_word({70.1, 60, 50, 50, 50, 50}) == "neutral");
  CHECK(mood_word({75.1, 60, 50, 50, 50, 65.1}) == "excited");
  CHECK(mood_word({75, 60, 50, 50, 50, 65.1}) == "neutral");
  CHECK(mood_word({75.1, 60, 50, 50, 50, 65}) == "neutral");
  CHECK(mood_word({50, 50, 50, 50, 70.1, 50}) == "anxious");
  CHECK(mood_word({50, 50, 50, 50, 70, 50}) == "neutral");
  CHECK(mood_word({39.9, 29.9, 50, 50, 50, 50}) == "sad");
  CHECK(mood_word({40, 29.9, 50, 50, 50, 50}) == "neutral");
  CHECK(mood_word({39.9, 30, 50, 50, 50, 50}) == "neutral");
  CHECK(mood_word({50, 50, 50, 50, 60.1, 60.1}) == "stressed");
  CHECK(mood_word({50, 50, 50, 50, 60, 60.1}) == "neutral");
  CHECK(mood_word({50, 50, 50, 50, 60.1, 60}) == "neutral");
  CHECK(mood_word({50, 70.1, 50, 50, 39.9, 50}) == "calm");
  CHECK(mood_word({50, 70, 50, 50, 39.9, 50}) == "neutral");
  CHECK(mood_word({50, 70.1, 50, 50, 40, 50}) == "neutral");
  CHECK(mood_word({60.1, 50, 50, 50, 50, 39.9}) == "content");
  CHECK(mood_word({60, 50, 50, 50, 50, 39.9}) == "neutral");
  CHECK(mood_word({60.1, 50, 50, 50, 50, 40}) == "neutral");
}

TEST_CASE("of several moods the first of the list counts") {
  CHECK(mood_word({80, 61, 50, 50, 80, 80}) == "happy");
  CHECK(mood_word({80, 50, 50, 50, 80, 80}) == "excited");
  CHECK(mood_word({30, 20, 50, 50, 80, 80}) == "anxious");
  CHECK(mood_word({30, 20, 50, 50, 65, 65}) == "sad");
  CHECK(mood_word({65, 80, 50, 50, 30, 30}) == "calm");
}

TEST_CASE("the intensity follows the levels that the mood is made of") {
  const levels now = {80, 60, 70, 50, 90, 40};
  CHECK(mood_intensity("anxious", now, 0.1) == 0.9);
  CHECK(mood_intensity("happy", now, 0.1) == 0.75);  // (80 + 70) / 200
  CHECK(mood_intensity("excited", now, 0.1) == 0.8);
  CHECK(mood_intensity("content", now, 0.1) == 0.7);
  CHECK(mood_intensity("calm", now, 0.1) == 0.6);
  CHECK(mood_intensity("stressed", now, 0.1) == 0.65);  // (90 + 40) / 200
  CHECK(mood_intensity("sad", now, 0.1) == 0.55);       // (100 - 80 + 90) / 200
  CHECK(mood_intensity("tired", now, 0.1) == 0.55);
  CHECK(mood_intensity("neutral", now, 0.1) == 0.5);
  CHECK(mood_intensity("serene", now, 0.1) == 0.1);
}

TEST_CASE("energy, sociability and focus are the contract's sums within 0 and 100") {
  // The contract's example (5.5): 17.1 + 10 + 8.8 - 2.8, 19.6 + 21.45 + 11.4 - 2.8, 17.1 + 5 + 14.3 - 8.4
  const auto drives = drives_of({57, 71.5, 49, 44, 28, 25});
  CHECK(rounded(drives.energy) == 33.1);
  CHECK(rounded(drives.sociability) == 49.65);
  CHECK(rounded(drives.focus) == 28);
  CHECK(drives_of({0, 0, 0, 0, 100, 0}) == mood::drive{0, 0, 0});
}

TEST_CASE("the first computation of energy is stored as it is, later ones by a fifth") {
  mood feeling;
  CHECK_FALSE(feeling.drives.has_value());
  feeling.follow(middle, 0.5, "neutral", 0.8);
  REQUIRE(feeling.drives.has_value());
  // 50 * (0.3 + 0.4 + 0.2 - 0.1), 50 * (0.4 + 0.3 + 0.2 - 0.1), 50 * (0.3 + 0.2 + 0.2 - 0.3)
  CHECK(rounded(feeling.drives->energy) == 40);
  CHECK(rounded(feeling.drives->sociability) == 40);
  CHECK(rounded(feeling.drives->focus) == 20);
  feeling.follow({60, 60, 60, 60, 60, 60}, 0.5, "neutral", 0.8);
  CHECK(rounded(feeling.drives->energy) == 41.6);  // 0.8 * 40 + 0.2 * 48
  CHECK(rounded(feeling.drives->focus) == 20.8);   // 0.8 * 20 + 0.2 * 24
}

TEST_CASE("a mood changes when two turns in a row come to the same new word") {
  mood feeling;
  feeling.follow(calm, 0.59, "neutral", 0.8);
  CHECK(feeling.word == "neutral");
  CHECK(feeling.duration == 2);
  feeling.follow(anxious, 0.59, "neutral", 0.8);  // another new word: the count begins anew
  CHECK(feeling.word == "neutral");
  feeling.follow(calm, 0.59, "neutral", 0.8);
  CHECK(feeling.word == "neutral");
  CHECK(feeling.duration == 4);
  CHECK(feeling.triggered_by == "initialization");
  feeling.follow(calm, 0.59, "neutral", 0.8);
  CHECK(feeling.word == "calm");
  CHECK(feeling.duration == 1);
  CHECK(feeling.triggered_by == "neurochemical_change");
  CHECK(feeling.intensity == 0.71);
  feeling.follow(anxious, 0.59, "neutral", 0.8);
  feeling.follow(calm, 0.59, "neutral", 0.8);  // back to what it was: nothing is pending any more
  feeling.follow(anxious, 0.59, "neutral", 0.8);
  CHECK(feeling.word == "calm");
  CHECK(feeling.duration == 4);
}

TEST_CASE("a volatile character changes its mood at once") {
  mood feeling;
  feeling.follow(calm, 0.6, "neutral", 0.8);
  CHECK(feeling.word == "calm");
  CHECK(feeling.duration == 1);
  feeling.follow(calm, 0.6, "neutral", 0.8);
  CHECK(feeling.duration == 2);
}

TEST_CASE("the tone of an exchange is kept unless it is neutral") {
  mood feeling;
  feeling.follow(middle, 0.5, "neutral", 0.8);
  CHECK_FALSE(feeling.object(somebody()).contains("recent_interaction_tone"));
  feeling.follow(middle, 0.5, "happy", 0.75);
  feeling.follow(middle, 0.5, "neutral", 0.9);
  const auto shown = feeling.object(somebody());
  CHECK(text_in(shown, "recent_interaction_tone") == "happy");
  CHECK(number_in(shown, "interaction_impact") == 0.75);
}

TEST_CASE("a mood begins as the definition says and shows what never changes") {
  const auto shown = mood::of(pilot()).object(pilot());
  CHECK(shown == parsed(R"({"current_state": "calm", "intensity": 0.6, "duration": 1, "baseline_setpoint": 0.6,
             "emotional_volatility": 0.2, "triggered_by": "initialization", "typical_moods": ["calm", "curious"],
             "mood_triggers": {}})"));
}
