// What the model is sent of a conversation that has become long, and of what
// several memories hold.

#include "client.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

cast_options options_with(std::function<void(session_deps&)> change, test_store* store = nullptr) {
  cast_options options;
  options.store = store;
  options.session = std::move(change);
  return options;
}

void short_history(session_deps& deps) {
  deps.history_messages = 4;
  deps.summarizes = true;
}

void say(client& luna, std::uint64_t turn) {
  luna.submit(turn, "question " + std::to_string(turn));
  luna.stage.node.run();
}

script answering(std::string text) {
  return {.deltas = {std::move(text)}};
}

const model_request& newest(cast& stage) {
  return stage.script->calls.back()->request;
}

/// What the model was asked in a turn, which a question for a summary may have followed.
const model_request& asked_in(cast& stage, std::uint64_t turn) {
  for (auto& call : stage.script->calls)
    if (call->request.messages.back().text == "question " + std::to_string(turn)) return call->request;
  throw std::runtime_error("the model was not asked");
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("the older half of a long conversation is summarised once, and the model is told so") {
  cast stage(options_with(short_history));
  client luna(stage, "s");
  REQUIRE(luna.come());
  for (std::uint64_t turn = 1; turn <= 2; ++turn) say(luna, turn);
  CHECK(stage.script->calls.size() == 2);  // four messages are not too many
  stage.script->next = {answering("the third"), answering("They spoke of one and two.")};
  say(luna, 3);
  REQUIRE(stage.script->calls.size() == 4);
  const auto& question = newest(stage);
  REQUIRE(question.messages.size() == 1);
  CHECK(has(question.messages[0].text, "User: question 1\n\nAssistant: Hello there.\n\nUser: question 2"));
  CHECK_FALSE(has(question.messages[0].text, "question 3"));
  CHECK(question.tools.empty());

  stage.script->next = {answering("the fourth"), answering("All of it.")};
  say(luna, 4);
  const auto& next = asked_in(stage, 4);
  CHECK(has(next.system, "summarised:\nThey spoke of one and two."));
  REQUIRE(next.messages.size() == 3);
  CHECK(next.messages[0].text == "question 3");
  CHECK(next.messages[1].text == "the third");
  CHECK(next.messages[2].text == "question 4");
  CHECK(luna.ends(4).size() == 1);

  // The next summary is made of this one and what follows it.
  CHECK(has(newest(stage).messages[0].text,
            "Summary of what was said before: They spoke of one and two.\n\nUser: question 3"));
}

TEST_CASE("a turn does not wait for a summary, and what it says meanwhile stays") {
  cast stage(options_with(short_history));
  client luna(stage, "s");
  REQUIRE(luna.come());
  for (std::uint64_t turn = 1; turn <= 2; ++turn) say(luna, turn);
  stage.script->next = {answering("third"), {.deltas = {"A summary."}, .held = true}};
  say(luna, 3);
  auto summary = stage.script->calls.back();
  REQUIRE(summary->open);
  say(luna, 4);
  REQUIRE(luna.ends(4).size() == 1);
  CHECK(asked_in(stage, 4).messages.size() == 7);  // all that was said, and the question
  summary->allowed = 2;
  summary->wake();
  stage.node.run();
  say(luna, 5);
  CHECK(has(asked_in(stage, 5).system, "A summary."));
  REQUIRE(asked_in(stage, 5).messages.size() == 5);
  CHECK(asked_in(stage, 5).messages[0].text == "question 3");
}

TEST_CASE("without a summary the oldest is left out at twice the length, and the model is told so") {
  cast stage(options_with(short_history));
  client luna(stage, "s");
  REQUIRE(luna.come());
  const failure down{failure_kind::auth, "no"};
  for (std::uint64_t turn = 1; turn <= 5; ++turn) {
    stage.script->next = {answering("fine"), {.deltas = {}, .error = down}};
    say(luna, turn);
    CHECK(luna.ends(turn).size() == 1);
    stage.script->next.clear();
  }
  say(luna, 6);
  CHECK(has(asked_in(stage, 6).system, "left out"));
  CHECK(asked_in(stage, 6).messages.size() <= 8);
}

TEST_CASE("a model that follows no instructions is sent the newest messages only") {
  cast stage(options_with([](session_deps& deps) { deps.history_messages = 4; }));
  client luna(stage, "s");
  REQUIRE(luna.come());
  for (std::uint64_t turn = 1; turn <= 4; ++turn) say(luna, turn);
  CHECK(stage.script->calls.size() == 4);
  REQUIRE(asked_in(stage, 4).messages.size() == 5);
  CHECK(asked_in(stage, 4).messages[0].text == "question 2");
  CHECK(asked_in(stage, 4).system == "Be kind.");
}

TEST_CASE("long messages count by their bytes") {
  cast stage(options_with([](session_deps& deps) {
    deps.history_bytes = 100;
    deps.summarizes = true;
  }));
  client luna(stage, "s");
  REQUIRE(luna.come());
  say(luna, 1);
  stage.script->next = {answering(std::string(90, 'x')), answering("short")};
  say(luna, 2);
  CHECK(has(newest(stage).messages[0].text, "User: question 1"));
  say(luna, 3);
  CHECK(has(asked_in(stage, 3).system, "short"));
}

TEST_CASE("a summary survives sleep") {
  test_store store;
  cast stage(options_with(
      [](session_deps& deps) {
        short_history(deps);
        deps.idle_after = std::chrono::seconds(1);
      },
      &store));
  client luna(stage, "s");
  REQUIRE(luna.come());
  for (std::uint64_t turn = 1; turn <= 2; ++turn) say(luna, turn);
  stage.script->next = {answering("third"), answering("One and two.")};
  say(luna, 3);
  luna.leave();
  stage.node.run();
  stage.node.advance(std::chrono::seconds(3));
  REQUIRE(stage.awake("session") == 0);
  REQUIRE(luna.come());
  say(luna, 4);
  CHECK(has(asked_in(stage, 4).system, "One and two."));
  CHECK(asked_in(stage, 4).messages.size() == 3);
}

TEST_CASE("the client's memories are recalled beside the server's, and told once") {
  cast stage;
  client luna(stage, "s", session_retention::resumable, "bob");
  recorder memories(stage.node.record());
  memories.on<memory_recall>([](const memory_recall& asked) {
    memory_recalled answer{asked.ref, {}};
    for (auto* text : {"Likes tea", "Has a dog"}) {
      memory_hit hit;
      hit.record.text = text;
      answer.hits.push_back(hit);
    }
    return answer;
  });
  memories.on<tools_query>([](const tools_query&) { return tools_listed{}; });
  auto opened = stage.ask_as<keeper_opened>(luna.inbox, stage.memories, keeper_open{"bob"});
  REQUIRE(opened);
  REQUIRE(stage.ask_as<memory_added>(luna.inbox, opened->handle, memory_add{"Likes tea", "fact", 0.5f, "test", {}}));
  auto session = stage.ask_as<keeper_opened>(luna.inbox, stage.sessions, keeper_open{"s"});
  REQUIRE(session);
  luna.session = session->handle;
  auto attach = luna.attach_message();
  attach.tools = memories.handle();
  REQUIRE(stage.ask_as<session_attached>(luna.inbox, luna.session, attach));
  auto turn = client::message(1, "What do I like?");
  turn.query = "Likes tea";
  luna.submit(turn);
  stage.node.run();
  const auto& asked = newest(stage);
  REQUIRE(asked.memories.size() == 2);
  CHECK(asked.memories[0].record.text == "Likes tea");
  CHECK(asked.memories[1].record.text == "Has a dog");
}

TEST_CASE("however long the last question and its answer are, they stay") {
  cast stage(options_with([](session_deps& deps) {
    deps.history_bytes = 100;
    deps.summarizes = true;
  }));
  client luna(stage, "s");
  REQUIRE(luna.come());
  const failure down{failure_kind::auth, "no"};
  for (std::uint64_t turn = 1; turn <= 3; ++turn) {
    stage.script->next = {answering(std::string(300, 'x')), {.deltas = {}, .error = down}};
    say(luna, turn);
    stage.script->next.clear();
  }
  say(luna, 4);
  const auto& asked = asked_in(stage, 4);
  REQUIRE(asked.messages.size() == 3);
  CHECK(asked.messages[0].text == "question 3");
  CHECK(has(asked.system, "left out"));
}
