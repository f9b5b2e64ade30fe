#include "client.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

bool accepted(const answer_slot<turn_accepted>& slot) {
  return *slot && slot->value().has_value();
}
failure refusal(const answer_slot<turn_accepted>& slot) {
  return *slot && !slot->value() ? slot->value().error() : failure{};
}
using kinds = std::vector<event_kind>;
kinds kinds_of(const std::vector<session_event>& events) {
  kinds found;
  for (std::size_t i = 0; i < events.size(); ++i) {
    REQUIRE(events[i].number == i + 1);
    found.push_back(events[i].kind);
  }
  return found;
}

}  // namespace

TEST_CASE("a turn is opened, said, answered and journaled under the numbers 1, 2 and 3") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  auto slot = luna.submit(7, "Hi");
  stage.node.run();
  CHECK(accepted(slot));
  CHECK(luna.inbox.last<turn_started>().value().number == 2);
  view seen;
  seen.take(luna.inbox.messages());
  CHECK(seen.texts.at(7) == "Hello there.");
  auto ends = luna.ends(7);
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].kind == event_kind::reply);
  CHECK(ends[0].number == 3);
  auto events = luna.stored();
  CHECK(kinds_of(events) == kinds{event_kind::opened, event_kind::user, event_kind::reply});
  CHECK(events[1].text == "Hi");
  CHECK(events[2].text == "Hello there.");
  CHECK(stage.script->calls[0]->request.system == "Be kind.");
}

TEST_CASE("nothing of a reply is sent before the user's message is durable") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  stage.written.hold = true;
  luna.submit(7, "Hi");
  stage.node.run();
  CHECK(stage.script->calls.size() == 1);  // the model has begun
  CHECK(luna.inbox.count<turn_started>() == 0);
  CHECK(luna.inbox.count<turn_delta>() == 0);
  stage.written.answer(stage.written.batches.size() - 1);
  stage.node.run();
  CHECK(luna.inbox.count<turn_started>() == 1);
  CHECK(luna.inbox.count<turn_delta>() >= 1);
  CHECK(luna.ends(7).empty());  // its end is not durable yet
  stage.written.answer(stage.written.batches.size() - 1);
  stage.node.run();
  REQUIRE(luna.ends(7).size() == 1);
  view seen;
  seen.take(luna.inbox.messages());
}

TEST_CASE("a second turn waits, is refused or interrupts, as its policy says") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  stage.script->next = {{.deltas = {"one", "two"}, .ends = false}};
  luna.submit(1, "first");
  auto queued = luna.submit(2, "second");
  auto refused = luna.submit(3, "third", turn_policy::refuse);
  stage.node.run();
  REQUIRE(accepted(queued));
  CHECK(queued->value()->queued);
  CHECK(refusal(refused).kind == failure_kind::busy);
  auto interrupting = luna.submit(4, "fourth", turn_policy::interrupt);
  stage.node.run();
  CHECK(accepted(interrupting));
  REQUIRE(luna.ends(1).size() == 1);
  CHECK(luna.ends(1)[0].kind == event_kind::cancelled);
  CHECK(luna.ends(1)[0].text.view() == "onetwo");
  REQUIRE(luna.ends(2).size() == 1);
  CHECK(luna.ends(2)[0].kind == event_kind::cancelled);
  REQUIRE(luna.ends(4).size() == 1);
  CHECK(luna.ends(4)[0].kind == event_kind::reply);
  CHECK(luna.ends(3).empty());
  CHECK(stage.script->open_calls() == 0);
}

TEST_CASE("waiting turns are answered in order, and one too many gets a busy error") {
  cast stage({.session = [](session_deps& deps) { deps.max_queued = 2; }});
  client luna(stage, "s");
  REQUIRE(luna.come());
  luna.submit(1, "a");
  luna.submit(2, "b");
  luna.submit(3, "c");
  auto over = luna.submit(4, "d");
  stage.node.run();
  CHECK(refusal(over).kind == failure_kind::busy);
  auto ends = luna.inbox.all<turn_ended>();
  REQUIRE(ends.size() == 3);
  for (std::uint64_t i = 0; i < 3; ++i) CHECK(ends[i].ref.turn == i + 1);
  CHECK(stage.script->calls[2]->request.messages.size() == 5);
}

TEST_CASE("a stop in mid-stream ends the turn once and nothing follows") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  stage.script->next = {{.deltas = {"a", "b", "c", "d"}, .held = true}};
  luna.submit(7, "Hi");
  stage.node.run();
  stage.script->release(2);
  stage.node.run();
  luna.stop(7);
  stage.script->release(2);
  stage.node.run();
  luna.stop(7);
  stage.node.run();
  REQUIRE(luna.ends(7).size() == 1);
  CHECK(luna.ends(7)[0].kind == event_kind::cancelled);
  CHECK(luna.inbox.messages().back().content.match_elements<turn_ended>());
  view seen;
  seen.take(luna.inbox.messages());
  CHECK(luna.stored().back().text == seen.texts.at(7));
  CHECK(stage.script->open_calls() == 0);
}

TEST_CASE("a stop ends its turn once wherever it meets it, and a turn it overtook is refused") {
  std::size_t overtook = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    CAPTURE(seed);
    static test_store store;
    cast stage({.seed = seed, .store = &store, .with_memory = seed % 2 == 0});
    client luna(stage, "stop" + std::to_string(seed));
    REQUIRE(luna.come());
    answer_slot<turn_accepted> slot;
    const bool stop_first = seed % 3 == 0;
    if (stop_first) luna.stop(7);
    auto turn = client::message(7, "Hi");
    turn.query = "Hi";
    slot = luna.submit(turn);
    for (auto steps = stage.node.random().below(40); steps > 0; --steps) stage.node.step_random();
    if (!stop_first) luna.stop(7);
    stage.node.run_random();
    REQUIRE(*slot);
    auto ends = luna.ends(7);
    if (!slot->value()) {
      ++overtook;
      REQUIRE(refusal(slot).kind == failure_kind::cancelled);
      REQUIRE(ends.empty());
      REQUIRE(luna.stored().empty());
    } else {
      REQUIRE(ends.size() == 1);
      auto events = kinds_of(luna.stored());
      REQUIRE(events.size() == 3);
      REQUIRE(events[2] == ends[0].kind);
      view seen;
      seen.take(luna.inbox.messages());
      REQUIRE(luna.stored().back().text == seen.texts.at(7));
    }
    REQUIRE(stage.script->open_calls() == 0);
    auto again = luna.submit(8, "Still there?");
    stage.node.run_random();
    REQUIRE(accepted(again));
    REQUIRE(luna.ends(8).size() == 1);
    REQUIRE(luna.ends(8)[0].kind == event_kind::reply);
  }
  CHECK(overtook > 100);
}

TEST_CASE("a stop of a waiting turn takes it out of the queue") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  stage.script->next = {{.held = true}};
  luna.submit(1, "a");
  luna.submit(2, "b");
  luna.submit(3, "c");
  stage.node.run();
  luna.stop(2);
  stage.node.run();
  REQUIRE(luna.ends(2).size() == 1);
  CHECK(luna.ends(2)[0].kind == event_kind::cancelled);
  CHECK(luna.ends(2)[0].number == 0);
  stage.script->release(10);
  stage.node.run();
  CHECK(luna.ends(1)[0].kind == event_kind::reply);
  CHECK(luna.ends(3)[0].kind == event_kind::reply);
  CHECK(luna.ends(2).size() == 1);
}

TEST_CASE("a failing model ends the turn as failed and leaves the conversation as it was") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  luna.submit(1, "first");
  stage.script->next = {{}, {.deltas = {"half"}, .error = {failure_kind::upstream, "the model broke off"}}};
  luna.submit(2, "second");
  stage.node.run();
  REQUIRE(luna.ends(2).size() == 1);
  CHECK(luna.ends(2)[0].kind == event_kind::failed);
  CHECK(luna.ends(2)[0].error == failure{failure_kind::upstream, "the model broke off"});
  CHECK(luna.stored().back().kind == event_kind::failed);
  luna.submit(3, "third");
  stage.node.run();
  CHECK(luna.ends(3)[0].kind == event_kind::reply);
  auto& history = stage.script->calls[2]->request.messages;
  REQUIRE(history.size() == 3);
  CHECK(history[0].text == "first");
  CHECK(history[2].text == "third");
}

TEST_CASE("a model that never ends is cut off at its time limit") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  stage.script->next = {{.deltas = {"hm"}, .ends = false}};
  luna.submit(1, "a");
  stage.node.advance(std::chrono::seconds(200));
  REQUIRE(luna.ends(1).size() == 1);
  CHECK(luna.ends(1)[0].error.kind == failure_kind::timeout);
}

TEST_CASE("a runner or model actor that restarts or ends in a turn fails it once") {
  for (const auto* role : {"runner", "model"})
    for (bool kill : {false, true})
      for (std::size_t released : {0, 1, 2}) {
        CAPTURE(role, kill, released);
        cast stage;
        client luna(stage, "s");
        REQUIRE(luna.come());
        stage.script->next = {{.held = true}};
        luna.submit(1, "a");
        stage.node.run();
        stage.script->release(released);
        stage.node.run();
        auto victim = stage.find(role);
        REQUIRE(victim);
        if (kill)
          stage.node.kill(victim);
        else
          stage.restart(victim);
        stage.node.run();
        REQUIRE(luna.ends(1).size() == 1);
        CHECK(luna.ends(1)[0].kind == event_kind::failed);
        CHECK(stage.script->open_calls() == 0);
        luna.submit(2, "b");
        stage.node.run();
        REQUIRE(luna.ends(2).size() == 1);
        CHECK((luna.ends(2)[0].kind == event_kind::reply) == !(kill && role == std::string("model")));
      }
}

TEST_CASE("a long reply keeps to the credit and arrives whole") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  script many;
  many.deltas.clear();
  std::string whole;
  for (int i = 0; i < 1000; ++i) whole += many.deltas.emplace_back(std::to_string(i) + " ");
  stage.script->next = {many};
  luna.submit(1, "count");
  stage.node.run();
  view seen;
  seen.take(luna.inbox.messages());
  CHECK(seen.texts.at(1) == whole);
}

TEST_CASE("who does not watch may not submit, and turn 0 is no turn") {
  cast stage;
  client luna(stage, "s"), stranger(stage, "s");
  REQUIRE(luna.come());
  stranger.session = luna.session;
  auto slot = stranger.submit(1, "a");
  auto zero = luna.submit(0, "a");
  stage.node.run();
  CHECK(refusal(slot).kind == failure_kind::unavailable);
  CHECK(refusal(zero).kind == failure_kind::invalid);
  CHECK(luna.stored().empty());
}
