#include "characters/reply_shaping.hpp"
#include "someone.hpp"
#include "support/catch.hpp"

using namespace troupe::characters;
using namespace troupe::characters::test;

namespace {

/// "a a a." of so many words.
std::string sentence(int words, const std::string& word = "a") {
  std::string text = word;
  for (int i = 1; i < words; ++i) text += " " + word;
  return text + ".";
}

std::string shaped(std::string_view raw, std::string_view complexity = "high") {
  return cleaned_up(raw, somebody(), complexity);
}

}  // namespace

TEST_CASE("reasoning and needless white space are taken out of a reply") {
  CHECK(shaped("<think>The user asks…</think>\n\n  By the kelp,\n\tmostly.  ") == "By the kelp, mostly.");
  CHECK(shaped("<think>never closed") == "");
  CHECK(shaped(" \n ") == "");
}

TEST_CASE("phrases that give the machinery away are dropped") {
  CHECK(shaped("As an AI language model, I like kelp.") == "I like kelp.");
  CHECK(shaped("Aye. As an AI, we sail at dawn.") == "Aye. We sail at dawn.");
  CHECK(shaped("Based on my neurochemical levels, all is well.") == "All is well.");
  CHECK(shaped("Fog. According to my mood agent, it lifts.") == "Fog. It lifts.");
  CHECK(shaped("I'm just an AI. The tide turns.") == "The tide turns.");
  CHECK(shaped("As an AI.") == "");
  CHECK(shaped("As an aide I served the captain.") == "As an aide I served the captain.");
  CHECK(shaped("I am just an airman.") == "I am just an airman.");
}

TEST_CASE("a speaker of few words keeps two sentences of a long reply") {
  const std::string long_reply = sentence(30) + " " + sentence(30, "b") + " " + sentence(41, "c");
  CHECK(cleaned_up(long_reply, pilot(), "high") == sentence(30) + " " + sentence(30, "b"));
  const std::string fitting = sentence(30) + " " + sentence(30, "b") + " " + sentence(40, "c");
  CHECK(cleaned_up(fitting, pilot(), "high") == fitting);
  CHECK(shaped(long_reply) == long_reply);
}

TEST_CASE("a reply over its bound loses its last sentence") {
  for (const auto& [complexity, bound] : {std::pair{"simple", 80}, {"moderate", 150}, {"high", 300}}) {
    const std::string first = sentence(bound - 10);
    CHECK(shaped(first + " " + sentence(10, "b"), complexity) == first + " " + sentence(10, "b"));
    CHECK(shaped(first + " " + sentence(11, "b"), complexity) == first);
    CHECK(shaped(sentence(bound + 50), complexity) == sentence(bound + 50));  // it is all there is
  }
}

TEST_CASE("sentences end with their marks and quotes, not within numbers") {
  CHECK(sentences_of("It is 3.5 knots. \"Aye!\" Really?! So…")
        == std::vector<std::string_view>{"It is 3.5 knots. ", "\"Aye!\" ", "Really?! ", "So…"});
  CHECK(sentences_of("“Aye.” Well").size() == 2);
  CHECK(sentences_of("").empty());
  CHECK(sentences_of("no end") == std::vector<std::string_view>{"no end"});
}

TEST_CASE("the stock line is chosen by the message's length in characters") {
  const auto line = [](const std::string& message) { return stock_line(somebody(), message); };
  CHECK(line("") == line("four"));
  CHECK(line("ä") == line("a"));
  CHECK(line("a") == line("abcde"));
  CHECK(line("") != line("a"));
  CHECK(line("a") != line("ab"));
  CHECK(line("ab") != line("abc"));
}

TEST_CASE("characters have stock lines of their own manner") {
  definition lively = somebody();
  lively.big_five.extraversion = 0.9;
  definition formal = somebody();
  formal.config["communication_style"].as_object()["formality_level"] = "formal";
  CHECK(stock_line(somebody(), "") != stock_line(lively, ""));
  CHECK(stock_line(somebody(), "") != stock_line(formal, ""));
  CHECK(stock_line(somebody(), "") != stock_line(pilot(), ""));
}
