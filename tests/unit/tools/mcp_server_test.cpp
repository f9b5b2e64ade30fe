#include "mcp_stage.hpp"
#include "runtime/inspection/turn_traces.hpp"

#include <set>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

using names = std::vector<std::string>;

bool is_open(const answer_slot<tool_result>& slot) {
  return !*slot;
}
failure error_of(const answer_slot<tool_result>& slot) {
  return *slot && !slot->value() ? slot->value().error() : failure{};
}
tool_result result_of(const answer_slot<tool_result>& slot) {
  REQUIRE(*slot);
  REQUIRE(slot->value().has_value());
  return slot->value().value();
}
bool is_unknown(const answer_slot<tool_result>& slot) {
  return *slot && slot->value().has_value() && slot->value()->is_error
         && slot->value()->content.find("outcome unknown: ") == 0;
}

}  // namespace

TEST_CASE("an MCP server's actor lists nothing until it has shaken hands, then its tools") {
  mcp_stage s;
  CHECK(s.tools().empty());
  CHECK(error_of(s.call()).kind == failure_kind::unavailable);
  s.shake_hands();
  CHECK(s.tools() == names{"echo"});
  CHECK(s.peer().is_established);
}

TEST_CASE("a call tells the server the span of that call as its parent") {
  mcp_stage s;
  turn_traces traces(s.node.clock());
  s.node.services().traces = &traces;
  s.shake_hands();
  traces.begin({7, {1, 2, 0, true}, "s", "c", "luna", "p", 1});
  traces.open(7, span_kind::tool, 1, span_key("another"), "echo");
  traces.open(7, span_kind::tool, 1, span_key("a"), "echo");
  const auto slot = s.node.request<tool_result>(s.actor, tool_start{{2, 7, 0}, {"a", "echo", R"({"text":"x"})", {}}});
  s.node.run();
  const auto wanted = format_traceparent({1, 2, 0, true}, span_id(7, 3));
  CHECK(s.peer().sent.back().text.find("\"traceparent\":\"" + wanted + '"') != std::string::npos);
  s.node.services().traces = nullptr;
}

TEST_CASE("a call goes to the server and its answer to the caller") {
  mcp_stage s;
  s.shake_hands();
  auto a = s.call(1, "a", R"({"text":"x"})"), b = s.call(2, "b");
  const auto ids = s.peer().requests("tools/call");
  REQUIRE(ids.size() == 2);
  s.peer().answer_text(ids[1], "for b");
  s.node.run();
  CHECK(is_open(a));
  CHECK(result_of(b).content == "for b");
  CHECK(result_of(b).id == "b");
  s.peer().answer_text(ids[0], "for a");
  s.node.run();
  CHECK(result_of(a).content == "for a");
  CHECK(result_of(a).name == "echo");
  CHECK(s.peer().abandoned.size() == 5);  // handshake, list and both calls: their streams may close
}

TEST_CASE("bad arguments never reach the server") {
  mcp_stage s;
  s.shake_hands();
  const auto result = result_of(s.call(1, "a", R"({"text":5})"));
  CHECK(result.is_error);
  CHECK(result.content == "arguments.text must be a string");
  CHECK(error_of(s.call(1, "b", "{}", "nothing")).kind == failure_kind::not_found);
  CHECK(s.peer().count("tools/call") == 0);
}

TEST_CASE("a hung call ends after its limit, is cancelled at the server, and leaves the others alone") {
  mcp_stage s;
  s.shake_hands();
  auto hung = s.call(1, "a");
  s.node.advance(20s);
  auto later = s.call(2, "b");
  s.node.advance(9900ms);
  CHECK(is_open(hung));
  s.node.advance(200ms);
  CHECK(is_unknown(hung));
  CHECK(result_of(hung).content.find("gave no answer in 30 s") != std::string::npos);
  CHECK(s.peer().count("notifications/cancelled") == 1);
  CHECK(is_open(later));
  s.peer().answer_text(s.last_call(), "in time");
  s.node.run();
  CHECK(result_of(later).content == "in time");
}

TEST_CASE("progress gives a call more time, but not for ever") {
  mcp_stage s([](auto& deps) { deps.longest_call = 100s; });
  s.shake_hands();
  auto slot = s.call();
  const auto token = std::to_string(s.last_call());
  for (int i = 0; i < 4; ++i) {
    s.node.advance(20s);
    CHECK(is_open(slot));
    s.peer().say(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" + token + "}}");
    s.node.run();
  }
  s.node.advance(19s);
  CHECK(is_open(slot));
  s.node.advance(2s);
  CHECK(is_unknown(slot));
}

TEST_CASE("a call whose answer streams has the stream's limit") {
  mcp_stage s([](auto& deps) {
    deps.call_limit = 10s;
    deps.stream_limit = 30s;
  });
  s.shake_hands();
  auto slot = s.call();
  s.node.advance(9s);
  mcp::transport_event event;
  event.what = mcp::transport_event::kind::streaming;
  event.request = s.last_call();
  s.peer().give(event);
  s.node.advance(29s);
  CHECK(is_open(slot));
  s.node.advance(2s);
  CHECK(is_unknown(slot));
}

TEST_CASE("a cancelled call is told to the server and answers its caller at once") {
  mcp_stage s;
  s.shake_hands();
  auto a = s.call(1, "a"), b = s.call(1, "b"), other = s.call(2, "a");
  SECTION("one call of a turn") {
    s.node.send(s.actor, tool_cancel{{1, 1, 0}, "a"}, urgency::urgent);
    s.node.run();
    CHECK(error_of(a).kind == failure_kind::cancelled);
    CHECK(is_open(b));
    CHECK(s.peer().count("notifications/cancelled") == 1);
  }
  SECTION("every call of a turn") {
    s.node.send(s.actor, tool_cancel{{1, 1, 0}, ""}, urgency::urgent);
    s.node.run();
    CHECK(error_of(a).kind == failure_kind::cancelled);
    CHECK(error_of(b).kind == failure_kind::cancelled);
    CHECK(s.peer().count("notifications/cancelled") == 2);
  }
  CHECK(is_open(other));
  s.peer().answer_text(s.peer().requests("tools/call")[0], "late");
  s.node.run();
  CHECK(is_open(other));
}

TEST_CASE("a cancel that overtakes its call keeps it from beginning") {
  mcp_stage s;
  s.shake_hands();
  s.node.send(s.actor, tool_cancel{{1, 5, 0}, ""}, urgency::urgent);
  CHECK(error_of(s.call(5)).kind == failure_kind::cancelled);
  CHECK(is_open(s.call(6)));
  CHECK(s.peer().count("tools/call") == 1);
}

TEST_CASE("a server that dies ends every waiting call at once, with an unknown outcome") {
  mcp_stage s;
  s.shake_hands();
  auto a = s.call(1, "a"), b = s.call(2, "b");
  s.peer().close({failure_kind::unavailable, "ended with status 7"});
  s.node.run();
  CHECK(is_unknown(a));
  CHECK(is_unknown(b));
  CHECK(result_of(a).content.find("the tool server peer: ended with status 7") != std::string::npos);
  CHECK(s.tools().empty());
  CHECK_FALSE(s.peer().open);
}

TEST_CASE("a lost server comes back after a pause, and its calls work again") {
  mcp_stage s;
  s.shake_hands();
  s.peer().close({failure_kind::unavailable, "ended"});
  s.node.run();
  CHECK(s.connections->size() == 1);
  s.node.advance(500ms);
  REQUIRE(s.connections->size() == 2);
  s.shake_hands(R"([{"name":"other"}])");
  CHECK(s.tools() == names{"other"});
  auto slot = s.call(1, "a", "{}", "other");
  s.peer().answer_text(s.last_call(), "back");
  s.node.run();
  CHECK(result_of(slot).content == "back");
}

TEST_CASE("the pause before a server is tried again doubles up to a limit, with jitter") {
  mcp_stage s([](auto& deps) { deps.longest_pause = 8s; });
  std::vector<std::int64_t> pauses;
  for (int i = 0; i < 8; ++i) {
    const auto before = s.connections->size();
    s.peer().close({failure_kind::unavailable, "ended"});
    s.node.run();
    std::int64_t waited = 0;
    for (; s.connections->size() == before; waited += 10) s.node.advance(10ms);
    pauses.push_back(waited);
  }
  std::int64_t most = 500;
  for (auto pause : pauses) {
    CHECK(pause >= most / 2);
    CHECK(pause <= most + 10);
    most = std::min<std::int64_t>(most * 2, 8000);
  }
  CHECK(std::set<std::int64_t>(pauses.end() - 4, pauses.end()).size() > 1);
}

TEST_CASE("a connection that lasted makes the next pause short again") {
  mcp_stage s;
  for (int i = 0; i < 6; ++i) {
    s.peer().close({failure_kind::unavailable, "ended"});
    s.node.advance(61s);
  }
  const auto before = s.connections->size();
  s.shake_hands();
  SECTION("it did") {
    s.node.advance(31s);
    s.peer().close({failure_kind::unavailable, "ended"});
    s.node.advance(500ms);
    CHECK(s.connections->size() == before + 1);
  }
  SECTION("it did not") {
    s.node.advance(29s);
    s.peer().close({failure_kind::unavailable, "ended"});
    s.node.advance(5s);
    CHECK(s.connections->size() == before);
  }
}

TEST_CASE("a server that says nothing at all is given up and tried again") {
  mcp_stage s;
  s.node.advance(4900ms);
  CHECK(s.peer().count("initialize") == 0);
  s.node.advance(200ms);
  CHECK(s.peer().count("initialize") == 1);
  s.node.advance(54s);
  CHECK(s.connections->size() == 1);
  s.node.advance(2s);
  CHECK(s.connections->size() == 2);
  CHECK_FALSE(s.connections->front()->open);
}

TEST_CASE("a changed list of tools is read again and then told") {
  mcp_stage s;
  s.shake_hands();
  s.peer().say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  s.node.run();
  CHECK(s.tools() == names{"echo"});
  s.list(R"([{"name":"echo"},{"name":"new.one"}])");
  CHECK(s.tools() == names{"echo", "new_one"});
  auto slot = s.call(1, "a", "{}", "new_one");
  CHECK(s.peer().sent.back().text.find("\"name\":\"new.one\"") != std::string::npos);
}

TEST_CASE("tool names get the server's name in front where that is asked for") {
  mcp_stage s([](auto& deps) { deps.options.prefix = "peer"; });
  s.shake_hands();
  CHECK(s.tools() == names{"peer__echo"});
  s.call(1, "a", "{}", "peer__echo");
  CHECK(s.peer().sent.back().text.find("\"name\":\"echo\"") != std::string::npos);
}

TEST_CASE("too many calls in flight are refused as busy") {
  mcp_stage s([](auto& deps) { deps.most_calls = 2; });
  s.shake_hands();
  auto a = s.call(1, "a"), b = s.call(1, "b");
  CHECK(error_of(s.call(1, "c")).kind == failure_kind::busy);
  s.peer().answer_text(s.last_call(), "done");
  s.node.run();
  CHECK(is_open(s.call(1, "d")));
}

TEST_CASE("garbage is passed over, until there is nothing else") {
  mcp_stage s;
  s.shake_hands();
  auto slot = s.call();
  for (int i = 0; i < 90; ++i) s.peer().say("[info] starting up");
  s.peer().answer_text(s.last_call(), "fine");
  s.node.run();
  CHECK(result_of(slot).content == "fine");
  auto lost = s.call(2);
  for (int i = 0; i < 101; ++i) s.peer().say("garbage");
  s.node.run();
  CHECK(is_unknown(lost));
  CHECK_FALSE(s.peer().open);
}

TEST_CASE("a forgotten session is made anew and its calls are made again, once") {
  mcp_stage s([](auto& deps) { deps.options.over_http = true; });
  s.shake_hands();
  auto slot = s.call(1, "a", R"({"text":"keep"})");
  mcp::transport_event event;
  event.what = mcp::transport_event::kind::failed;
  event.request = s.last_call();
  event.status = 404;
  event.session_lost = true;
  s.peer().give(event);
  s.node.run();
  auto meanwhile = s.call(2, "b");
  CHECK(s.peer().count("tools/call") == 1);
  s.answer_last("initialize", R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}}})");
  s.list(R"([{"name":"echo"}])");
  CHECK(s.connections->size() == 1);
  const auto calls = s.peer().requests("tools/call");
  REQUIRE(calls.size() == 3);
  s.peer().answer_text(calls[1], "first");
  s.peer().answer_text(calls[2], "second");
  s.node.run();
  CHECK(result_of(slot).content == "first");
  CHECK(result_of(meanwhile).content == "second");
}

TEST_CASE("a call that could not be sent is an error, and the server is tried again") {
  mcp_stage s([](auto& deps) { deps.options.over_http = true; });
  s.shake_hands();
  auto slot = s.call();
  mcp::transport_event event;
  event.what = mcp::transport_event::kind::failed;
  event.request = s.last_call();
  event.error = {failure_kind::unavailable, "refused the connection"};
  s.peer().give(event);
  s.node.run();
  CHECK(error_of(slot).kind == failure_kind::unavailable);
  CHECK(s.tools().empty());
  s.node.advance(1s);
  CHECK(s.connections->size() == 2);
}

TEST_CASE("a call whose answer was cut off has an unknown outcome, and the server is looked at") {
  mcp_stage s([](auto& deps) { deps.options.over_http = true; });
  s.shake_hands();
  auto slot = s.call();
  mcp::transport_event event;
  event.what = mcp::transport_event::kind::failed;
  event.request = s.last_call();
  event.error = {failure_kind::broken_stream, "was cut off"};
  s.peer().give(event);
  s.node.run();
  CHECK(is_unknown(slot));
  CHECK(s.peer().count("tools/list") == 2);
  CHECK(s.tools() == names{"echo"});
}

TEST_CASE("an older HTTP server gets its handshake a second time") {
  mcp_stage s([](auto& deps) { deps.options.over_http = true; });
  auto refuse = [&](const char* method) {
    mcp::transport_event event;
    event.what = mcp::transport_event::kind::failed;
    event.request = s.peer().requests(method).back();
    event.status = 405;
    s.peer().give(event);
    s.node.run();
  };
  refuse("server/discover");
  refuse("initialize");
  CHECK(s.peer().older);
  s.answer_last("initialize", R"({"protocolVersion":"2024-11-05","capabilities":{"tools":{}}})");
  s.list(R"([{"name":"echo"}])");
  CHECK(s.tools() == names{"echo"});
}

TEST_CASE("a drained actor ends its connection politely and answers when that is done") {
  mcp_stage s;
  s.shake_hands();
  auto slot = s.call();
  auto done = s.node.request<drained>(s.actor, drain{1000});
  s.node.run();
  CHECK(s.peer().finished);
  CHECK(is_unknown(slot));
  CHECK_FALSE(*done);
  CHECK(error_of(s.call(2)).kind == failure_kind::unavailable);
  SECTION("the connection says so") {
    s.peer().close({failure_kind::cancelled, "was ended by us"});
  }
  SECTION("or the grace is over") {
    s.node.advance(1100ms);
  }
  s.node.run();
  CHECK(*done);
  CHECK_FALSE(s.peer().open);
  s.node.advance(120s);
  CHECK(s.connections->size() == 1);
}

TEST_CASE("a restart in place answers what waited and connects anew") {
  mcp_stage s;
  s.shake_hands();
  auto slot = s.call();
  s.node.send(s.actor, actor_command{actor_command_kind::restart}, urgency::urgent);
  s.node.run();
  CHECK(is_unknown(slot));
  REQUIRE(s.connections->size() == 2);
  CHECK_FALSE(s.connections->front()->open);
  s.shake_hands();
  CHECK(s.tools() == names{"echo"});
}

TEST_CASE("an actor that ends leaves no call waiting and no connection") {
  mcp_stage s;
  s.shake_hands();
  auto slot = s.call();
  s.node.kill(s.actor);
  CHECK(*slot);
  CHECK_FALSE(s.peer().open);
}

TEST_CASE("whatever comes in what order, every call ends exactly once") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    mcp_stage s({}, seed);
    s.shake_hands();
    test_random random(seed);
    std::vector<answer_slot<tool_result>> slots;
    for (int i = 0; i < 60; ++i) {
      const auto turn = 1 + random.below(5);
      switch (random.below(6)) {
        case 0:
        case 1:
          slots.push_back(s.node.request<tool_result>(
              s.actor, tool_start{{1, turn, 0}, {"c" + std::to_string(i), "echo", "{}", {}}}));
          break;
        case 2: s.node.send(s.actor, tool_cancel{{1, turn, 0}, ""}, urgency::urgent); break;
        case 3:
          if (!s.peer().requests("tools/call").empty()) s.peer().answer_text(s.last_call(), "done");
          break;
        case 4:
          if (random.below(4) == 0) s.peer().close({failure_kind::unavailable, "ended"});
          break;
        default:
          s.node.run_random();
          s.node.advance(std::chrono::milliseconds(random.below(3000)));
          if (s.tools().empty() && s.peer().open && !s.peer().requests("server/discover").empty()) s.shake_hands();
      }
    }
    s.node.advance(700s);
    for (auto& slot : slots) CHECK(*slot);
  }
}
