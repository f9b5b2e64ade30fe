#include "characters/inner_life.hpp"
#include "support/catch.hpp"

#include <string>

using troupe::characters::reasoning_filter;

namespace {

std::string filtered(std::string_view text) {
  reasoning_filter filter;
  std::string given = filter.feed(text);
  return given + filter.finish();
}

}  // namespace

TEST_CASE("reasoning blocks are taken out wherever the stream is cut") {
  const std::string text =
      "A <b <think>one </thinking> <x</think>B [think] <THINKING>two</Thinking>C [thinking]\n3 < 4[/thinking]"
      "D<reasoning></reasoning>[Reasoning]x[/REASONING]E <thin";
  const std::string expected = "A <b B [think] C DE <thin";
  REQUIRE(filtered(text) == expected);
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    for (std::size_t second = cut; second <= text.size(); ++second) {
      reasoning_filter filter;
      std::string given = filter.feed(text.substr(0, cut));
      given += filter.feed(text.substr(cut, second - cut));
      given += filter.feed(text.substr(second));
      given += filter.finish();
      if (given != expected) FAIL("cut at " << cut << " and " << second << ": " << given);
    }
  reasoning_filter one_by_one;
  std::string given;
  for (char c : text) given += one_by_one.feed({&c, 1});
  CHECK(given + one_by_one.finish() == expected);
}

TEST_CASE("a reasoning block that nobody closes is dropped") {
  CHECK(filtered("Well. <think>so much to") == "Well. ");
  CHECK(filtered("<thinking>a</think>b") == "");
  CHECK(filtered("[reasoning]a</reasoning>b") == "");
}

TEST_CASE("text that only looks like a reasoning tag is given back") {
  for (const char* text : {"a < b and c > d", "<thinker>x</thinker>", "[think]x[/think]", "<", "[thinkin", "</think>",
                           "<<think", "< think>", "<reason>why</reason>"})
    CHECK(filtered(text) == text);
  CHECK(filtered("<<think>x</think>>") == "<>");
}

TEST_CASE("a stream gives text back as soon as it can be no tag") {
  reasoning_filter filter;
  CHECK(filter.feed("Hello <thi") == "Hello ");
  CHECK(filter.feed("s way>") == "<this way>");
  CHECK(filter.feed("Grüße") == "Grüße");
  CHECK(filter.finish().empty());
}

TEST_CASE("a filter begins anew after its stream has ended") {
  reasoning_filter filter;
  CHECK(filter.feed("<think>never closed").empty());
  CHECK(filter.finish().empty());
  CHECK(filter.feed("Next.") == "Next.");
}
