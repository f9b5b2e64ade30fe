#include "client.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

using kinds = std::vector<event_kind>;
kinds kinds_of(const std::vector<session_event>& events) {
  kinds found;
  for (std::size_t i = 0; i < events.size(); ++i) {
    REQUIRE(events[i].number == i + 1);
    found.push_back(events[i].kind);
  }
  return found;
}
failure refusal(const answer_slot<turn_accepted>& slot) {
  return *slot && !slot->value() ? slot->value().error() : failure{};
}

std::size_t rows_of(cast& stage, const std::string& id) {
  std::size_t rows = 0;
  for (auto& range : storage::session_ranges(id)) {
    auto scanned = stage.store.database->for_each(range.where, range.from, range.to, [&](auto, auto) {
      ++rows;
      return true;
    });
    REQUIRE(scanned);
  }
  return rows;
}

}  // namespace

TEST_CASE("a restart in the middle of a turn tells the watchers and ends it with a number") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  stage.script->next = {{.deltas = {"a", "b"}, .ends = false}};
  luna.submit(1, "one");
  stage.node.run();
  stage.restart(luna.session);
  stage.node.run();
  CHECK(luna.inbox.count<session_reset>() == 1);
  CHECK(luna.ends(1).empty());
  CHECK(kinds_of(luna.stored()) == kinds{event_kind::opened, event_kind::user, event_kind::interrupted});
  CHECK(stage.script->open_calls() == 0);
  auto late = luna.submit(2, "two");
  stage.node.run();
  CHECK(refusal(late).kind == failure_kind::unavailable);
  auto back = luna.come(2, 1, 2);
  REQUIRE(back);
  REQUIRE(back->missed.size() == 1);
  CHECK(back->missed[0].kind == event_kind::interrupted);
  luna.submit(3, "three");
  stage.node.run();
  REQUIRE(luna.ends(3).size() == 1);
  CHECK(luna.ends(3)[0].number == 5);
  CHECK(rows_of(stage, "s") == 6);
}

TEST_CASE("a conversation that restarts or dies with an append at the journal uses no number twice") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    static test_store store;
    cast stage({.seed = seed, .store = &store, .with_memory = false});
    const auto id = "append" + std::to_string(seed);
    client luna(stage, id);
    REQUIRE(luna.come());
    luna.submit(1, "one");
    for (auto steps = stage.node.random().below(30); steps > 0; --steps) stage.node.step_random();
    if (seed % 2)
      stage.restart(luna.session);
    else
      caf::anon_send_exit(luna.session, caf::exit_reason::kill);
    auto opening = stage.request_as<keeper_opened>(luna.inbox, stage.sessions, keeper_open{id});
    stage.node.run_random();
    REQUIRE((*opening && **opening));
    REQUIRE(luna.come(~0ull));
    luna.submit(2, "two");
    stage.node.run_random();
    REQUIRE(luna.ends(2).size() == 1);
    for (auto& [number, times] : stage.written.event_writes(id)) REQUIRE(times == 1);
    kinds_of(luna.stored());
    REQUIRE(stage.double_wakes == 0);
  }
}

TEST_CASE("whoever resumes at any moment sees what one sees who never left") {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    CAPTURE(seed);
    static test_store store;
    cast stage({.seed = seed, .store = &store, .with_memory = false});
    auto& random = stage.node.random();
    const auto id = "resume" + std::to_string(seed);
    client stays(stage, id), leaves(stage, id), second(stage, id), third(stage, id);
    REQUIRE(stays.come());
    REQUIRE(leaves.come());
    for (std::uint64_t turn = 1; turn <= 3; ++turn) stays.submit(turn, "turn");
    view of_leaver;
    auto wander = [&] {
      for (auto steps = random.below(60); steps > 0; --steps) {
        stage.node.step_random();
        if (random.below(60) == 0) stays.stop(1 + random.below(3));
      }
    };
    for (int times = 0; times < 2; ++times) {
      wander();
      of_leaver.take(leaves.inbox.messages());
      caf::anon_send_exit(leaves.inbox.handle(), caf::exit_reason::kill);
      const auto before = leaves.session;
      auto& again = times == 0 ? second : third;
      leaves.inbox = again.inbox;
      auto slot = stage.request_as<session_attached>(
          leaves.inbox, before, again.attach_message(of_leaver.last(), of_leaver.open, of_leaver.offset()));
      if (times == 1) stage.node.run_random();
      while (!*slot && stage.node.step_random()) {
      }
      REQUIRE((*slot && **slot));
      of_leaver.take(slot->value().value());
    }
    stage.node.run_random();
    of_leaver.take(leaves.inbox.messages());
    view of_stayer;
    of_stayer.take(stays.inbox.messages());
    of_leaver.numbers.erase(1);  // the opening is in the store only
    REQUIRE(of_leaver.numbers == of_stayer.numbers);
    REQUIRE(of_leaver.open == 0);
    for (auto& [turn, text] : of_stayer.texts)
      if (!text.empty()) REQUIRE(of_leaver.texts.at(turn) == text);
  }
}

TEST_CASE("another principal is told that there is no such conversation") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  luna.submit(1, "secret");
  stage.node.run();
  client thief(stage, "s", session_retention::resumable, "mallory");
  auto answer = thief.come();
  REQUIRE_FALSE(answer);
  CHECK(answer.error() == failure{failure_kind::not_found, "there is no such conversation"});
}

TEST_CASE("resuming what does not exist is refused in the same words") {
  cast stage;
  client luna(stage, "s");
  auto opened = stage.ask_as<keeper_opened>(luna.inbox, stage.sessions, keeper_open{"s"});
  REQUIRE(opened);
  auto message = luna.attach_message();
  message.create = false;
  auto answer = stage.ask_as<session_attached>(luna.inbox, opened->handle, message);
  REQUIRE_FALSE(answer);
  CHECK(answer.error() == failure{failure_kind::not_found, "there is no such conversation"});
}

TEST_CASE("an ephemeral conversation ends with its last watcher and leaves no row") {
  for (bool in_turn : {false, true})
    for (bool dies : {false, true}) {
      CAPTURE(in_turn, dies);
      cast stage;
      client luna(stage, "s", session_retention::ephemeral);
      REQUIRE(luna.come());
      if (in_turn) stage.script->next = {{.deltas = {"a"}, .ends = false}};
      luna.submit(1, "one");
      stage.node.run();
      REQUIRE(rows_of(stage, "s") > 0);
      if (dies)
        stage.node.kill(luna.inbox.handle());
      else
        luna.leave();
      stage.node.run();
      CHECK(rows_of(stage, "s") == 0);
      CHECK(stage.awake("session", "s") == 0);
      CHECK(stage.awake("runner") == 0);
      CHECK(stage.script->open_calls() == 0);
    }
}

TEST_CASE("an ephemeral conversation that lost its watchers in a restart is erased when it would sleep") {
  cast stage;
  client luna(stage, "s", session_retention::ephemeral);
  REQUIRE(luna.come());
  luna.submit(1, "one");
  stage.node.run();
  stage.restart(luna.session);
  stage.node.run();
  stage.node.kill(luna.inbox.handle());
  stage.node.advance(std::chrono::seconds(200));
  CHECK(stage.awake("session", "s") == 0);
  CHECK(rows_of(stage, "s") == 0);
}

TEST_CASE("a resumable conversation sleeps when it is left and wakes with its history") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    cast stage({.seed = seed});
    client luna(stage, "s");
    REQUIRE(luna.come());
    luna.submit(1, "one");
    stage.node.run();
    luna.leave();
    if (seed % 2) stage.node.kill(luna.inbox.handle());
    stage.node.run_random();
    CHECK(stage.awake("session", "s") == 1);
    stage.node.advance(std::chrono::seconds(200));
    CHECK(stage.awake("session", "s") == 0);
    CHECK(stage.awake("runner") == 0);
    client back(stage, "s");
    auto state = back.come(0);
    REQUIRE(state);
    CHECK(state->missed.size() == 3);
    back.submit(2, "two");
    stage.node.run();
    auto& messages = stage.script->calls.back()->request.messages;
    REQUIRE(messages.size() == 3);
    CHECK(messages[0].text == "one");
    CHECK(messages[1].text == "Hello there.");
    CHECK(back.ends(2)[0].number == 5);
  }
}

TEST_CASE("a conversation that is used while it is idle does not sleep early") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  luna.submit(1, "one");
  stage.node.run();
  luna.leave();
  stage.node.advance(std::chrono::seconds(50));
  REQUIRE(luna.come());
  luna.leave();
  stage.node.advance(std::chrono::seconds(30));
  CHECK(stage.awake("session", "s") == 1);
  stage.node.advance(std::chrono::seconds(100));
  CHECK(stage.awake("session", "s") == 0);
}

TEST_CASE("after 64 events a snapshot is written, and it holds the conversation") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  for (std::uint64_t turn = 1; turn <= 40; ++turn) {
    luna.submit(turn, "turn " + std::to_string(turn));
    stage.node.run();
  }
  auto loaded = storage::load_session(*stage.store.database, "s");
  REQUIRE((loaded && *loaded));
  CHECK((*loaded)->last_number == 81);
  CHECK((*loaded)->snapshot.last_number >= 64);
  CHECK((*loaded)->snapshot.history.size() == 40);
  stage.node.kill(luna.session);
  REQUIRE(luna.come(~0ull));
  luna.submit(100, "last");
  stage.node.run();
  CHECK(stage.script->calls.back()->request.messages.size() == 41);
  CHECK(stage.script->calls.back()->request.messages[39].text == "Hello there.");
  CHECK(luna.ends(100)[0].number == 83);
}

TEST_CASE("a write that fails, whether it reached the disk or not, costs the turn and no number") {
  for (auto fault : {disk_fault::io_error, disk_fault::no_space, disk_fault::sync_error})
    for (std::uint64_t after = 0; after < 5; ++after)
      for (bool return_early : {false, true}) {
        CAPTURE(static_cast<int>(fault), after, return_early);
        cast stage;
        client luna(stage, "s");
        REQUIRE(luna.come());
        luna.submit(1, "one");
        stage.node.run();
        stage.store.disk->fail_after(after, fault);
        luna.submit(2, "two");
        stage.node.run();
        if (luna.ends(2).size() == 1 && luna.ends(2)[0].number != 0) continue;  // the fault came too late
        REQUIRE(luna.ends(2).size() == 1);
        CHECK(luna.ends(2)[0].kind == event_kind::failed);
        CHECK(luna.ends(2)[0].error.kind == failure_kind::read_only);
        CHECK(luna.inbox.count<session_reset>() == 1);
        if (return_early) {
          // Read while nothing can be written: watching works, talking gets the reason.
          REQUIRE(luna.come(~0ull));
          auto slot = luna.submit(3, "three");
          stage.node.run();
          CHECK(refusal(slot).kind == failure_kind::read_only);
        }
        stage.store.disk->clear();
        stage.node.advance(std::chrono::seconds(5));
        REQUIRE_FALSE(stage.store.database->is_read_only());
        for (int tries = 0; tries < 3 && luna.ends(4).empty(); ++tries) {
          REQUIRE(luna.come(~0ull));
          luna.submit(4, "four");
          stage.node.run();
        }
        REQUIRE(luna.ends(4).size() == 1);
        CHECK(luna.ends(4)[0].kind == event_kind::reply);
        std::map<std::uint64_t, int> open;
        for (auto& event : luna.stored()) {
          if (event.kind == event_kind::user)
            ++open[event.turn];
          else if (event.kind != event_kind::opened)
            --open[event.turn];
        }
        kinds_of(luna.stored());
        for (auto& [turn, count] : open) CHECK(count == 0);
      }
}

TEST_CASE("a drain lets a turn finish within its grace and interrupts it after") {
  for (bool finishes : {true, false}) {
    cast stage;
    client luna(stage, "s");
    REQUIRE(luna.come());
    stage.script->next = {{.held = true}};
    luna.submit(1, "one");
    luna.submit(2, "two");
    stage.node.run();
    auto slot = stage.node.request<keeper_drained>(stage.sessions, keeper_drain{1000});
    stage.node.run();
    CHECK_FALSE(*slot);
    luna.submit(3, "three");
    stage.node.run();
    CHECK(luna.ends(2).empty());  // not amid the answer to the first
    if (finishes) stage.script->release(10);
    stage.node.advance(std::chrono::seconds(2));
    REQUIRE((*slot && **slot));
    REQUIRE(luna.ends(1).size() == 1);
    CHECK(luna.ends(1)[0].kind == (finishes ? event_kind::reply : event_kind::interrupted));
    CHECK(luna.stored().back().number == luna.ends(1)[0].number);
    std::vector<std::uint64_t> order;
    for (auto& end : luna.inbox.all<turn_ended>()) order.push_back(end.ref.turn);
    CHECK(order == std::vector<std::uint64_t>{1, 2, 3});
    for (std::uint64_t turn : {2, 3}) CHECK(luna.ends(turn)[0].error.kind == failure_kind::unavailable);
    auto late = luna.submit(4, "four");
    stage.node.run();
    CHECK(refusal(late).kind == failure_kind::unavailable);
  }
}

TEST_CASE("a drain is answered when the conversation ends while it waits") {
  for (bool restart : {false, true}) {
    cast stage;
    client luna(stage, "s");
    REQUIRE(luna.come());
    stage.script->next = {{.ends = false}};
    luna.submit(1, "one");
    stage.node.run();
    auto slot = stage.node.request<keeper_drained>(stage.sessions, keeper_drain{1000});
    stage.node.run();
    if (restart)
      stage.restart(luna.session);
    else
      caf::anon_send_exit(luna.session, caf::exit_reason::kill);
    stage.node.run();
    CHECK((*slot && **slot));
  }
}
