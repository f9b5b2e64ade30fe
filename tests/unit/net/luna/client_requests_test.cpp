/// The connection actor as the tool source of its client.

#include "net/dialects/luna/luna_connection.hpp"
#include "support/catch.hpp"
#include "support/recording_transport.hpp"
#include "support/test_node.hpp"

using namespace troupe;
using namespace troupe::luna;
using namespace std::chrono_literals;

namespace {

struct stage {
  test_node node;
  metrics counters;
  recorder session = node.record();
  recorder keeper = node.record();
  std::shared_ptr<recording_transport> out = std::make_shared<recording_transport>();
  std::shared_ptr<client_relays> relays = std::make_shared<client_relays>();
  caf::actor client;

  explicit stage(bool newer = false, decltype(connection_deps::ask_model) ask_model = {}) {
    keeper.on<keeper_open>([this](const keeper_open& x) { return keeper_opened{x.id, session.handle()}; });
    session.on<session_attach>([](const session_attach& x) { return session_attached{x.spec}; });
    connection_deps deps;
    deps.client_id = "client-1";
    deps.principal = "local";
    deps.node = &node.services();
    deps.counters = &counters;
    deps.out = out;
    deps.sessions = keeper.handle();
    deps.relays = relays;
    deps.ask_model = std::move(ask_model);
    client = spawn<connection_role>(node.services(), {.label = "client-1"}, deps);
    frame(newer ? R"({"type":"text_action","payload":{"action":"chat","text":"hello"}})"
                : R"({"type":"text_action","action":"chat","text":"hello"})");
    out->take();
  }

  void frame(const std::string& text) {
    node.send(client, frame_received{shared_bytes(text)});
    node.run();
  }
  answer_slot<tool_result> call(std::string name, std::string arguments, std::string id = "c1",
                                std::uint64_t turn = 7) {
    auto slot = node.request<tool_result>(client, tool_start{{1, turn, 0}, {id, name, arguments, {}}});
    node.run();
    return slot;
  }
  /// The one frame that was sent since the last look, and its request id.
  std::string sent() {
    auto frames = out->take();
    REQUIRE(frames.size() == 1);
    const auto at = frames[0].rfind(R"("request_id":")");
    if (at != std::string::npos) id = frames[0].substr(at + 14, 36);
    return frames[0];
  }
  void answer(const std::string& request_id, const std::string& fields) {
    frame(R"({"type":"memory_response","request_id":")" + request_id + R"(",)" + fields + "}");
  }

  std::string id;
};

std::string content(const answer_slot<tool_result>& slot) {
  REQUIRE(slot->has_value());
  REQUIRE((*slot)->has_value());
  return (**slot)->content;
}

}  // namespace

TEST_CASE("the connection is named as the watcher's tools and lists them") {
  stage s;
  const auto attach = s.session.last<session_attach>();
  REQUIRE(attach);
  CHECK(attach->tools == s.client);
  CHECK(s.node.ask<tools_listed>(s.client, tools_query{})->tools == client_tools(false));
  stage n(true);
  CHECK(n.node.ask<tools_listed>(n.client, tools_query{})->tools == client_tools(true));
}

TEST_CASE("a call becomes a request and the client's answer its result") {
  stage s;
  auto slot = s.call("search_memory", R"({"query":"cat"})");
  CHECK(s.sent().find(R"({"type":"memory_request","action":"search","data":{"query":"cat","minConfidence":0.3},)")
        == 0);
  CHECK_FALSE(slot->has_value());
  s.answer("00000000-0000-4000-8000-000000000000", R"("status":"success","data":[])");  // nobody's
  CHECK_FALSE(slot->has_value());
  s.answer(s.id, R"("status":"success","data":{"memories":[{"memory":"Owns a cat","confidence":0.8}],"total":1})");
  CHECK(content(slot) == "Owns a cat (confidence 0.80)");
  CHECK_FALSE((**slot)->is_error);
  s.answer(s.id, R"("status":"error")");  // a second answer is dropped
  CHECK(s.out->take().empty());
}

TEST_CASE("two calls get their own answers, also in reverse order") {
  stage s;
  auto first = s.call("get_reminders", "", "c1");
  s.sent();
  const auto first_id = s.id;
  auto second = s.call("get_reminders", "", "c2");
  s.sent();
  CHECK(first_id != s.id);
  s.answer(s.id, R"("status":"success","data":[2])");
  s.answer(first_id, R"("status":"success","data":[1])");
  CHECK(content(first) == R"({"status":"success","reminders":[1]})");
  CHECK(content(second) == R"({"status":"success","reminders":[2]})");
  CHECK((**second)->id == "c2");
}

TEST_CASE("a canonical save succeeds once it is written, a newer one once it is answered") {
  stage s;
  CHECK(content(s.call("save_memory", R"({"text":"x"})")) == R"({"status":"success"})");
  CHECK(s.sent().find("\"save\"") != std::string::npos);
  s.answer(s.id, R"("status":"error","message":"late")");
  CHECK(s.out->take().empty());
  stage n(true);
  auto slot = n.call("save_memory", R"({"text":"x"})");
  n.sent();
  CHECK_FALSE(slot->has_value());
  n.frame(R"({"type":"memory_response","payload":{"request_id":")" + n.id + R"(","data":{"status":"success"}}})");
  CHECK(content(slot) == R"({"status":"success"})");
}

TEST_CASE("bad arguments and past reminders ask nobody") {
  stage s;
  auto slot = s.call("save_reminder", R"({"title":"T","description":"","trigger_time":"2020-01-01T00:00:00Z"})");
  CHECK(content(slot).find("arguments.trigger_time is in the past") != std::string::npos);
  CHECK((**slot)->is_error);
  auto unknown = s.call("sing", "{}");
  CHECK((*unknown)->error().kind == failure_kind::not_found);
  CHECK(content(s.call("end_conversation_session", "{}")).find("success") != std::string::npos);
  CHECK(s.out->take().empty());
}

TEST_CASE("after 15 seconds without an answer the call is over and waiting ones are not tried again") {
  stage s;
  auto slot = s.call("get_reminders", "");
  s.sent();
  const auto first_id = s.id;
  s.node.advance(14'999ms);
  CHECK_FALSE(slot->has_value());
  s.node.advance(1ms);
  CHECK(content(slot) == R"({"status":"error","message":"Request timeout"})");
  CHECK((**slot)->is_error);
  s.answer(first_id, R"("status":"success","data":[])");
  auto next = s.call("get_all_memories", "", "c2");
  CHECK(content(next).find("is not asked again on this connection") != std::string::npos);
  CHECK((**next)->is_error);
  CHECK(s.out->take().empty());
  CHECK(content(s.call("save_memory", R"({"text":"x"})")) == R"({"status":"success"})");
  s.sent();
}

TEST_CASE("each wait has its own 15 seconds") {
  stage s;
  auto first = s.call("get_reminders", "", "c1");
  s.node.advance(10s);
  auto second = s.call("get_reminders", "", "c2");
  s.node.advance(5s);
  CHECK(first->has_value());
  CHECK_FALSE(second->has_value());
  s.node.advance(10s);
  CHECK(second->has_value());
}

TEST_CASE("a stop of the session and a lost client end the waits at once with an error") {
  const bool lost = GENERATE(false, true);
  stage s;
  auto slot = s.call("get_reminders", "");
  if (lost) {
    s.node.send(s.client, connection_closed{1006, {}});
    s.node.run();
  } else {
    s.frame(R"({"type":"stop_text_session"})");
    CHECK((*s.call("save_memory", R"({"text":"x"})"))->error().kind == failure_kind::cancelled);
  }
  CHECK(content(slot).find("unknown") != std::string::npos);
  CHECK((**slot)->is_error);
}

TEST_CASE("a cancelled call ends, its answer is dropped, and a late start is refused") {
  stage s;
  auto first = s.call("get_reminders", "", "c1");
  auto other = s.call("get_reminders", "", "c2");
  s.node.send(s.client, tool_cancel{{1, 7, 0}, "c1"}, urgency::urgent);
  s.node.run();
  CHECK((*first)->error().kind == failure_kind::cancelled);
  CHECK_FALSE(other->has_value());
  s.node.send(s.client, tool_cancel{{1, 8, 0}, ""}, urgency::urgent);
  s.out->take();
  CHECK((*s.call("save_memory", R"({"text":"x"})", "c3", 8))->error().kind == failure_kind::cancelled);
  CHECK(s.out->take().empty());
}

TEST_CASE("at most 64 requests wait, and the next is busy") {
  stage s;
  std::vector<answer_slot<tool_result>> waiting;
  for (int i = 0; i < 64; ++i) waiting.push_back(s.call("get_reminders", "", std::to_string(i)));
  CHECK(s.out->take().size() == 64);
  CHECK((*s.call("get_reminders", "", "64"))->error().kind == failure_kind::busy);
  CHECK(s.out->take().empty());
}

TEST_CASE("a newer client's log is told of calls, and a log that is not kept costs no tool") {
  stage s(true);
  auto slot = s.call("get_reminders", R"({})");
  s.sent();
  s.answer(s.id, R"("status":"success","data":[])");
  CHECK(content(slot) == R"({"status":"success","reminders":[]})");
  CHECK(s.sent().find(R"("action":"log_tool_execution","data":{"tool":"get_reminders","arguments":{},)"
                      R"("result":"{\"status\":\"success\",\"reminders\":[]}"})")
        != std::string::npos);
  s.node.send(s.client, tool_observed{{1, 7, 0}, {"c9", "stat", R"({"p":1})", {}}, {"c9", "stat", "a file", false}});
  s.node.run();
  CHECK(s.sent().find(R"("tool":"stat","arguments":{"p":1},"result":"a file")") != std::string::npos);
  s.node.advance(15s);
  s.node.send(s.client, tool_observed{{1, 7, 0}, {"c9", "stat", "{}", {}}, {"c9", "stat", "a file", false}});
  s.node.run();
  CHECK(s.out->take().empty());
  s.call("get_all_memories", "");
  CHECK(s.sent().find("\"list\"") != std::string::npos);
}

TEST_CASE("a canonical client's log and memory tools are not told of") {
  stage s;
  s.node.send(s.client, tool_observed{{1, 7, 0}, {"c9", "stat", "{}", {}}, {"c9", "stat", "a file", false}});
  s.node.run();
  CHECK(s.out->take().empty());
}

TEST_CASE("the client's memories are asked for a turn, for two seconds, and not again after silence") {
  stage s;
  const auto ask = [&](const std::string& query) {
    auto slot = s.node.request<memory_recalled>(s.client, memory_recall{{1, 7, 0}, query, {}});
    s.node.run();
    return slot;
  };
  // Whether it answers requests at all is not known yet.
  CHECK((**ask("cat"))->hits.empty());
  CHECK(s.out->take().empty());
  s.call("get_reminders", "");
  s.sent();
  s.answer(s.id, R"("status":"success","data":[])");
  auto first = ask("cat");
  s.sent();
  s.answer(s.id, R"("status":"success","data":{"memories":[{"memory":"Owns a cat","confidence":0.8}]})");
  REQUIRE(first->has_value());
  REQUIRE((**first)->hits.size() == 1);
  CHECK((**first)->hits[0].record.text == "Owns a cat");
  auto silent = ask("dog");
  s.sent();
  s.node.advance(1'999ms);
  CHECK_FALSE(silent->has_value());
  s.node.advance(1ms);
  REQUIRE(silent->has_value());
  CHECK((**silent)->hits.empty());
  auto next = ask("bird");
  REQUIRE(next->has_value());
  CHECK((**next)->hits.empty());
  CHECK(s.out->take().empty());
  s.call("get_reminders", "");  // which is another matter
  s.sent();
}

TEST_CASE("a relay is passed on and answered, late after 30 seconds, or 404 when the client leaves") {
  stage s;
  std::vector<std::string> answers;
  const auto relay = [&](const std::string& request_id) {
    auto responder = std::make_shared<net::http_responder>([&answers, request_id](net::http_response r) {
      answers.push_back(request_id + ' ' + std::to_string(r.status) + ' ' + r.body);
    });
    REQUIRE(s.relays->wait("client-1", request_id, responder) == client_relays::outcome::waiting);
    s.node.send(s.client, client_relay{request_id, shared_bytes(std::string("frame of " + request_id)), true},
                urgency::urgent);
    s.node.run();
    CHECK(s.sent() == "frame of " + request_id);
  };
  relay("a");
  relay("b");
  s.answer("b", R"("data":{"id":2})");
  s.answer("a", R"("data":null)");
  CHECK(answers == std::vector<std::string>{R"(b 200 {"id":2})", R"(a 200 {"error":"Empty response data"})"});
  answers.clear();
  relay("c");
  s.frame(R"({"type":"stop_text_session"})");
  s.node.advance(29'999ms);
  CHECK(answers.empty());
  s.node.advance(1ms);
  CHECK(answers == std::vector<std::string>{R"(c 200 {"error":"Request timeout - no response from client"})"});
  answers.clear();
  relay("d");
  s.node.send(s.client, connection_closed{1006, {}});
  s.node.run();
  CHECK(answers == std::vector<std::string>{R"(d 404 {"detail":"Client not connected"})"});
  CHECK_FALSE(s.relays->find("client-1"));
  CHECK(s.relays->wait("client-1", "e", nullptr) == client_relays::outcome::unknown_client);
}

TEST_CASE("an answer on its way leaves before the socket is closed at shutdown") {
  stage s;
  const auto submit = s.session.last<turn_submit>();
  REQUIRE(submit);
  s.node.send(s.client, turn_ended{submit->ref, 2, event_kind::interrupted, {}, {}});
  s.node.send(s.client, connection_shut_down{1001, "over"});
  s.node.run();
  CHECK(s.sent().find(R"("type":"error")") != std::string::npos);
  CHECK(s.out->closed == recording_transport::closing{1001, "over"});
}

TEST_CASE("after ten logged calls the model is asked what they teach, and the client to keep it") {
  std::vector<std::pair<std::string, turn_ref>> questions;
  stage s(true, [&](const caf::actor&, turn_ref ref, std::string, std::string text) {
    questions.emplace_back(std::move(text), ref);
  });
  const auto observe = [&](int number) {
    const tool_call made{"c", "stat", R"({"n":)" + std::to_string(number) + "}", {}};
    s.node.send(s.client, tool_observed{{1, 7, 0}, made, {"c", "stat", "a file", false}});
    s.node.run();
    CHECK(s.sent().find("log_tool_execution") != std::string::npos);
    s.answer(s.id, R"("data":{"status":"success"})");
  };
  for (int i = 1; i <= 9; ++i) observe(i);
  CHECK(s.out->take().empty());
  observe(10);
  CHECK(s.sent().find(R"("action":"list","data":{"minConfidence":0.1})") != std::string::npos);
  s.answer(s.id, R"("data":{"status":"success","data":[{"id":3,"memory":"Likes files","confidence":0.5}]})");
  CHECK(s.sent().find(R"("action":"list_tool_logs","data":{})") != std::string::npos);
  s.answer(s.id, R"("data":{"status":"success","data":[{"tool":"stat","arguments":{"n":1},"result":"a file"}]})");
  REQUIRE(questions.size() == 1);
  CHECK(questions[0].first.find("Likes files") != std::string::npos);
  CHECK(questions[0].first.find(R"("arguments":{"n":1})") != std::string::npos);
  CHECK(s.out->take().empty());

  s.node.send(s.client, model_answered{questions[0].second,
                                       "```json\n{\"memory_modifications\":["
                                       R"({"action":"create","id":null,"memory":"Keeps \"files\""},)"
                                       R"({"action":"reinforce","id":3,"memory":null},)"
                                       R"({"action":"weaken","id":3},)"
                                       R"({"action":"update_content","id":"3","memory":"Likes small files"},)"
                                       R"({"action":"weaken","id":4},{"action":"create"},{"action":"burn","id":3},7]})"
                                       "\n```",
                                       {}});
  s.node.run();
  const auto changes = s.out->take();
  REQUIRE(changes.size() == 4);
  CHECK(changes[0].find(R"("action":"save","data":{"text":"Keeps \"files\"","confidence":0.5})") != std::string::npos);
  CHECK(changes[1].find(R"("action":"reinforce","data":{"id":"3","factor":0.1})") != std::string::npos);
  CHECK(changes[2].find(R"("action":"weaken","data":{"id":"3","factor":0.1,"autoCleanupThreshold":0.1})")
        != std::string::npos);
  CHECK(changes[3].find(R"("action":"update","data":{"id":"3","updates":{"text":"Likes small files"}})")
        != std::string::npos);
  // The same answer again is nobody's.
  s.node.send(s.client,
              model_answered{questions[0].second, R"({"memory_modifications":[{"action":"weaken","id":3}]})", {}});
  s.node.run();
  CHECK(s.out->take().empty());
}

TEST_CASE("a lesson that fails, or is no JSON, changes nothing") {
  const learning_material material{R"([{"id":"a","memory":"x"}])", "[]"};
  for (const auto* answer : {"", "I would rather not.", "{", "{}", R"({"memory_modifications":{}})", "}{"})
    CHECK(learned_changes(answer, material).empty());
  CHECK(learned_changes(R"({"memory_modifications":[{"action":"weaken","id":"a"}]})", material).size() == 1);
  CHECK(learned_changes(R"({"memory_modifications":[{"action":"weaken","id":"a"}]})", {"", "[]"}).empty());
}

TEST_CASE("a client that logs faster than it lists is learnt from once at a time") {
  int questions = 0;
  stage s(true, [&](const caf::actor&, turn_ref, const std::string&, const std::string&) { ++questions; });
  std::vector<std::string> lists;
  for (int i = 0; i < 20; ++i) {
    s.node.send(s.client, tool_observed{{1, 7, 0}, {"c", "stat", "{}", {}}, {"c", "stat", "a file", false}});
    s.node.run();
    s.sent();
    s.answer(s.id, R"("data":{"status":"success"})");
    if (i % 10 != 9) continue;
    CHECK(s.sent().find(R"("action":"list")") != std::string::npos);
    lists.push_back(s.id);
  }
  for (auto& list : lists) {
    s.answer(list, R"("data":{"status":"success","data":[]})");
    CHECK(s.sent().find("list_tool_logs") != std::string::npos);
    s.answer(s.id, R"("data":{"status":"success","data":[{"tool":"stat"}]})");
  }
  CHECK(questions == 1);
}
