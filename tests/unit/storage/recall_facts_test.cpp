#include "storage/fact_extraction.hpp"
#include "support/catch.hpp"

#include <string>

using troupe::storage::extract_facts;
using facts = std::vector<std::string>;

TEST_CASE("facts are kept in the user's own words") {
  const std::vector<std::pair<std::string, facts>> table = {
      {"My dog is called Biscuit.", {"My dog is called Biscuit."}},
      {"i live in Oslo", {"I live in Oslo"}},
      {"Hi Luna, my name is Ada. I work as a nurse!", {"My name is Ada.", "I work as a nurse!"}},
      {"Remember that the spare key is under the mat.", {"The spare key is under the mat."}},
      {"Please remember: Tuesday is bin day.", {"Tuesday is bin day."}},
      {"Could you remember that I hate olives?", {"I hate olives."}},
      {"Don't forget that my flight leaves at 7.45 am.", {"My flight leaves at 7.45 am."}},
      {"Clara lives in Leeds. She teaches chemistry.", {"Clara lives in Leeds."}},
      {"Dr. Brown is my doctor. We like him.", {"Dr. Brown is my doctor.", "We like him."}},
      {"When I was nine we moved to Canada.", {"When I was nine we moved to Canada."}},
      {"Our house\nhas a red roof and\nmy car is blue", {"My car is blue"}},
      {"I’m allergic to nuts.", {"I’m allergic to nuts."}},
      {"I have two cats. I have two cats.", {"I have two cats."}},
  };
  for (const auto& [teaching, expected] : table) {
    INFO(teaching);
    REQUIRE(extract_facts(teaching) == expected);
  }
}

TEST_CASE("questions, greetings, commands and empty talk are dropped") {
  for (const std::string teaching : {"",
                                     "   \n",
                                     "Hello!",
                                     "Hi there, how are you?",
                                     "What is my name?",
                                     "what is my name",
                                     "Do I have a dog",
                                     "Tell me about my family.",
                                     "Please write my report.",
                                     "Explain this to me.",
                                     "Thanks a lot for that.",
                                     "I want you to write a poem about me.",
                                     "It is raining.",
                                     "I see.",
                                     "I don't know.",
                                     "Yes.",
                                     "...",
                                     "That was Anna's.",
                                     "When do we leave",
                                     "Let's talk about my work.",
                                     "The weather was nice.",
                                     "Can you remember when my birthday is?",
                                     "Good morning to you, Luna."}) {
    INFO(teaching);
    REQUIRE(extract_facts(teaching).empty());
  }
}

TEST_CASE("the number and length of facts is bounded") {
  std::string many;
  for (int i = 0; i < 20; ++i) many += "I own " + std::to_string(i) + " books. ";
  REQUIRE(extract_facts(many).size() == 8);
  std::string longer = "I like";
  for (int i = 0; i < 300; ++i) longer += " äpfel";
  const auto cut = extract_facts(longer);
  REQUIRE(cut.size() == 1);
  REQUIRE(cut[0].size() > 500);  // bytes: a character may have two
  REQUIRE(cut[0].substr(cut[0].size() - 6) == "äpfel");
  const auto solid = extract_facts("my own " + std::string(3000, 'x'));
  REQUIRE(solid.size() == 1);
  REQUIRE(solid[0].size() <= 500);
}
