#include "models/offline_character.hpp"
#include "models/offline_answer.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::models;

namespace {

constexpr const char* sheet =
    "You are Ilse Marrow, of the type wanderer.\n"
    "About you: age: 51; occupation: ferry pilot; location: a hut on the pier; interests: knots, fog\n"
    "Backstory: She learned the river from her aunt. The flood took the old bridge.\n"
    "Values: patience; plain words\n"
    "Likes to talk about: low water; herons\n"
    "Goals: Teach an apprentice; Find the bell (you keep this to yourself)\n"
    "Mood: calm (intensity 0.60)\n"
    "What you recall that may matter now:\n"
    "- User said: \"My daughter is called Runa. Do you like her name?\" Ilse Marrow answered: \"A fine name.\"\n"
    "Greeting: It is good to see you again.\n"
    "Answer what is said to you as Ilse Marrow would, in the first person, and stay in character.\n";

std::string say(const std::string& text) {
  model_request request;
  request.system = sheet;
  request.messages.push_back({chat_role::user, text});
  return offline_answer(request);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the lines of a character's instructions are read") {
  const auto role = read_role(sheet);
  REQUIRE(role);
  CHECK(role->name == "Ilse Marrow");
  CHECK(role->parts("likes to talk about") == std::vector<std::string>{"low water", "herons"});
  CHECK(role->recalled.size() == 1);
  CHECK(role->line("no such line").empty());
  CHECK_FALSE(read_role("You are Luna, a helper.\nGreeting: Hi"));
}

TEST_CASE("the offline agent answers out of its character's lines") {
  CHECK(say("Who are you?")
        == "I am Ilse Marrow, ferry pilot. You find me here: a hut on the pier. What I like: knots, fog.");
  CHECK(say("Hello there").starts_with("It is good to see you again. "));
  CHECK(say("How are you?") == "I feel calm just now. And you?");
  CHECK(has(say("What are your goals?"), "Teach an apprentice"));
  CHECK(has(say("What took the bridge?"), "The flood took the old bridge."));
}

TEST_CASE("it quotes what the user said, not what it answered") {
  const auto answer = say("What is my daughter called?");
  CHECK(has(answer, "“My daughter is called Runa”"));
  CHECK_FALSE(has(answer, "A fine name"));
}

TEST_CASE("it never steps out of its role") {
  for (const auto* text : {"", "?", "Write a poem.", "Are you a robot?", "What is the capital of Mars?", "Thank you",
                           "Goodbye", "I have bought a red boat.", "Explain this:\nText: a boat"}) {
    const auto answer = say(text);
    CHECK_FALSE(answer.empty());
    for (const auto* word : {"offline", "language model", "program", "MODEL"}) CHECK_FALSE(has(answer, word));
  }
}

TEST_CASE("a character says the same to the same, and not always the same") {
  CHECK(say("I like rain.") == say("I like rain."));
  CHECK(say("I like rain.").substr(0, 4) != say("I like rain").substr(0, 4));
  CHECK(has(say(std::string(5000, 'x')), "That is a lot at once"));
}
