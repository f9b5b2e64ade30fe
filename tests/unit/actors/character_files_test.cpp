#include "persona.hpp"

using namespace troupe;
using namespace troupe::test;
using std::chrono::seconds;

namespace {

const std::string private_id = "private/4711/harbor-pilot";
const std::string config = R"({"name":"Own","archetype":"guest"})";

std::size_t rows(persona_stage& stage, column where) {
  std::size_t count = 0;
  REQUIRE(stage.store.database->for_each(where, "", [&](auto, auto) { return ++count > 0; }));
  return count;
}

double dopamine(visitor& who) {
  return who.body(who.ask(character_status{}))
      .at("vitals")
      .at("neurochemical_state")
      .at("dopamine")
      .to_number<double>();
}

}  // namespace

TEST_CASE("a file that is missing or breaks a rule fails the attach and nobody else") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  anna.say(1, "one");
  stage.node.run();
  stage.put_file("ines", 0.5, "neurochemical_baseline:\n  dopamine: 700\n");
  visitor bert(stage);
  const auto broken = bert.come();
  REQUIRE_FALSE(broken);
  CHECK(broken.error().kind == failure_kind::invalid);
  CHECK(broken.error().message.find("ines.yaml") != std::string::npos);
  std::filesystem::remove(stage.folder.file("characters/ines.yaml"));
  const auto missing = bert.come();
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == failure_kind::not_found);
  auto slot = anna.say(2, "two");
  stage.node.run();
  CHECK(reply(slot) == "Hello there.");
  // Asleep, it needs its file.
  anna.leave();
  stage.node.kill(bert.inbox.handle());
  stage.node.advance(seconds(200));
  REQUIRE(stage.awake("character") == 0);
  visitor carl(stage);
  CHECK(carl.come().error().kind == failure_kind::not_found);
  stage.put_file("ines", 0.5);
  REQUIRE(carl.come());
  CHECK(carl.history().size() == 4);
}

TEST_CASE("an unknown character is named with those there are, and a hostile id is refused") {
  persona_stage stage;
  visitor anna(stage, "nobody");
  const auto missing = anna.come();
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == failure_kind::not_found);
  CHECK(missing.error().message.find("available: ines") != std::string::npos);
  for (const std::string id : {"../ines", "a/b/..", "", ".hidden"}) {
    visitor mallory(stage, id);
    const auto answer = mallory.come();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind != failure_kind::none);
  }
}

TEST_CASE("a file that has changed is adopted at the next attach, but not amid a turn") {
  persona_stage stage;
  visitor anna(stage), bert(stage);
  REQUIRE(anna.come());
  anna.listen();
  anna.say(1, "one");
  stage.node.run();
  const auto before = stage.kept().digest;
  stage.put_file("ines", 0.9, "backstory: She has moved to the hills.\n");
  stage.script->next = {{.held = true}};
  auto slot = anna.say(2, "two");
  stage.node.run();
  REQUIRE(bert.come());
  CHECK(anna.events("changed") == 0);
  stage.script->release(10);
  stage.node.run();
  CHECK(reply(slot) == "Hello there.");
  CHECK(anna.events("changed") == 1);
  CHECK(stage.kept().digest != before);
  anna.say(3, "three");
  stage.node.run();
  CHECK(stage.script->calls.back()->request.system.find("moved to the hills") != std::string::npos);
  CHECK(anna.history().size() == 6);
}

TEST_CASE("a save is loaded as it was saved, the life it replaces is put by, and everybody is told") {
  persona_stage stage;
  visitor anna(stage), bert(stage);
  REQUIRE(anna.come());
  REQUIRE(bert.come());
  bert.listen();
  anna.say(1, "first evening");
  stage.node.run();
  const auto saved = anna.body(anna.ask(character_save{"evening"}));
  CHECK(saved.at("filename").as_string() == stage.folder.file("saves/evening.json"));
  CHECK(anna.body(anna.ask(character_save{})).at("filename").as_string()
        == stage.folder.file("saves/ines_server_save.json"));
  const auto text = stage.read_save("evening.json");
  CHECK(text.starts_with("{\n  \""));
  CHECK(json::parse(text).at("character_state").at("character_id").as_string() == "ines");
  anna.say(2, "second evening");
  stage.node.run();
  auto found = stage.ask_as<save_found>(anna.inbox, stage.library, save_read{"evening"});
  REQUIRE(found);
  CHECK(found->character_id == "ines");
  const auto loaded = anna.body(anna.ask(character_restore{found->text, anna.inbox.handle()}));
  CHECK(loaded.at("character_info").at("name").as_string() == "Ines Calloway");
  CHECK(bert.history().size() == 2);
  CHECK(bert.events().back() == R"(0 changed {"reason":"loaded"})");
  CHECK(stage.read_save("ines_server_autosave.json").find("second evening") != std::string::npos);
  // It is kept, too.
  stage.node.kill(anna.character);
  REQUIRE(anna.come());
  CHECK(anna.history().size() == 2);
}

TEST_CASE("a save is loaded by a character that sleeps, and without its file") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  anna.say(1, "one");
  stage.node.run();
  const auto text = boost::json::serialize(json::parse(stage.kept().state));
  anna.leave();
  stage.node.advance(seconds(200));
  REQUIRE(stage.awake("character") == 0);
  std::filesystem::remove(stage.folder.file("characters/ines.yaml"));
  visitor bert(stage);
  bert.open();
  REQUIRE(bert.ask(character_restore{text, bert.inbox.handle()}));
  CHECK(bert.history().size() == 2);
  auto slot = bert.say(2, "two");
  stage.node.run();
  CHECK(reply(slot) == "Hello there.");
}

TEST_CASE("a save that is damaged, another's, or cannot be put by first changes nothing") {
  persona_stage stage;
  stage.put_file("bert", 0.5);
  visitor anna(stage), other(stage, "bert");
  REQUIRE(anna.come());
  REQUIRE(other.come());
  anna.say(1, "one");
  stage.node.run();
  const auto of_bert = stage.kept("bert").state;
  for (const std::string& text : {std::string("{"), std::string("[]"), std::string("{}"), of_bert}) {
    const auto answer = anna.ask(character_restore{text, anna.inbox.handle()});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == failure_kind::invalid);
  }
  const auto own = stage.kept().state;
  std::ofstream(stage.folder.file("saves")) << "no folder";
  const auto answer = anna.ask(character_restore{own, anna.inbox.handle()});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message.find("could not be saved") != std::string::npos);
  CHECK(anna.ask(character_save{"x"}).error().kind == failure_kind::unavailable);
  CHECK(anna.history().size() == 2);
  auto slot = anna.say(2, "two");
  stage.node.run();
  CHECK(reply(slot) == "Hello there.");
}

TEST_CASE("a save name that leaves the folder is refused") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  for (const std::string name : {"../out", "/tmp/out", "sub/out", "..", ".hidden"})
    CHECK(anna.ask(character_save{name}).error().kind == failure_kind::invalid);
  CHECK(stage.saves().empty());
}

TEST_CASE("a reset waits for the turn under way and goes back to the beginning") {
  persona_stage stage;
  visitor anna(stage), bert(stage);
  REQUIRE(anna.come());
  REQUIRE(bert.come());
  bert.listen();
  const auto initial = dopamine(anna);
  stage.script->next = {{.deltas = {"Wonderful!"}, .held = true}};
  auto turn = anna.say(1, "I love this amazing, exciting adventure! Thank you, friend!");
  stage.node.run();
  auto reset = stage.request_as<character_answer>(bert.inbox, bert.character, character_reset{true});
  stage.node.run();
  CHECK_FALSE(*reset);
  stage.script->release(10);
  stage.node.run();
  REQUIRE((*reset && **reset));
  CHECK(reply(turn) == "Wonderful!");
  CHECK(dopamine(anna) == initial);
  CHECK(anna.history().size() == 2);
  CHECK(bert.events().back() == R"(0 changed {"reason":"reset"})");
  REQUIRE(anna.ask(character_reset{false}));
  CHECK(anna.history().empty());
  stage.node.kill(anna.character);
  REQUIRE(anna.come());
  CHECK(anna.history().empty());
}

TEST_CASE("it saves itself now and then if it has changed, and at the server's end") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  stage.node.advance(seconds(301));
  CHECK(stage.saves() == std::vector<std::string>{"ines_server_autosave.json"});
  std::filesystem::remove_all(stage.folder.file("saves"));
  stage.node.advance(seconds(700));
  CHECK(stage.saves().empty());
  anna.say(1, "remember the kelp");
  stage.node.advance(seconds(301));
  CHECK(stage.read_save("ines_server_autosave.json").find("remember the kelp") != std::string::npos);
  stage.script->next = {{.deltas = {"I do."}, .held = true}};
  auto last = anna.say(2, "and the tide");
  auto late = anna.say(3, "and the moon");
  stage.node.run();
  auto drained = stage.node.request<keeper_drained>(stage.characters, keeper_drain{1000});
  stage.node.run();
  CHECK(refusal(late).kind == failure_kind::unavailable);
  CHECK_FALSE(*drained);
  stage.script->release(10);
  stage.node.run();
  REQUIRE((*drained && **drained));
  CHECK(reply(last) == "I do.");
  CHECK(stage.read_save("ines_server_autosave.json").find("I do.") != std::string::npos);
  auto refused = anna.say(4, "still there?");
  stage.node.run();
  CHECK(refusal(refused).kind == failure_kind::unavailable);
}

TEST_CASE("a turn that does not end in the drain's grace is interrupted, and the drain goes on") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  stage.script->next = {{.deltas = {"Half"}, .ends = false}};
  auto slot = anna.say(1, "one");
  stage.node.run();
  auto drained = stage.node.request<keeper_drained>(stage.characters, keeper_drain{1000});
  stage.node.advance(seconds(2));
  REQUIRE((*drained && **drained));
  CHECK(refusal(slot) == failure{failure_kind::interrupted, "the server is shutting down"});
  CHECK(stage.read_save("ines_server_autosave.json").find("\"one\"") == std::string::npos);
}

TEST_CASE("a private character lives for its clients and leaves nothing") {
  for (int how = 0; how < 4; ++how) {
    CAPTURE(how);
    persona_stage stage;
    const auto rows_before = rows(stage, column::characters) + rows(stage, column::memories);
    const auto spaces_before = rows(stage, column::spaces);
    visitor anna(stage, private_id), bert(stage, private_id);
    auto state = anna.come(config);
    REQUIRE(state);
    CHECK(state->name == "Own");
    CHECK(json::parse(state->info).at("character_id").as_string() == "harbor-pilot");
    REQUIRE(bert.come(config));
    auto slot = anna.say(1, "What do you love?");
    stage.node.run();
    CHECK(reply(slot) == "Hello there.");
    CHECK(rows(stage, column::memories) == 1);
    CHECK(rows(stage, column::characters) == 0);
    bert.leave();
    stage.node.run();
    CHECK(anna.history().size() == 2);
    if (how == 0) {
      anna.leave();
    } else if (how == 1) {
      stage.node.kill(anna.inbox.handle());
    } else if (how == 2) {
      stage.script->next = {{.ends = false}};
      auto cut = anna.say(2, "two");
      stage.node.run();
      anna.leave();
      stage.node.run();
      CHECK(refusal(cut).kind == failure_kind::cancelled);
      CHECK(stage.script->open_calls() == 0);
    } else {
      stage.node.request<keeper_drained>(stage.characters, keeper_drain{1000});
    }
    stage.node.run();
    CHECK(stage.awake("character") == 0);
    CHECK(rows(stage, column::characters) + rows(stage, column::memories) == rows_before);
    CHECK(rows(stage, column::spaces) == spaces_before);
    CHECK(stage.saves().empty());
  }
}

TEST_CASE("a private character that is restarted in place goes on as it was made") {
  persona_stage stage;
  visitor anna(stage, private_id);
  REQUIRE(anna.come(config));
  anna.say(1, "one");
  stage.node.run();
  stage.restart(anna.character);
  stage.node.run();
  CHECK(anna.history().empty());  // it is written down nowhere
  auto slot = anna.say(2, "two");
  stage.node.run();
  CHECK(reply(slot) == "Hello there.");
  anna.leave();
  stage.node.run();
  CHECK(stage.awake("character") == 0);
  CHECK(rows(stage, column::memories) == 0);
}

TEST_CASE("a private character's rules are a file's") {
  persona_stage stage;
  visitor anna(stage, private_id);
  for (const std::string bad :
       {"{}", "[]", "nonsense", R"({"name":"A","archetype":"b","neurochemical_baseline":{"dopamine":-1}})"}) {
    const auto answer = anna.come(bad);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == failure_kind::invalid);
  }
  stage.node.kill(anna.inbox.handle());
  stage.node.advance(seconds(200));
  CHECK(stage.awake("character") == 0);
}

TEST_CASE("a full blocking pool makes files busy") {
  persona_stage stage;
  visitor anna(stage);
  REQUIRE(anna.come());
  stage.node.pool().bound = 0;
  CHECK(anna.ask(character_save{"x"}).error().kind == failure_kind::busy);
  visitor bert(stage);
  CHECK(bert.come().error().kind == failure_kind::busy);
  stage.node.pool().bound = 1024;
  REQUIRE(bert.come());
}
