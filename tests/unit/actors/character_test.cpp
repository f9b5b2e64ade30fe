#include "persona.hpp"
#include "runtime/inspection/turn_traces.hpp"

using namespace troupe;
using namespace troupe::test;
using std::chrono::seconds;

namespace {

std::string texts_of(const json::array& history) {
  std::string all;
  for (auto& each : history) {
    if (!all.empty()) all += " | ";
    all += each.at("role").as_string() == "user" ? "u:" : "c:";
    all += each.at("message").as_string();
  }
  return all;
}

}  // namespace

TEST_CASE("two clients share one history, and turns go in the order they came") {
  persona_stage stage;
  visitor anna(stage), bert(stage);
  auto state = anna.come();
  REQUIRE(state);
  CHECK(state->name == "Ines Calloway");
  CHECK(json::parse(state->info).at("archetype").as_string() == "steady_guide");
  REQUIRE(bert.come());
  CHECK(anna.character == bert.character);
  stage.script->next = {{.deltas = {"To anna."}, .held = true}, {.deltas = {"To bert."}}};
  auto first = anna.say(1, "I am anna", R"({"debug_mode":false})");
  auto second = bert.say(2, "I am bert");
  stage.node.run();
  CHECK(stage.script->calls.size() == 1);
  CHECK(reply(second) == "(no answer yet)");
  stage.script->release(10);
  stage.node.run();
  CHECK(reply(first) == "To anna.");
  CHECK(reply(second) == "To bert.");
  CHECK(texts_of(anna.history()) == "u:I am anna | c:To anna. | u:I am bert | c:To bert.");
  // The second turn knew the first.
  auto& asked = stage.script->calls[1]->request;
  REQUIRE(asked.messages.size() == 3);
  CHECK(asked.messages[0].text == "I am anna");
  CHECK(asked.messages[1].text == "To anna.");
  CHECK(asked.messages[2].text == "I am bert");
  CHECK(asked.system.find("Ines Calloway") != std::string::npos);
  CHECK(asked.options.temperature > 0);
  CHECK(asked.options.max_tokens > 0);
}

TEST_CASE("what is acknowledged is in the journal first") {
  persona_stage stage({.with_memory = false});
  visitor anna(stage);
  REQUIRE(anna.come());
  anna.listen();
  stage.written.hold = true;
  auto slot = anna.say(1, "Hello?");
  stage.node.run();
  CHECK(reply(slot) == "(no answer yet)");
  CHECK(anna.events("reply_delta") > 0);
  CHECK(anna.events("turn_ended") == 0);
  stage.written.hold = false;
  for (auto& each : stage.written.batches)
    if (each.done) each.done({});
  stage.node.run();
  CHECK(reply(slot) == "Hello there.");
  CHECK(anna.events("turn_ended") == 1);
}

TEST_CASE("over the bound a message is refused as busy, and status is answered meanwhile") {
  persona_stage stage({.character = [](auto& deps) { deps.max_queued = 2; }});
  visitor anna(stage);
  REQUIRE(anna.come());
  stage.script->next = {{.held = true}};
  std::vector<answer_slot<character_answer>> slots;
  for (std::uint64_t turn = 1; turn <= 4; ++turn) slots.push_back(anna.say(turn, "turn"));
  stage.node.run();
  CHECK(refusal(slots[3]).kind == failure_kind::busy);
  CHECK(anna.ask(character_status{}).has_value());
  CHECK(anna.ask(character_reset{}).error().kind == failure_kind::busy);
  stage.script->release(10);
  stage.node.run();
  for (int i = 0; i < 3; ++i) CHECK(reply(slots[i]) == "Hello there.");
}

TEST_CASE("a stop ends the turn, leaves no trace of it, and lets the next begin") {
  for (const std::uint64_t which : {1, 0}) {
    persona_stage stage;
    visitor anna(stage), bert(stage);
    REQUIRE(anna.come());
    REQUIRE(bert.come());
    bert.listen();
    stage.script->next = {{.deltas = {"Half", " a"}, .ends = false}};
    auto first = anna.say(1, "one");
    auto second = anna.say(2, "two");
    stage.node.run();
    CHECK(bert.events("reply_delta") == 2);
    anna.stop(which);
    stage.node.run();
    CHECK(refusal(first) == failure{failure_kind::cancelled, "the turn was stopped"});
    CHECK(stage.script->open_calls() == 0);
    CHECK(stage.awake("runner") == 0);
    if (which == 0)
      CHECK(refusal(second).kind == failure_kind::cancelled);
    else
      CHECK(reply(second) == "Hello there.");
    CHECK(bert.events("turn_ended") == 2);
    CHECK(texts_of(bert.history()) == (which == 0 ? "" : "u:two | c:Hello there."));
    // A stop that overtakes its message is remembered.
    anna.stop(7);
    auto late = anna.say(7, "seven");
    stage.node.run();
    CHECK(refusal(late).kind == failure_kind::cancelled);
  }
}

TEST_CASE("a model that fails, says nothing or takes too long gets a reply for want of one") {
  const std::vector<script> bad = {
      {.deltas = {}, .error = {failure_kind::auth, "no key"}},
      {.deltas = {"A"}, .error = {failure_kind::broken_stream, "cut off"}},
      {.deltas = {" ", "\n"}},
      {.deltas = {"Well"}, .ends = false},
      {.deltas = {"<think>hm</think>"}},
  };
  for (std::size_t which = 0; which < bad.size(); ++which) {
    CAPTURE(which);
    persona_stage stage;
    visitor anna(stage);
    REQUIRE(anna.come());
    anna.listen();
    stage.script->next = {bad[which]};
    auto slot = anna.say(1, "Hello?");
    stage.node.advance(seconds(24));
    if (which == 3) CHECK(reply(slot) == "(no answer yet)");
    stage.node.advance(seconds(2));
    CHECK(fell_back(slot));
    CHECK_FALSE(reply(slot).empty());
    CHECK(stage.script->open_calls() == 0);
    CHECK(anna.events("turn_ended") == 1);
    CHECK(anna.history().size() == 2);
    auto next = anna.say(2, "And now?");
    stage.node.run();
    CHECK(reply(next) == "Hello there.");
  }
}

TEST_CASE("the time to answer counts from the arrival, also for one that waits") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  stage.script->next = {{.ends = false}, {.ends = false}, {.ends = false}};
  auto first = anna.say(1, "one");
  stage.node.advance(seconds(10));
  auto second = anna.say(2, "two");
  stage.node.advance(seconds(16));
  CHECK(fell_back(first));
  CHECK(reply(second) == "(no answer yet)");
  stage.node.advance(seconds(10));
  CHECK(fell_back(second));
}

TEST_CASE("a client that leaves in the middle of its turn does not end it") {
  for (bool dies : {false, true}) {
    persona_stage stage;
    visitor anna(stage), bert(stage);
    REQUIRE(anna.come());
    REQUIRE(bert.come());
    stage.script->next = {{.held = true}};
    anna.say(1, "one");
    stage.node.run();
    if (dies)
      stage.node.kill(anna.inbox.handle());
    else
      anna.leave();
    stage.node.run();
    stage.script->release(10);
    stage.node.run();
    CHECK(texts_of(bert.history()) == "u:one | c:Hello there.");
    auto state = stage.node.ask<actor_state>(bert.character, actor_state_query{});
    REQUIRE(state);
    const auto seen = json::parse(state->json).as_object();
    CHECK(seen.at("watchers").as_int64() == 1);
    CHECK(seen.at("history").as_int64() == 2);
    CHECK(seen.at("levels").as_object().size() == 6);
    CHECK_FALSE(seen.at("in_turn").as_bool());
    CHECK(state->json.find("Hello") == std::string::npos);
  }
}

TEST_CASE("subscribers get drafts without the model's thoughts, and one frame is shared by a thousand") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  std::vector<visitor> crowd;
  for (int i = 0; i < 1000; ++i) {
    crowd.emplace_back(stage);
    crowd.back().character = anna.character;
    crowd.back().listen();
  }
  stage.node.run();
  stage.encoded = 0;
  stage.script->next = {{.deltas = {"<th", "ink>secret</thi", "nk>Good", " day."}}};
  auto slot = anna.say(1, "Hello");
  stage.node.run();
  CHECK(reply(slot) == "Good day.");
  CHECK(stage.encoded == crowd[0].events().size());
  const auto first = crowd[0].inbox.all<character_event>();
  REQUIRE(first.size() >= 3);
  CHECK(crowd[0].events()[0] == R"(1 turn_started {"user_message":"Hello"})");
  std::string draft;
  for (auto& each : first) {
    if (each.kind != character_event_kind::reply_delta) continue;
    const auto text = std::string(each.frame.view().substr(std::string_view("1 reply_delta ").size()));
    const auto body = json::parse(text).as_object();
    CHECK(body.at("offset").to_number<std::size_t>() == draft.size());
    draft += body.at("text").as_string();
  }
  CHECK(draft == "Good day.");
  CHECK(first.back().kind == character_event_kind::turn_ended);
  for (auto& each : crowd) {
    const auto& messages = each.inbox.messages();
    REQUIRE(messages.size() == first.size());
    // The very same bytes: nothing was copied.
    for (std::size_t i = 0; i < messages.size(); ++i)
      REQUIRE(messages[i].content.get_as<character_event>(0).frame.data()
              == crowd[0].inbox.messages()[i].content.get_as<character_event>(0).frame.data());
  }
  crowd[0].listen(false);
  stage.node.run();
  crowd[0].inbox.clear();
  anna.say(2, "Again");
  stage.node.run();
  CHECK(crowd[0].events().empty());
  CHECK_FALSE(crowd[1].events().empty());
}

TEST_CASE("a character that slept is what it was, and only its clients keep it awake") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  for (std::uint64_t turn = 1; turn <= 3; ++turn) anna.say(turn, "I love this, friend!");
  stage.node.run();
  const auto before = anna.body(anna.ask(character_status{true, true, true}));
  anna.leave();
  stage.node.run();
  CHECK(stage.awake("character") == 1);
  stage.node.advance(seconds(200));
  CHECK(stage.awake("character") == 0);
  CHECK(stage.awake("memory", "character:ines") == 0);
  CHECK(stage.saves() == std::vector<std::string>{"ines_server_autosave.json"});
  visitor bert(stage);
  REQUIRE(bert.come());
  const auto after = bert.body(bert.ask(character_status{true, true, true}));
  CHECK(after.at("conversation_history") == before.at("conversation_history"));
  CHECK(after.at("vitals") == before.at("vitals"));
  CHECK(stage.double_wakes == 0);
}

TEST_CASE("a restart in place answers what was owed, and its company goes on without noticing") {
  persona_stage stage;
  visitor anna(stage), bert(stage);
  REQUIRE(anna.come());
  REQUIRE(bert.come());
  bert.listen();
  auto done = anna.say(1, "one");
  stage.node.run();
  stage.script->next = {{.deltas = {"Half"}, .ends = false}};
  auto lost = anna.say(2, "two");
  auto queued = bert.say(3, "three");
  auto reset = stage.request_as<character_answer>(bert.inbox, bert.character, character_reset{});
  stage.node.run();
  stage.restart(anna.character);
  stage.node.run();
  for (auto& slot : {lost, queued, reset}) CHECK(refusal(slot).kind == failure_kind::interrupted);
  CHECK(stage.script->open_calls() == 0);
  CHECK(bert.events().back() == R"(0 changed {"reason":"restarted"})");
  CHECK(bert.events("turn_ended") == 3);
  auto again = bert.say(4, "four");
  stage.node.run();
  CHECK(reply(again) == "Hello there.");
  CHECK(bert.events("turn_ended") == 4);
  CHECK(texts_of(anna.history()) == "u:one | c:Hello there. | u:four | c:Hello there.");
}

TEST_CASE("a failed append ends the character with an error for everybody, and the next reads the store") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  auto first = anna.say(1, "one");
  stage.node.run();
  stage.store.disk->fail_after(0, disk_fault::no_space);
  auto second = anna.say(2, "two");
  auto third = anna.say(3, "three");
  stage.node.run();
  CHECK(refusal(second).kind == failure_kind::read_only);
  CHECK(refusal(third).kind == failure_kind::read_only);
  CHECK(stage.awake("character") == 0);
  stage.store.disk->clear();
  stage.node.advance(seconds(5));
  REQUIRE(anna.come());
  CHECK(texts_of(anna.history()) == "u:one | c:Hello there.");
  auto fourth = anna.say(4, "four");
  stage.node.run();
  CHECK(reply(fourth) == "Hello there.");
}

TEST_CASE("a turn is traced from its character to its end, and to what memory makes of it") {
  persona_stage stage;
  turn_traces traces(stage.node.clock(), {});
  stage.node.services().traces = &traces;
  traces.start_export(100, 100, [] {});
  visitor anna(stage);
  REQUIRE(anna.come());
  const auto begin = [&](std::uint64_t turn) {
    REQUIRE(traces.begin({turn, {1, turn, 0, true}, "ines", "client-1", "character", "", 7}));
  };
  stage.script->next = {{}, {.error = {failure_kind::quota, "too much"}}, {.ends = false}};
  for (std::uint64_t turn = 1; turn <= 3; ++turn) {
    begin(turn);
    anna.say(turn, "What is it?");
    stage.node.run();
  }
  begin(4);
  anna.say(4, "bad", "[]");
  anna.stop(3);
  stage.node.run();
  const auto ended = traces.take_finished(10);
  REQUIRE(ended.size() == 4);
  CHECK(ended[0].outcome == event_kind::reply);
  CHECK(ended[0].session_actor == anna.character.id());
  CHECK(ended[0].runner != 0);
  CHECK(ended[0].first_delta != 0);
  CHECK(ended[0].bytes == std::string("Hello there.").size());
  std::vector<span_kind> kinds;
  for (auto& each : ended[0].spans) kinds.push_back(each.kind);
  CHECK(kinds
        == std::vector<span_kind>{span_kind::queued, span_kind::recall, span_kind::model_call, span_kind::first_delta,
                                  span_kind::journal_reply, span_kind::learn});
  CHECK(ended[1].outcome == event_kind::failed);
  CHECK(std::string(ended[1].error) == "quota");
  std::map<std::uint64_t, event_kind> outcomes;
  for (auto& each : ended) outcomes[each.turn] = each.outcome;
  CHECK(outcomes[3] == event_kind::cancelled);
  CHECK(outcomes[4] == event_kind::failed);
  CHECK(traces.totals().in_flight == 0);
  stage.node.services().traces = nullptr;
}

TEST_CASE("a message to a character that nobody has loaded is refused") {
  persona_stage stage;
  visitor anna(stage);
  anna.open();
  auto slot = anna.say(1, "Hello");
  stage.node.run();
  CHECK(refusal(slot) == failure{failure_kind::not_found, "no character is loaded"});
  CHECK(anna.ask(character_status{}).error().kind == failure_kind::not_found);
  CHECK(anna.ask(character_save{}).error().kind == failure_kind::not_found);
  CHECK(anna.ask(character_reset{}).error().kind == failure_kind::not_found);
  CHECK(anna.ask(character_search{}).error().kind == failure_kind::not_found);
  REQUIRE(anna.come());
  auto zero = anna.say(0, "Hello");
  auto bad = anna.say(2, "Hello", "[1]");
  stage.node.run();
  CHECK(refusal(zero).kind == failure_kind::invalid);
  CHECK(refusal(bad) == failure{failure_kind::invalid, "context: must be a JSON object"});
}

TEST_CASE("a character that is only to be loaded is there, and goes to sleep again") {
  persona_stage stage;
  visitor serve(stage);
  serve.open();
  auto loaded = stage.ask_as<character_attached>(serve.inbox, serve.character, character_attach{});
  REQUIRE(loaded);
  CHECK(stage.kept().state.size() > 100);
  stage.node.send_as(serve.inbox, stage.characters, keeper_release{"ines"});
  stage.node.advance(seconds(200));
  CHECK(stage.awake("character") == 0);
}
