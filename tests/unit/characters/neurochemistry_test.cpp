#include "characters/neurochemistry.hpp"
#include "someone.hpp"
#include "support/catch.hpp"

#include <string>

using namespace troupe::characters;
using namespace troupe::characters::test;

namespace {

constexpr levels middle = {50, 50, 50, 50, 50, 50};
constexpr levels ordinary = {1, 1, 1, 1, 1, 1};

levels after(levels now, std::string_view tone, double confidence, std::string_view message = "",
             const levels& sensitivity = ordinary) {
  react(now, tone, confidence, message, sensitivity);
  for (double& each : now) each = rounded(each);
  return now;
}

}  // namespace

TEST_CASE("each tone moves the levels as its row of the table says") {
  // At confidence 1 the factor is 0.5 + 0.5 = 1, and at 50 nothing is damped.
  CHECK(after(middle, "happy", 1) == levels{58, 56, 50, 54, 47, 50});
  CHECK(after(middle, "excited", 1) == levels{60, 52, 50, 53, 50, 57});
  CHECK(after(middle, "confident", 1) == levels{56, 58, 50, 50, 45, 52});
  CHECK(after(middle, "calm", 1) == levels{50, 58, 50, 52, 44, 46});
  CHECK(after(middle, "curious", 1) == levels{55, 52, 50, 50, 50, 53});
  CHECK(after(middle, "anxious", 1) == levels{47, 46, 50, 50, 58, 56});
  CHECK(after(middle, "sad", 1) == levels{46, 44, 50, 48, 54, 50});
  CHECK(after(middle, "frustrated", 1) == levels{48, 47, 50, 50, 56, 55});
  CHECK(after(middle, "tired", 1) == levels{46, 48, 50, 50, 52, 44});
  for (const char* other : {"neutral", "uncertain", "serene", "content", "Happy", ""})
    CHECK(after(middle, other, 1) == middle);
}

TEST_CASE("less confidence moves the levels less, down to half") {
  CHECK(after(middle, "happy", 0) == levels{54, 53, 50, 52, 48.5, 50});
  CHECK(after(middle, "happy", 0.5) == levels{56, 54.5, 50, 53, 47.75, 50});
}

TEST_CASE("a change that leads away from the middle is damped, one that leads back is not") {
  // happy: dopamine 8 at 75 times (1 - 25/50), serotonin 6 at 25 whole,
  // endorphins 4 at 100 times 0, cortisol -3 at 40 times (1 - 10/50).
  CHECK(after({75, 25, 50, 100, 40, 50}, "happy", 1) == levels{79, 31, 50, 100, 37.6, 50});
  // cortisol -3 at 90 leads back.
  CHECK(after({50, 50, 50, 50, 90, 50}, "happy", 1)[4] == 87);
}

TEST_CASE("a lasting tone does not saturate a level") {
  levels now = middle;
  for (int turn = 0; turn < 10; ++turn) react(now, "excited", 1, "", ordinary);
  // Undamped it would be 100 after five turns; each turn takes a fifth of what is left: 100 - 50 * 0.8^10
  CHECK(rounded(now[0]) == rounded(100 - 50 * 0.1073741824));
}

TEST_CASE("each kind of word has its effect once, also inside of a longer word") {
  for (const char* bonding : {"thanks", "i love it", "befriended", "appreciate"})
    CHECK(after(middle, "neutral", 1, bonding) == levels{50, 50, 54, 50, 50, 50});
  for (const char* curious : {"?", "learning", "show", "whatever", "why"})
    CHECK(after(middle, "neutral", 1, curious) == levels{53, 50, 50, 50, 50, 50});
  for (const char* trouble : {"problems", "an issue", "wrong", "error"})
    CHECK(after(middle, "neutral", 1, trouble) == levels{50, 50, 50, 50, 52, 50});
  // "help" bonds and means trouble.
  CHECK(after(middle, "neutral", 1, "help") == levels{50, 50, 54, 50, 52, 50});
  CHECK(after(middle, "neutral", 1, "thank love friend how what why? problem error") == levels{53, 50, 54, 50, 52, 50});
  CHECK(after(middle, "neutral", 1, "nothing of that") == middle);
}

TEST_CASE("words are not damped, and levels stay within 0 and 100") {
  CHECK(after({99, 50, 98, 50, 50, 50}, "neutral", 1, "thank you, why") == levels{100, 50, 100, 50, 50, 50});
  CHECK(after({2, 50, 50, 50, 50, 50}, "sad", 1, "", {10, 1, 1, 1, 1, 1})[0] == 0.4);  // 4 * (1 - 48/50) * 10 = 1.6
}

TEST_CASE("sensitivity multiplies a whole turn's change") {
  // dopamine (8 + 3) * 2, serotonin 6 * 0, oxytocin 4 * 0.5
  CHECK(after(middle, "happy", 1, "thank you, why", {2, 0, 0.5, 1, 1, 1}) == levels{72, 50, 52, 54, 47, 50});
}

TEST_CASE("levels decay towards rest from the sixtieth second on") {
  const levels high = {80, 80, 80, 80, 80, 80};
  levels now = high;
  std::int64_t last = noon;
  decay(now, last, noon + 60 * second - 1);
  CHECK(now == high);
  CHECK(last == noon);
  decay(now, last, noon + 60 * second);
  CHECK(now == levels{78, 78, 78, 78, 78, 78});
  CHECK(last == noon + 60 * second);
  now = {0, 0, 0, 0, 0, 0};
  decay(now, last, last + 150 * second);
  CHECK(now == levels{2.5, 2.5, 2.5, 2.5, 2.5, 2.5});
}

TEST_CASE("decay ends at the targets") {
  const levels targets = {50, 55, 45, 40, 30, 25};
  for (double from : {0.0, 100.0}) {
    levels now = {from, from, from, from, from, from};
    std::int64_t last = noon;
    decay(now, last, noon + 2 * hour);
    CHECK(now == targets);
  }
  levels close = {51, 54.5, 45, 40, 30, 25};
  std::int64_t last = noon;
  decay(close, last, noon + minute);
  CHECK(close == targets);
}

TEST_CASE("a clock that went back decays nothing") {
  levels now = middle;
  std::int64_t last = noon;
  decay(now, last, noon - hour);
  CHECK(now == middle);
  CHECK(last == noon);
}

TEST_CASE("a long absence leads a tenth of the way to rest for each hour, half of it at most") {
  levels now = {95, 50, 40, 35, 75, 20};
  rest(now, 0.999);
  CHECK(now == levels{95, 50, 40, 35, 75, 20});
  rest(now, 1);
  CHECK(now == levels{90, 50, 40, 35, 70, 20});  // 95 + (45 - 95) * 0.1, 75 + (25 - 75) * 0.1
  levels longer = {95, 50, 40, 35, 75, 20};
  rest(longer, 5);
  CHECK(longer == levels{70, 50, 40, 35, 50, 20});
  levels longest = {95, 50, 40, 35, 75, 20};
  rest(longest, 5000);
  CHECK(longest == longer);
}
