#include "client.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

tool_call call(std::string id, std::string name = "look_up", std::string arguments = R"({"of":"tea"})") {
  return {std::move(id), std::move(name), std::move(arguments), {}};
}

/// A cast with one tool source that is a recorder.
struct tool_stage {
  explicit tool_stage(std::vector<std::string> names = {"look_up"}, tool_limits limits = {}) {
    cast_options options;
    options.session = [this, limits](session_deps& deps) {
      deps.tools = {source->handle()};
      deps.tool_limit = limits;
      deps.approver = approver;
    };
    stage = std::make_unique<cast>(options);
    source = std::make_unique<recorder>(stage->node.record());
    source->on<tools_query>([names](const tools_query&) {
      tools_listed listed;
      for (auto& name : names) listed.tools.push_back({name, "Looks something up", R"({"type":"object"})"});
      return listed;
    });
    luna = std::make_unique<client>(*stage, "s");
    if (!luna->come()) throw std::runtime_error("cannot attach");
  }
  /// In a conversation that knows of what has changed since.
  void come_again() {
    luna = std::make_unique<client>(*stage, "again");
    if (!luna->come()) throw std::runtime_error("cannot attach");
  }
  void answer_at_once(std::string content) {
    source->on<tool_start>([content](const tool_start& start) {
      return tool_result{start.call.id, start.call.name, content, false};
    });
  }
  void turn(std::uint64_t number, std::string prompt = "What is tea?") {
    luna->submit(number, std::move(prompt));
    stage->node.run();
  }
  std::vector<event_kind> stored() const {
    std::vector<event_kind> found;
    for (auto& event : luna->stored()) found.push_back(event.kind);
    return found;
  }
  const model_request& asked(std::size_t index) { return stage->script->calls.at(index)->request; }

  caf::actor approver;
  std::unique_ptr<recorder> source;
  std::unique_ptr<cast> stage;
  std::unique_ptr<client> luna;
};

using k = event_kind;

}  // namespace

TEST_CASE("a call is journaled, run, and its result goes back to the model") {
  tool_stage t;
  t.answer_at_once("a drink");
  t.stage->script->next = {{.deltas = {"Let me see."}, .calls = {call("a")}}, {.deltas = {"Tea is a drink."}}};
  t.turn(7);
  const auto ends = t.luna->ends(7);
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].kind == event_kind::reply);
  CHECK(ends[0].text.view() == "Let me see.\n\nTea is a drink.");
  CHECK(t.stored() == std::vector{k::opened, k::user, k::tool_begun, k::tool_finished, k::reply});
  REQUIRE(t.stage->script->calls.size() == 2);
  CHECK(t.asked(0).tools.at(0).name == "look_up");
  const auto& messages = t.asked(1).messages;
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].role == chat_role::model);
  CHECK(messages[1].text == "Let me see.");
  CHECK(messages[1].calls == std::vector{call("a")});
  CHECK(messages[2].role == chat_role::tool);
  CHECK(messages[2].results == std::vector{tool_result{"a", "look_up", "a drink", false}});
  view seen;
  seen.take(t.luna->inbox.messages());
  CHECK(seen.texts.at(7) == "Let me see.\n\nTea is a drink.");
}

TEST_CASE("a call is not begun before it is durable that it may have been") {
  tool_stage t;
  t.stage->script->next = {{.deltas = {}, .calls = {call("a")}}, {}};
  t.luna->submit(7, "What is tea?");
  t.stage->node.run();
  t.stage->written.hold = false;
  REQUIRE(t.source->count<tool_start>() == 1);
  // A second turn, with the journal held back.
  t.answer_at_once("x");
  t.source->answer_first<tool_start>(tool_result{"a", "look_up", "x", false});
  t.stage->node.run();
  REQUIRE(t.luna->ends(7).size() == 1);
  t.stage->written.hold = true;
  const auto before = t.source->count<tool_start>();
  t.stage->script->next = {{.deltas = {}, .calls = {call("b")}}, {}};
  t.luna->submit(8, "And coffee?");
  t.stage->node.run();
  CHECK(t.source->count<tool_start>() == before);
  t.stage->written.answer(t.stage->written.batches.size() - 1);  // the user's message, and the call behind it
  t.stage->node.run();
  if (t.source->count<tool_start>() == before) t.stage->written.answer(t.stage->written.batches.size() - 1);
  t.stage->node.run();
  CHECK(t.source->count<tool_start>() == before + 1);
}

TEST_CASE("calls of one answer run side by side and all their results go back in order") {
  tool_stage t({"look_up", "count"});
  t.stage->script->next = {{.deltas = {}, .calls = {call("a"), call("b", "count"), call("c", "nowhere")}}, {}};
  t.turn(7);
  REQUIRE(t.source->count<tool_start>() == 2);
  CHECK(t.stage->script->calls.size() == 1);
  // The second answers first.
  for (auto& each : t.source->messages()) {
    if (!each.asked || !each.content.match_elements<tool_start>()) continue;
    if (each.content.get_as<tool_start>(0).call.id == "b")
      std::exchange(each.promise, {}).deliver(tool_result{"b", "count", "2", false});
  }
  t.stage->node.run();
  CHECK(t.stage->script->calls.size() == 1);
  t.source->answer_first<tool_start>(tool_result{"a", "look_up", "drink", false});
  t.stage->node.run();
  REQUIRE(t.stage->script->calls.size() == 2);
  const auto& results = t.asked(1).messages.back().results;
  REQUIRE(results.size() == 3);
  CHECK(results[0].content == "drink");
  CHECK(results[1].content == "2");
  CHECK(results[2].is_error);
  CHECK(results[2].content == "there is no tool named nowhere");
  CHECK(t.luna->ends(7).size() == 1);
}

TEST_CASE("a hung tool is given up after its time, told so, and the turn goes on") {
  tool_stage t;
  t.stage->script->next = {{.deltas = {}, .calls = {call("a")}}, {.deltas = {"It does not answer."}}};
  t.turn(7);
  CHECK(t.luna->ends(7).empty());
  t.stage->node.advance(std::chrono::seconds(61));
  REQUIRE(t.source->count<tool_cancel>() == 1);
  REQUIRE(t.luna->ends(7).size() == 1);
  CHECK(t.luna->ends(7)[0].text.view() == "It does not answer.");
  CHECK(t.asked(1).messages.back().results.at(0).content.find("outcome unknown") != std::string::npos);
  // Its late answer changes nothing.
  t.source->answer_first<tool_start>(tool_result{"a", "look_up", "late", false});
  t.stage->node.run();
  CHECK(t.stored() == std::vector{k::opened, k::user, k::tool_begun, k::tool_finished, k::reply});
}

TEST_CASE("a stop cancels the calls in flight and the next turn knows that their outcome is unknown") {
  tool_stage t;
  t.stage->script->next = {{.deltas = {"Wait. "}, .calls = {call("a")}}, {}};
  t.turn(7);
  t.luna->stop(7);
  t.stage->node.run();
  REQUIRE(t.luna->ends(7).size() == 1);
  CHECK(t.luna->ends(7)[0].kind == event_kind::cancelled);
  CHECK(t.source->count<tool_cancel>() == 1);
  t.turn(8, "Did it happen?");
  const auto& history = t.asked(1).messages;
  REQUIRE(history.size() == 3);
  CHECK(history[1].text
        == "Wait. \n\n[This answer was cut off. Tools called in it:\n- look_up({\"of\":\"tea\"}): outcome unknown, it may "
           "have happened\nNone of them was called again.]");
}

TEST_CASE("after a crash at any point around a call it is not run again, and the model is told what is known") {
  // 0: begun, not finished; 1: finished, the model not called again; 2: the model at work again.
  for (int point = 0; point < 3; ++point) {
    INFO("crash at point " << point);
    test_store disk;
    {
      cast_options options;
      options.store = &disk;
      std::unique_ptr<recorder> source;
      options.session = [&](session_deps& deps) { deps.tools = {source->handle()}; };
      cast stage(options);
      source = std::make_unique<recorder>(stage.node.record());
      source->on<tools_query>([](const tools_query&) { return tools_listed{{{"look_up", "", ""}}}; });
      client luna(stage, "s");
      REQUIRE(luna.come());
      stage.script->next = {{.deltas = {}, .calls = {call("a")}}, {.deltas = {"Tea"}, .ends = false}};
      luna.submit(7, "What is tea?");
      stage.node.run();
      REQUIRE(source->count<tool_start>() == 1);
      if (point > 0) source->answer_first<tool_start>(tool_result{"a", "look_up", "a drink", false});
      if (point == 1) stage.script->next.front().held = true;
      stage.node.run();
    }
    REQUIRE(storage::recover_open_turns(*disk.database, 1).value() == 1);
    cast_options options;
    options.store = &disk;
    std::unique_ptr<recorder> source;
    options.session = [&](session_deps& deps) { deps.tools = {source->handle()}; };
    cast stage(options);
    source = std::make_unique<recorder>(stage.node.record());
    source->on<tools_query>([](const tools_query&) { return tools_listed{{{"look_up", "", ""}}}; });
    client luna(stage, "s");
    REQUIRE(luna.come());
    luna.submit(8, "And now?");
    stage.node.run();
    CHECK(source->count<tool_start>() == 0);
    REQUIRE(stage.script->calls.size() == 1);
    const auto& history = stage.script->calls[0]->request.messages;
    REQUIRE(history.size() == 3);
    CHECK(history[0].text == "What is tea?");
    const std::string known = point == 0 ? "look_up({\"of\":\"tea\"}): outcome unknown, it may have happened"
                                         : "look_up({\"of\":\"tea\"}): finished: a drink";
    CHECK(history[1].text.find(known) != std::string::npos);
  }
}

TEST_CASE("a conversation or an agent that restarts with a call in flight does not run it again") {
  for (const std::string who : {"session", "runner"}) {
    INFO(who);
    tool_stage t;
    t.stage->script->next = {{.deltas = {}, .calls = {call("a")}}};
    t.turn(7);
    REQUIRE(t.source->count<tool_start>() == 1);
    t.stage->restart(t.stage->find(who));
    t.stage->node.run();
    t.source->answer_first<tool_start>(tool_result{"a", "look_up", "late", false});
    t.stage->node.run();
    REQUIRE(t.luna->come());
    t.turn(8, "And now?");
    CHECK(t.luna->ends(8).size() == 1);
    CHECK(t.source->count<tool_start>() == 1);
    const auto kinds = t.stored();
    CHECK(std::count(kinds.begin(), kinds.end(), k::tool_begun) == 1);
    CHECK(std::count(kinds.begin(), kinds.end(), k::tool_finished) == 0);
    const auto& history = t.asked(1).messages;
    REQUIRE(history.size() == 3);
    CHECK(history[1].text.find("outcome unknown, it may have happened") != std::string::npos);
  }
}

TEST_CASE("a model that runs in circles is asked once more without tools") {
  tool_stage t;
  t.answer_at_once("a drink");
  for (int i = 0; i < 20; ++i)
    t.stage->script->next.push_back({.deltas = {}, .calls = {call("c" + std::to_string(i))}});
  t.turn(7);
  REQUIRE(t.luna->ends(7).size() == 1);
  CHECK(t.luna->ends(7)[0].kind == event_kind::failed);  // it goes on calling even then
  CHECK(t.source->count<tool_start>() == 2);
  CHECK(t.asked(t.stage->script->calls.size() - 1).tools.empty());
  CHECK(t.stage->script->calls.size() == 6);
}

TEST_CASE("a turn has no more rounds than its limit") {
  tool_limits limits;
  limits.max_rounds = 3;
  tool_stage t({"look_up"}, limits);
  t.answer_at_once("more");
  for (int i = 0; i < 3; ++i)
    t.stage->script->next.push_back(
        {.deltas = {}, .calls = {call("c" + std::to_string(i), "look_up", std::to_string(i))}});
  t.stage->script->next.push_back({.deltas = {"Enough."}});
  t.turn(7);
  REQUIRE(t.luna->ends(7).size() == 1);
  CHECK(t.luna->ends(7)[0].text.view() == "Enough.");
  CHECK(t.stage->script->calls.size() == 4);
  CHECK(t.asked(3).tools.empty());
}

TEST_CASE("a huge result is cut between characters and says so") {
  tool_stage t;
  std::string huge;
  while (huge.size() < 200000) huge += "ä";
  t.answer_at_once(huge);
  t.stage->script->next = {{.deltas = {}, .calls = {call("a")}}, {}};
  t.turn(7);
  const auto& content = t.asked(1).messages.back().results.at(0).content;
  CHECK(content.size() < 66000);
  CHECK(content.find("[cut off: the first 65536 of 200000 bytes]") != std::string::npos);
}

TEST_CASE("a source that does not list its tools holds a turn up for two seconds at most") {
  cast_options options;
  std::unique_ptr<recorder> silent;
  options.session = [&](session_deps& deps) { deps.tools = {silent->handle()}; };
  cast stage(options);
  silent = std::make_unique<recorder>(stage.node.record());
  client luna(stage, "s");
  REQUIRE(luna.come());
  luna.submit(7, "Hi");
  stage.node.run();
  CHECK(stage.script->calls.empty());
  stage.node.advance(std::chrono::milliseconds(2000));
  REQUIRE(luna.ends(7).size() == 1);
  CHECK(luna.ends(7)[0].kind == event_kind::reply);
}

TEST_CASE("a client's own tools come first and leave with it") {
  tool_stage t;
  t.answer_at_once("the server's");
  client other(*t.stage, "s");
  recorder own = t.stage->node.record();
  own.on<tools_query>([](const tools_query&) { return tools_listed{{{"look_up", "", ""}}}; });
  own.on<tool_start>([](const tool_start& start) {
    return tool_result{start.call.id, "look_up", "the client's", false};
  });
  auto attach = other.attach_message();
  attach.tools = own.handle();
  auto opened = t.stage->ask_as<keeper_opened>(other.inbox, t.stage->sessions, keeper_open{"s"});
  REQUIRE(opened);
  other.session = opened->handle;
  REQUIRE(t.stage->ask_as<session_attached>(other.inbox, opened->handle, attach));
  t.stage->script->next = {{.deltas = {}, .calls = {call("a")}}, {}};
  t.turn(7);
  CHECK(t.asked(1).messages.back().results.at(0).content == "the client's");
  other.leave();
  t.stage->node.run();
  t.stage->script->next = {{.deltas = {}, .calls = {call("b")}}, {}};
  t.turn(8);
  CHECK(t.asked(3).messages.back().results.at(0).content == "the server's");
}

TEST_CASE("a call is begun only when it is allowed, and one that is not is told to the model") {
  tool_stage t({"look_up", "pay"});
  recorder judge(t.stage->node.record());
  judge.on<approval_query>([](const approval_query& asked) {
    return asked.call.name == "pay" ? approval_given{false, "ask your mother"} : approval_given{true, {}};
  });
  t.approver = judge.handle();
  t.come_again();
  t.answer_at_once("a drink");
  t.stage->script->next = {{.calls = {call("a"), call("b", "pay")}}, {.deltas = {"Well."}}};
  t.turn(7);
  CHECK(t.source->all<tool_start>().size() == 1);
  const auto& results = t.asked(1).messages.back().results;
  REQUIRE(results.size() == 2);
  CHECK(results[0].content == "a drink");
  CHECK(results[1].content == "the call was not allowed: ask your mother");
  CHECK(results[1].is_error);
  CHECK(t.stored() == std::vector{k::opened, k::user, k::tool_begun, k::tool_finished, k::reply});
}

TEST_CASE("a call that nobody allows in time is not begun, and a late permission changes nothing") {
  tool_stage t;
  recorder judge(t.stage->node.record());
  t.approver = judge.handle();
  t.come_again();
  t.answer_at_once("a drink");
  t.stage->script->next = {{.calls = {call("a")}}, {.deltas = {"Well."}}};
  t.turn(7);
  CHECK(t.stage->script->calls.size() == 1);
  t.stage->node.advance(std::chrono::seconds(301));
  CHECK(t.source->all<tool_start>().empty());
  REQUIRE(t.stage->script->calls.size() == 2);
  CHECK(t.asked(1).messages.back().results[0].content == "the call was not allowed: nobody allowed it within 300 s");
  CHECK(judge.answer_first<approval_query>(approval_given{true, {}}));
  t.stage->node.run();
  CHECK(t.source->all<tool_start>().empty());
  CHECK(t.stored() == std::vector{k::opened, k::user, k::reply});
}

TEST_CASE("the late result of a call that was given up is not taken for one of the next round") {
  tool_stage t;
  t.stage->script->next = {
      {.deltas = {}, .calls = {call("a")}},
      {.deltas = {}, .held = true, .calls = {call("b", "look_up", R"({"of":"milk"})")}},
      {.deltas = {"Done."}},
  };
  t.turn(7);
  t.stage->node.advance(std::chrono::seconds(60));
  REQUIRE(t.stage->script->calls.size() == 2);
  t.stage->script->release(1);  // it asks for b, and has not ended
  t.stage->node.run();
  CHECK(t.source->answer_first<tool_start>(tool_result{"a", "look_up", "late", false}));
  t.stage->node.run();
  t.stage->script->release(1);
  t.stage->node.run();
  REQUIRE(t.source->all<tool_start>().size() == 2);
  CHECK(t.source->answer_first<tool_start>(tool_result{"b", "look_up", "white", false}));
  t.stage->node.run();
  REQUIRE(t.stage->script->calls.size() == 3);
  CHECK(t.asked(2).messages.back().results == std::vector{tool_result{"b", "look_up", "white", false}});
}

TEST_CASE("a permission that comes after its round is not taken for one of its calls") {
  tool_stage t;
  recorder judge(t.stage->node.record());
  t.approver = judge.handle();
  t.come_again();
  t.answer_at_once("a drink");
  t.stage->script->next = {
      {.deltas = {}, .calls = {call("a")}},
      {.deltas = {}, .held = true, .calls = {call("b", "look_up", R"({"of":"milk"})")}},
      {.deltas = {"Done."}},
  };
  t.turn(7);
  t.stage->node.advance(std::chrono::seconds(301));
  t.stage->script->release(1);
  t.stage->node.run();
  CHECK(judge.answer_first<approval_query>(approval_given{true, {}}));  // of a
  t.stage->node.run();
  t.stage->script->release(1);
  t.stage->node.run();
  CHECK(t.source->all<tool_start>().empty());
  REQUIRE(judge.all<approval_query>().size() == 2);
  CHECK(judge.answer_first<approval_query>(approval_given{true, {}}));
  t.stage->node.run();
  CHECK(t.source->all<tool_start>().size() == 1);
  CHECK(t.luna->ends(7).size() == 1);
}
