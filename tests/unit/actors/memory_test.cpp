#include "client.hpp"
#include "owner.hpp"
#include "storage/fact_extraction.hpp"
#include "storage/lesson_log.hpp"
#include "storage/memory_store.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

turn_submit teaching(std::uint64_t turn, const std::string& words) {
  return {turn_ref{turn, turn, 0}, words, words, words, turn_policy::queue};
}

const std::string dog = "My dog is called Rex.";

}  // namespace

TEST_CASE("what is added is recalled, listed, survives a restart and is forgotten") {
  test_store store;
  {
    cast stage({.store = &store});
    owner alice(stage);
    alice.open();
    auto added = alice.add("I live in Leeds");
    REQUIRE(added);
    CHECK(added->id == 1);
    CHECK(alice.add("My boat is blue")->id == 2);
    CHECK(alice.recall("Leeds").front() == "I live in Leeds");
    CHECK(alice.list().total == 2);
    auto again = alice.add("i live in leeds!");
    REQUIRE(again);
    CHECK(again->reinforced);
    CHECK(again->id == 1);
  }
  cast stage({.seed = 2, .store = &store});
  owner alice(stage);
  alice.open();
  CHECK(alice.list().total == 2);
  CHECK(alice.recall("Leeds").front() == "I live in Leeds");
  CHECK(alice.forget(1) == 1);
  CHECK(alice.forget(1) == 0);
  CHECK(alice.list().total == 1);
  CHECK(alice.add("I work at night")->id == 3);
  CHECK(alice.forget(0, true) == 2);
  CHECK(stored(stage, "alice").empty());
  CHECK(alice.add("I am new")->id == 4);
}

TEST_CASE("bad memories are refused with the field and its rule") {
  cast stage;
  owner alice(stage);
  alice.open();
  CHECK(alice.add("").error() == failure{failure_kind::invalid, "text: must not be empty"});
  CHECK(alice.add("x", 1.5f).error() == failure{failure_kind::invalid, "importance: must be from 0 to 1"});
  CHECK(alice.add("x", NAN).error().kind == failure_kind::invalid);
}

TEST_CASE("spaces know nothing of each other") {
  cast stage;
  owner alice(stage), bob(stage, "bob");
  alice.open();
  bob.open();
  REQUIRE(alice.add("I live in Leeds"));
  CHECK(bob.recall("Leeds").empty());
}

TEST_CASE("what was said in one turn is recalled in the next") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    static test_store store;
    cast stage({.seed = seed, .store = &store});
    const auto name = "said" + std::to_string(seed);
    client luna(stage, name, session_retention::resumable, name);
    REQUIRE(luna.come());
    luna.submit(teaching(1, dog));
    luna.submit(teaching(2, "What is my dog called?"));
    stage.node.run_random();
    REQUIRE(stage.script->calls.size() == 2);
    auto& memories = stage.script->calls[1]->request.memories;
    REQUIRE_FALSE(memories.empty());
    REQUIRE(memories[0].record.text == storage::extract_facts(dog).at(0));
  }
}

TEST_CASE("it is recalled in the next turn also when memory was killed in between") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    static test_store store;
    cast stage({.seed = seed, .store = &store});
    const auto name = "killed" + std::to_string(seed);
    client luna(stage, name, session_retention::resumable, name);
    REQUIRE(luna.come());
    luna.submit(teaching(1, dog));
    for (auto steps = stage.node.random().below(80); steps > 0; --steps) stage.node.step_random();
    if (auto memory = stage.find("memory", name)) {
      if (seed % 2)
        stage.restart(memory);
      else
        caf::anon_send_exit(memory, caf::exit_reason::kill);
    }
    stage.node.run_random();
    REQUIRE(luna.ends(1).size() == 1);
    luna.submit(teaching(2, "What is my dog called?"));
    stage.node.run_random();
    auto& memories = stage.script->calls.back()->request.memories;
    REQUIRE_FALSE(memories.empty());
    REQUIRE(memories[0].record.text == storage::extract_facts(dog).at(0));
  }
}

TEST_CASE("it is recalled in the next turn also when the conversation was killed in between") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    static test_store store;
    cast stage({.seed = seed, .store = &store});
    const auto name = "ended" + std::to_string(seed);
    client luna(stage, name, session_retention::resumable, name);
    owner other(stage, name);
    other.open();  // keeps the space awake
    REQUIRE(luna.come());
    luna.submit(teaching(1, dog));
    for (auto steps = stage.node.random().below(80); steps > 0; --steps) stage.node.step_random();
    if (seed % 2)
      stage.restart(luna.session);
    else
      caf::anon_send_exit(luna.session, caf::exit_reason::kill);
    stage.node.run_random();
    REQUIRE(luna.come());
    const auto events = luna.stored();
    if (events.empty() || events.back().kind != event_kind::reply) continue;
    luna.submit(teaching(2, "What is my dog called?"));
    stage.node.run_random();
    auto& memories = stage.script->calls.back()->request.memories;
    REQUIRE_FALSE(memories.empty());
    REQUIRE(memories[0].record.text == storage::extract_facts(dog).at(0));
  }
}

TEST_CASE("a lesson is learnt once, whatever ends, restarts or sleeps and in whatever order") {
  for (std::uint64_t seed = 1; seed <= 800; ++seed) {
    CAPTURE(seed);
    static test_store store;
    cast stage({.seed = seed, .store = &store});
    auto& random = stage.node.random();
    const auto name = "once" + std::to_string(seed);
    client luna(stage, name, session_retention::resumable, name);
    owner other(stage, name);
    REQUIRE(luna.come());
    luna.submit(teaching(1, dog));
    luna.submit(teaching(2, "My cat is called Tom."));
    const bool others_add = seed % 3 == 0;
    for (int action = 0; action < 6; ++action) {
      for (auto steps = random.below(50); steps > 0; --steps) stage.node.step_random();
      auto memory = stage.find("memory", name);
      if (!memory) {
        stage.request_as<keeper_opened>(other.inbox, stage.memories, keeper_open{name});
        continue;
      }
      switch (random.below(3)) {
        case 0: stage.restart(memory); break;
        case 1: caf::anon_send_exit(memory, caf::exit_reason::kill); break;
        case 2:
          if (others_add) stage.request_as<memory_added>(other.inbox, memory, memory_add{"Bees hum", "", 0.5f, "", {}});
          break;
      }
    }
    stage.node.run_random();
    // Everyone leaves, everything sleeps, and one comes back.
    stage.node.kill(luna.inbox.handle());
    stage.node.kill(other.inbox.handle());
    stage.node.advance(std::chrono::seconds(300));
    REQUIRE(stage.awake("memory", name) == 0);
    owner back(stage, name);
    back.open();
    back.list();
    std::map<std::string, int> times;
    for (auto& record : stored(stage, name)) {
      ++times[record.text];
      if (record.source == "turn") REQUIRE(record.importance == 0.5f);
    }
    for (auto* words : {&dog}) REQUIRE(times[storage::extract_facts(*words).at(0)] == 1);
    REQUIRE(times[storage::extract_facts("My cat is called Tom.").at(0)] == 1);
    auto left = storage::lessons_of(*stage.store.database, name);
    REQUIRE((left && left->empty()));
  }
}

TEST_CASE("a lesson that is told again after it was learnt changes nothing") {
  cast stage;
  owner alice(stage);
  alice.open();
  const auto key = storage::lesson_key("alice", "s", 3);
  std::vector<write_op> ops;
  storage::put_lesson(ops, key, dog);
  REQUIRE(stage.node.ask<journal_committed>(stage.journal, journal_append{journal_lane::turns, ops}));
  for (int times = 0; times < 3; ++times) {
    stage.node.send(alice.memory, memory_learn{{}, key, dog});
    if (times == 1) stage.node.run();
    stage.node.send(alice.memory, memory_learn{{}, key, dog});
    stage.node.run();
    stage.restart(alice.memory);
    stage.node.run();
  }
  auto records = stored(stage, "alice");
  REQUIRE(records.size() == 1);
  CHECK(records[0].importance == 0.5f);
}

TEST_CASE("forgetting everything also forgets what was on its way to be learnt") {
  cast stage;
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add("I live in Leeds"));
  const auto key = storage::lesson_key("alice", "s", 3);
  std::vector<write_op> ops;
  storage::put_lesson(ops, key, dog);
  REQUIRE(stage.node.ask<journal_committed>(stage.journal, journal_append{journal_lane::turns, ops}));
  auto slot = stage.request_as<memory_forgotten>(alice.inbox, alice.memory, memory_forget{0, true});
  stage.node.send(alice.memory, memory_learn{{}, key, dog});
  stage.node.run();
  REQUIRE((*slot && **slot));
  CHECK(alice.list().total == 0);
  CHECK(stored(stage, "alice").empty());
}

TEST_CASE("a sleeping space leaves RAM and wakes the same") {
  cast stage;
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add("I live in Leeds"));
  const auto before = stored(stage, "alice");
  alice.release();
  stage.node.advance(std::chrono::seconds(200));
  CHECK(stage.awake("memory", "alice") == 0);
  alice.open();
  CHECK(alice.recall("Leeds").front() == "I live in Leeds");
  CHECK(stored(stage, "alice") == before);
}

TEST_CASE("a space that was restarted while nobody held it sleeps all the same") {
  cast stage;
  owner alice(stage);
  alice.open();
  alice.release();
  stage.node.run();
  stage.restart(alice.memory);
  stage.node.advance(std::chrono::seconds(300));
  CHECK(stage.awake("memory", "alice") == 0);
}

TEST_CASE("what is forgotten while the space is embedded anew does not come back") {
  test_store store;
  {
    cast stage({.store = &store});
    owner alice(stage);
    alice.open();
    REQUIRE(alice.add("I live in Leeds"));
    REQUIRE(alice.add("My boat is blue"));
  }
  cast stage({.seed = 2, .store = &store});
  stage.embed->name = "letters-2";
  owner alice(stage);
  auto opening = stage.request_as<keeper_opened>(alice.inbox, stage.memories, keeper_open{"alice"});
  while (!*opening) stage.node.step();
  alice.memory = opening->value()->handle;
  auto slot = stage.request_as<memory_forgotten>(alice.inbox, alice.memory, memory_forget{1, false});
  stage.node.run();
  REQUIRE((*slot && **slot));
  auto records = stored(stage, "alice");
  REQUIRE(records.size() == 1);
  CHECK(records[0].id == 2);
  CHECK(records[0].embedder == "letters-2");
}

TEST_CASE(
    "a space that cannot be read answers with an error, and one that is read holds a bounded number of questions") {
  cast stage({.memory = [](memory_deps& deps) { deps.max_waiting = 2; }});
  stage.node.pool().bound = 0;
  owner alice(stage);
  auto opening = stage.request_as<keeper_opened>(alice.inbox, stage.memories, keeper_open{"alice"});
  while (!*opening) stage.node.step();
  alice.memory = opening->value()->handle;
  auto list = [&] { return stage.request_as<memory_listed>(alice.inbox, alice.memory, memory_list{}); };
  auto first = list(), second = list(), third = list();
  stage.node.run();
  for (auto& slot : {first, second, third}) {
    REQUIRE((*slot && !**slot));
    CHECK(slot->value().error().kind != failure_kind::none);
  }
  CHECK(stage.awake("memory", "alice") == 0);
  stage.node.pool().bound = 1024;
  opening = stage.request_as<keeper_opened>(alice.inbox, stage.memories, keeper_open{"alice"});
  while (!*opening) stage.node.step();
  alice.memory = opening->value()->handle;
  first = list(), second = list(), third = list();
  stage.node.run();
  CHECK((*first && **first && *second && **second));
  REQUIRE((*third && !**third));
  CHECK(third->value().error().kind == failure_kind::busy);
}

TEST_CASE("a damaged record is an error that names the kind, not an empty space") {
  cast stage;
  auto key = std::string();
  {
    std::vector<write_op> ops;
    storage::put_record(ops, "alice", memory_record{.id = 1, .text = "x", .kind = "fact"});
    ops[0].value = "garbage";
    REQUIRE(stage.store.database->write(ops, true));
  }
  owner alice(stage);
  auto opening = stage.request_as<keeper_opened>(alice.inbox, stage.memories, keeper_open{"alice"});
  while (!*opening) stage.node.step();
  auto slot = stage.request_as<memory_listed>(alice.inbox, opening->value()->handle, memory_list{});
  stage.node.run();
  REQUIRE((*slot && !**slot));
  CHECK(slot->value().error().kind == failure_kind::corrupt);
}

TEST_CASE("a failed write answers all who wait, and the space is read again") {
  cast stage;
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add("I live in Leeds"));
  stage.store.disk->fail_now(disk_fault::io_error);
  auto add = [&](const char* text) {
    return stage.request_as<memory_added>(alice.inbox, alice.memory, memory_add{text, "", 0.5f, "", {}});
  };
  auto first = add("one"), second = add("two");
  stage.node.run();
  for (auto& slot : {first, second}) {
    REQUIRE((*slot && !**slot));
    CHECK(slot->value().error().kind != failure_kind::none);
  }
  CHECK(first->value().error().kind == failure_kind::read_only);
  alice.open();
  CHECK(alice.recall("Leeds").front() == "I live in Leeds");  // reading goes on
  stage.store.disk->clear();
  stage.node.advance(std::chrono::seconds(5));
  bool added = false;
  for (int tries = 0; tries < 3 && !added; ++tries) {
    alice.open();
    added = alice.add("three").has_value();
  }
  CHECK(added);
  alice.open();
  CHECK(alice.list().total == stored(stage, "alice").size());
}
