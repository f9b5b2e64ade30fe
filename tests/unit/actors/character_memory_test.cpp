#include "persona.hpp"

using namespace troupe;
using namespace troupe::test;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

std::size_t times_kept(persona_stage& stage, const std::string& words) {
  std::size_t count = 0;
  for (auto& record : stage.remembered()) count += record.text.find(words) != std::string::npos;
  return count;
}

}  // namespace

TEST_CASE("a turn becomes an episode, and the next is told of it") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  stage.script->next = {{.deltas = {"By the kelp, mostly."}}};
  anna.say(1, "How do you read the tide?");
  stage.node.run();
  const auto records = stage.remembered();
  REQUIRE(records.size() == 1);
  CHECK(records[0].kind == "experience");
  CHECK(records[0].source == "character");
  CHECK(records[0].text.find("How do you read the tide?") != std::string::npos);
  CHECK(records[0].text.find("By the kelp") != std::string::npos);
  CHECK(stage.kept().pending.empty());
  CHECK(stage.kept().formed.size() == 1);
  anna.say(2, "How do you read the tide, again?");
  stage.node.run();
  auto& asked = stage.script->calls.back()->request;
  REQUIRE(asked.memories.size() == 1);
  CHECK(asked.memories[0].record.id == records[0].id);
  CHECK(asked.system.find("By the kelp") != std::string::npos);
}

TEST_CASE("a search finds what was lived, newest first without words, and nothing old") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  for (const auto* text : {"What about kelp?", "What about lanterns?"}) {
    static std::uint64_t turn = 100;
    anna.say(++turn, text);
    stage.node.run();
  }
  auto found = anna.body(anna.ask(character_search{"kelp", 1}));
  CHECK(found.at("count").as_int64() == 1);
  auto& entry = found.at("memories").as_array()[0].as_object();
  CHECK(entry.at("description").as_string().find("kelp") != std::string::npos);
  CHECK(entry.at("similarity").to_number<double>() > 0);
  CHECK(entry.at("similarity").to_number<double>() <= 1);
  for (const auto* key : {"experience_id", "timestamp", "emotional_state", "metadata"}) CHECK(entry.contains(key));
  const auto newest = anna.body(anna.ask(character_search{"  ", 5})).at("memories").as_array();
  REQUIRE(newest.size() == 2);
  CHECK(newest[0].at("description").as_string().find("lanterns") != std::string::npos);
  for (const std::int64_t limit : {0, -3}) {
    const auto none = anna.body(anna.ask(character_search{"kelp", limit}));
    CHECK(none.at("count").as_int64() == 0);
    CHECK(none.at("memories").as_array().empty());
  }
  stage.node.advance(hours(24 * 91));
  REQUIRE(anna.come());
  CHECK(anna.body(anna.ask(character_search{"kelp", 1'000'000})).at("count").as_int64() == 0);
}

TEST_CASE("a turn takes memories of 30 days that are alike, and newest ones of 7") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  std::uint64_t turn = 0;
  anna.say(++turn, "What about kelp?");
  stage.node.advance(hours(24 * 8));
  for (int i = 0; i < 8; ++i) {
    anna.say(++turn, "Why number " + std::string(static_cast<std::size_t>(i) + 3, static_cast<char>('a' + i)) + "?");
    stage.node.run();
  }
  anna.say(++turn, "");  // no words: only the newest
  stage.node.run();
  CHECK(stage.script->calls.back()->request.memories.size() == 3);
  anna.say(++turn, "What about kelp?");
  stage.node.run();
  auto memories = stage.script->calls.back()->request.memories;
  CHECK(memories.size() <= 8);
  bool kelp = false;
  for (auto& each : memories) kelp = kelp || each.record.text.find("kelp") != std::string::npos;
  CHECK(kelp);
  stage.node.advance(hours(24 * 31));
  anna.say(++turn, "What about lanterns and kelp?");
  stage.node.run();
  CHECK(stage.script->calls.back()->request.memories.empty());
}

TEST_CASE("a memory that does not answer costs the turn two seconds, not the reply") {
  for (bool opens : {false, true}) {
    CAPTURE(opens);
    caf::actor keeper;
    persona_stage stage({.with_memory = false, .character = [&](auto& deps) { deps.memory_keeper = keeper; }});
    auto silent = stage.node.record();
    keeper = silent.handle();
    visitor anna(stage);
    REQUIRE(anna.come());
    auto slot = anna.say(1, "Who are you?");
    stage.node.run();
    if (opens) {
      REQUIRE(silent.count<keeper_open>() == 1);
      silent.answer_first<keeper_open>(keeper_opened{storage::character_space("ines"), silent.handle()});
      stage.node.run();
      CHECK(silent.count<memory_recall>() == 1);
      CHECK(silent.count<memory_list>() == 1);
    }
    CHECK(reply(slot) == "(no answer yet)");
    stage.node.advance(seconds(3));
    CHECK(reply(slot) == "Hello there.");
    CHECK(stage.kept().pending.size() == 1);
    auto next = anna.say(2, "Who am I?");
    stage.node.advance(seconds(3));
    CHECK(reply(next) == "Hello there.");
    CHECK(stage.kept().pending.size() == 2);
    CHECK(silent.count<memory_add>() == (opens ? 2 : 0));
  }
}

TEST_CASE("without any memory a character talks, and finds nothing") {
  persona_stage stage({.with_memory = false});
  visitor anna(stage);
  REQUIRE(anna.come());
  auto slot = anna.say(1, "Who are you?");
  stage.node.run();
  CHECK(reply(slot) == "Hello there.");
  CHECK(anna.body(anna.ask(character_search{"you", 5})).at("count").as_int64() == 0);
  CHECK(stage.kept().pending.empty());
}

TEST_CASE("whatever ends between journal and memory, at every step, an episode is remembered once") {
  // 0: the character is killed; 1: restarted in place; 2: memory is killed; 3: both are killed.
  for (int how = 0; how < 4; ++how)
    for (int steps = 0; steps < 90; ++steps) {
      CAPTURE(how, steps);
      static test_store store;
      persona_stage stage({.store = &store});
      static int run = 0;
      const auto id = "who" + std::to_string(++run);
      stage.put_file(id, 0.5);
      visitor anna(stage, id);
      REQUIRE(anna.come());
      auto slot = anna.say(1, "What is a lantern?");
      for (int i = 0; i < steps; ++i) stage.node.step();
      const auto memory = stage.find("memory", storage::character_space(id));
      if (how != 2) {
        if (how == 1)
          stage.restart(anna.character);
        else
          caf::anon_send_exit(anna.character, caf::exit_reason::kill);
      }
      if (how >= 2 && memory) caf::anon_send_exit(memory, caf::exit_reason::kill);
      stage.node.run();
      visitor bert(stage, id);
      REQUIRE(bert.come());
      const bool answered = *slot && **slot;
      const auto lived = bert.history().size();
      REQUIRE(lived <= 2);
      if (answered) REQUIRE(lived == 2);
      // One more turn: what memory did not take is offered again.
      auto second = bert.say(2, "Why?");
      stage.node.run();
      REQUIRE(reply(second) == "Hello there.");
      std::size_t lanterns = 0, whys = 0;
      for (auto& record : stage.remembered(id)) {
        lanterns += record.text.find("What is a lantern?") != std::string::npos;
        whys += record.text.find("Why?") != std::string::npos;
      }
      REQUIRE(lanterns == (lived == 2 ? 1 : 0));
      REQUIRE(whys == 1);
      REQUIRE(stage.kept(id).pending.empty());
      REQUIRE(stage.double_wakes == 0);
    }
}

TEST_CASE("in any order of events a turn is answered once and remembered once") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    static test_store store;
    persona_stage stage({.seed = seed, .store = &store});
    auto& random = stage.node.random();
    const auto id = "mixed" + std::to_string(seed);
    stage.put_file(id, 0.5);
    visitor anna(stage, id), bert(stage, id);
    REQUIRE(anna.come());
    REQUIRE(bert.come());
    std::vector<answer_slot<character_answer>> slots;
    for (std::uint64_t turn = 1; turn <= 4; ++turn) {
      auto& who = turn % 2 ? anna : bert;
      slots.push_back(who.say(turn, "What is number " + std::string(turn, 'x') + "?"));
      for (auto steps = random.below(25); steps > 0; --steps) stage.node.step_random();
      if (random.below(4) == 0) who.stop(1 + random.below(4));
      if (random.below(6) == 0) stage.restart(anna.character);
    }
    stage.node.run_random();
    std::size_t replies = 0;
    for (auto& slot : slots) {
      REQUIRE(*slot);
      replies += slot->value().has_value();
    }
    REQUIRE(anna.come());
    const auto lived = anna.history().size() / 2;
    REQUIRE(lived >= replies);  // one whose answer a restart took may be there
    stage.node.run_random();
    REQUIRE(stage.kept(id).pending.empty());
    REQUIRE(stage.remembered(id).size() == lived);
  }
}

TEST_CASE("a reset without memories forgets this life's episodes, also over a crash, and none before") {
  for (int steps = 0; steps < 60; steps += 3) {
    CAPTURE(steps);
    static test_store store;
    persona_stage stage({.store = &store});
    static int run = 0;
    const auto id = "forgets" + std::to_string(++run);
    stage.put_file(id, 0.5);
    visitor anna(stage, id);
    REQUIRE(anna.come());
    anna.say(1, "What was before?");
    stage.node.run();
    const auto save = stage.kept(id).state;
    REQUIRE(anna.ask(character_restore{save, anna.inbox.handle()}));
    anna.say(2, "What is now?");
    anna.say(3, "What comes then?");
    stage.node.run();
    REQUIRE(stage.remembered(id).size() == 3);
    auto slot = stage.request_as<character_answer>(anna.inbox, anna.character, character_reset{false});
    for (int i = 0; i < steps; ++i) stage.node.step();
    const bool done = *slot && **slot;
    if (steps > 0) caf::anon_send_exit(anna.character, caf::exit_reason::kill);
    stage.node.run();
    REQUIRE(anna.come());
    stage.node.run();
    const auto left = stage.remembered(id);
    if (done || steps == 0) {
      REQUIRE(left.size() == 1);
      REQUIRE(left[0].text.find("before") != std::string::npos);
      REQUIRE(stage.kept(id).forgetting.empty());
    } else {
      REQUIRE((left.size() == 1 || left.size() == 3));
    }
  }
}

TEST_CASE("a reset that keeps memories forgets no episode") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  anna.say(1, "What was before?");
  stage.node.run();
  REQUIRE(anna.ask(character_reset{true}));
  stage.node.run();
  CHECK(times_kept(stage, "before") == 1);
}
