#include "models/offline_model.hpp"

#include "models/offline_answer.hpp"
#include "models/rewriting.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::models;

namespace {

model_request request_of(const std::string& text) {
  model_request request;
  request.messages.push_back({chat_role::user, text});
  return request;
}

memory_hit hit(const std::string& text, float similarity) {
  memory_hit result;
  result.record.text = text;
  result.similarity = similarity;
  return result;
}

/// A question of someone whose statements memory keeps.
std::string ask(const std::string& text) {
  auto request = request_of(text);
  request.noted = {text};
  return offline_answer(request);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct streamed {
  std::string text;
  std::vector<std::string> deltas;
  model_event end;
  int waits = 0;
};

streamed read_all(model_stream& stream) {
  streamed result;
  for (int i = 0; i < 100000; ++i) {
    auto polled = stream.poll();
    if (polled.not_before) ++result.waits;
    if (!polled.event) continue;
    if (polled.event->what == model_event::kind::ended) {
      result.end = *polled.event;
      return result;
    }
    result.deltas.push_back(polled.event->text);
    result.text += polled.event->text;
  }
  FAIL("the stream did not end");
  return result;
}

}  // namespace

TEST_CASE("an answer streams word by word, adds up exactly and ends once") {
  offline_model model;
  REQUIRE(model.name() == "offline");
  const model_request request = request_of("Rewrite this.\n\nText:\nwe was  here,and   happy\nthen we left");
  const auto stream = model.open(request, [] {});
  const streamed all = read_all(*stream);
  REQUIRE(all.text == offline_answer(request));
  REQUIRE(all.deltas.size() > 3);
  for (std::size_t i = 0; i + 1 < all.deltas.size(); ++i)
    REQUIRE((all.deltas[i].back() == ' ' || all.deltas[i].back() == '\n'));
  REQUIRE(all.waits == 0);
  REQUIRE(all.end.error.kind == failure_kind::none);
  REQUIRE(all.end.usage.output == all.deltas.size());
  REQUIRE(all.end.usage.input == 10);
  REQUIRE_FALSE(stream->poll().event);
  REQUIRE_FALSE(stream->poll().not_before);
}

TEST_CASE("a paced stream waits between words and says the same") {
  const std::chrono::nanoseconds pace(500);
  const auto stream = offline_model(pace).open(request_of("My dog is called Rex."), [] {});
  REQUIRE(stream->poll().event);
  REQUIRE(stream->poll().not_before == pace);
  REQUIRE(stream->poll().event);
  const auto whole = offline_model(pace).open(request_of("My dog is called Rex."), [] {});
  const streamed all = read_all(*whole);
  REQUIRE(all.text == offline_answer(request_of("My dog is called Rex.")));
  REQUIRE(all.waits == static_cast<int>(all.deltas.size()) - 1);
}

TEST_CASE("a request without a user's turn ends with an error") {
  for (model_request request : {model_request(), model_request{"", {{chat_role::model, "Hello"}}, {}}}) {
    const auto all = read_all(*offline_model().open(request, [] {}));
    REQUIRE(all.deltas.empty());
    REQUIRE(all.end.error.kind == failure_kind::invalid);
  }
}

TEST_CASE("what memory does not keep is not said to be noted") {
  auto request = request_of("The kettle boils.");
  REQUIRE(offline_answer(request) == "For this conversation I keep in mind: “The kettle boils”.");
  request.messages.push_back({chat_role::model, offline_answer(request)});
  request.messages.push_back({chat_role::user, "What about the kettle?"});
  REQUIRE(has(offline_answer(request), "“The kettle boils.”"));
}

TEST_CASE("a fact is acknowledged, also one known before") {
  REQUIRE(ask("My dog is called Rex.") == "Noted: “My dog is called Rex”.");
  auto request = request_of("My dog is called Rex.");
  request.memories = {hit("My dog is called Rex", 1.0f)};
  REQUIRE(has(offline_answer(request), "before"));
}

TEST_CASE("a question is answered by quoting what has to do with it, else plainly not") {
  auto request = request_of("What is my dog called?");
  request.memories = {hit("My dog is called Rex.", 0.7f), hit("I like the sea.", 0.3f)};
  REQUIRE(offline_answer(request) == "You told me: “My dog is called Rex.”");
  request.memories = {hit("I like the sea.", 0.3f)};
  REQUIRE(has(offline_answer(request), "do not remember anything about that"));
  request.memories.front().score = 0.05f;  // found by meaning: perhaps it is what was asked for
  REQUIRE(offline_answer(request) == "Perhaps this helps; you told me: “I like the sea.”");
  request.memories = {hit("Rex the beagle is mine.", 0.62f)};
  REQUIRE(has(offline_answer(request), "Rex the beagle"));
  request.memories.clear();
  request.system = "You are Luna.\n\nMemories:\n- The dog is a beagle named Rex. (confidence: 0.80)\n- Likes tea\n";
  REQUIRE(offline_answer(request) == "You told me: “The dog is a beagle named Rex.”");
}

TEST_CASE("the conversation itself is remembered") {
  model_request request;
  request.messages = {{chat_role::user, "I will fly to Oslo. It is cold there."},
                      {chat_role::model, "Noted."},
                      {chat_role::user, "What did I just say?"}};
  REQUIRE(offline_answer(request) == "You said: “I will fly to Oslo. It is cold there.”");
  request.messages.back().text = "what did you just say";
  REQUIRE(offline_answer(request) == "I said: “Noted.”");
  request.messages.back().text = "Where will I fly to?";
  REQUIRE(offline_answer(request) == "You told me: “I will fly to Oslo.”");
  REQUIRE(has(ask("What did I just say?"), "Nothing was said before"));
}

TEST_CASE("asked who it is, it says what it is, whoever it plays") {
  auto request = request_of("Are you a real AI?");
  request.system = "You are Luna Moon, a cheerful friend.";
  for (const std::string question : {"Are you a real AI?", "who are you", "What can you do?"}) {
    request.messages.back().text = question;
    const std::string answer = offline_answer(request);
    REQUIRE(has(answer, "I am Luna Moon, played by Troupe's built-in offline agent"));
    REQUIRE(has(answer, "MODEL"));
  }
  REQUIRE(has(ask("Write a poem about rain"), "I cannot do that"));
}

TEST_CASE("a persona lends its greeting and manner") {
  auto request = request_of("Hello!");
  request.system = "You are Jeeves, a formal butler.";
  REQUIRE(has(offline_answer(request), "Good day. I am Jeeves"));
  request.messages.back().text = "I take tea at five.";
  request.noted = {"I take tea at five."};
  REQUIRE(offline_answer(request) == "Certainly. Noted: “I take tea at five”.");
  request.messages.back().text = "hi";
  request.system = "You are Luna.\nGreeting: \"Moonlight upon you.\"";
  REQUIRE(offline_answer(request) == "Moonlight upon you.");
  request.system = "You are a helpful assistant.";
  REQUIRE(offline_answer(request) == "Hello. I am the offline agent. What would you like to tell me?");
}

TEST_CASE("text to explain is described, honestly") {
  const std::string answer = ask(
      "Explain the following text clearly and briefly.\n\nText:\nA quasar is a very bright galaxy. It is far away.");
  REQUIRE(has(answer, "offline agent"));
  REQUIRE(has(answer, "cannot explain"));
  REQUIRE(has(answer, "11 words in 2 sentences"));
  REQUIRE(has(answer, "“quasar”"));
  REQUIRE(has(answer, "“A quasar is a very bright galaxy.”"));
}

TEST_CASE("a question about highlighted text is answered from it, or not at all") {
  const std::string context = "\n\nHighlighted context:\nThe train leaves at nine. Lunch is served at noon.";
  REQUIRE(ask("When does the train leave?" + context) == "The highlighted text says: “The train leaves at nine.”");
  const std::string none = ask("Who invented penicillin?" + context);
  REQUIRE(has(none, "no answer in the highlighted text"));
  REQUIRE(has(none, "10 words"));
}

TEST_CASE("a text about which nothing was asked is what the user says") {
  const std::string nothing_asked = "What can be said about this?\n\nHighlighted context:\n";
  REQUIRE(ask(nothing_asked + "My sister Ada lives in Oslo.") == "Noted: “My sister Ada lives in Oslo”.");
  REQUIRE(has(ask("Act as a conversation partner.\n\n" + nothing_asked + "Hello!"), "What would you like to tell me?"));
  auto request = request_of(nothing_asked + "Where does my sister live?");
  request.memories = {hit("My sister Ada lives in Oslo.", 0.7f)};
  REQUIRE(offline_answer(request) == "You told me: “My sister Ada lives in Oslo.”");
}

TEST_CASE("memory answers where the highlighted text does not, and a statement beside it is noted") {
  const std::string context = "\n\nHighlighted context:\nThe train leaves at nine.";
  auto request = request_of("Act as a conversation partner.\n\nWhere does my sister live?" + context);
  request.memories = {hit("My sister Ada lives in Oslo.", 0.7f)};
  REQUIRE(offline_answer(request) == "You told me: “My sister Ada lives in Oslo.”");
  request.messages.back().text = "When does the train leave?" + context;
  REQUIRE(offline_answer(request) == "The highlighted text says: “The train leaves at nine.”");
  REQUIRE(ask("My sister Ada lives in Oslo." + context) == "Noted: “My sister Ada lives in Oslo”.");
}

TEST_CASE("rewriting tidies and corrects, and leaves good text alone") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"we was late", "We were late."},
      {"he dont like it , and i agree", "He doesn't like it, and I agree."},
      {"You could of  told me!", "You could have told me!"},
      {"i has a apple and an banana", "I have an apple and a banana."},
      {"the the cat is is definately here", "The cat is is definitely here."},
      {"this is an hour of a university course", "This is an hour of a university course."},
      {"If I were you, I would go.", "If I were you, I would go."},
      {"one of them is here now", "One of them is here now."},
      {"An SMS came. An MRI, too.", "An SMS came. An MRI, too."},
      {"first line\nsecond line,here", "First line\nSecond line, here."},
      {"It costs 3.50 euros... maybe. ok", "It costs 3.50 euros... maybe. Ok."},
      {"élan vital is a idea", "élan vital is an idea."},
      {"Title", "Title"},
      {"", ""},
  };
  for (const auto& [before, after] : table) {
    INFO(before);
    REQUIRE(rewrite(before) == after);
    REQUIRE(rewrite(after) == after);
  }
}

TEST_CASE("prompts are taken apart leniently") {
  REQUIRE(read_prompt("Explain this.\n\nText:\nabc").what == offline_prompt::kind::explain);
  REQUIRE(read_prompt("Rewrite this, explain nothing.\n\nText:\nText: x").text == "Text: x");
  REQUIRE(read_prompt("Why?\n\nHighlighted context:\nabc").question == "Why?");
  REQUIRE(read_prompt("Explain the context: war").what == offline_prompt::kind::talk);
  REQUIRE(read_prompt("").question.empty());
  REQUIRE(ask("Rewrite.\n\nText:\n  ") == "There is no text to rewrite.");
  REQUIRE(has(ask("?!"), "no words"));
}

TEST_CASE("the same request has the same answer") {
  for (const std::string text : {"Hello", "My cat is ill.", "Where is my cat?", "Explain.\n\nText:\nA b c."})
    REQUIRE(ask(text) == ask(text));
}
