/// Turns' traces as a Luna connection begins them.

#include "net/dialects/luna/luna_connection.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "support/catch.hpp"
#include "support/recording_transport.hpp"
#include "support/test_node.hpp"

using namespace troupe;
using namespace troupe::luna;

namespace {

const std::string upgrade = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const std::string other = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

struct stage {
  test_node node;
  turn_traces traces{node.clock(), {}};
  metrics counters;
  recorder session = node.record();
  recorder keeper = node.record();
  std::shared_ptr<recording_transport> out = std::make_shared<recording_transport>();
  caf::actor client;

  explicit stage(std::optional<trace_context> of_upgrade = {}, bool opens = true) {
    node.services().traces = &traces;
    traces.start_export(1000, 1000, [] {});
    if (opens) keeper.on<keeper_open>([this](const keeper_open& x) { return keeper_opened{x.id, session.handle()}; });
    session.on<session_attach>([](const session_attach& x) { return session_attached{x.spec}; });
    connection_deps deps;
    deps.client_id = "client-1";
    deps.principal = "alice";
    deps.trace = of_upgrade;
    deps.node = &node.services();
    deps.counters = &counters;
    deps.out = out;
    deps.sessions = keeper.handle();
    deps.relays = std::make_shared<client_relays>();
    client = spawn<connection_role>(node.services(), {.label = "client-1"}, deps);
  }
  ~stage() { node.services().traces = nullptr; }  // which end before the actors

  void frame(const std::string& text) {
    node.send(client, frame_received{shared_bytes(text)});
    node.run();
  }
  void say(const std::string& further = "") {
    frame(R"({"type":"text_action","action":"chat","text":"hello")" + further + "}");
  }
  turn_ref last() { return session.last<turn_submit>()->ref; }
  std::vector<turn_record> ended() { return traces.take_finished(100); }
};

}  // namespace

TEST_CASE("each request is a turn with a trace of its own") {
  stage s;
  s.say();
  const auto first = s.last();
  s.say();
  const auto second = s.last();
  CHECK(first.trace != second.trace);
  CHECK(s.traces.totals().in_flight == 2);
  s.traces.end(first.turn, event_kind::reply);
  s.traces.end(second.turn, event_kind::reply);
  const auto ended = s.ended();
  REQUIRE(ended.size() == 2);
  CHECK(ended[0].context.low == first.trace);
  CHECK(ended[0].context.high != 0);
  CHECK(ended[0].context.parent == 0);
  CHECK(ended[0].client == "client-1");
  CHECK(ended[0].dialect == "luna");
  CHECK(ended[0].principal == "alice");
  CHECK(ended[0].session == s.session.last<session_attach>()->spec.id.substr(0, 8));
  CHECK(ended[0].connection == s.client.id());
}

TEST_CASE("turns belong to the trace of the upgrade, or to the one that the request names") {
  stage s(parse_traceparent(upgrade));
  s.say();
  s.say(R"(,"traceparent":")" + other + '"');
  s.say(R"(,"traceparent":"nonsense")");
  s.say(R"(,"traceparent":7)");
  s.frame(R"({"type":"text_action","payload":{"action":"chat","text":"hello","traceparent":")" + other + R"("}})");
  std::vector<std::uint64_t> parents, traces;
  for (auto& each : s.session.all<turn_submit>()) {
    s.traces.end(each.ref.turn, event_kind::reply);
    traces.push_back(each.ref.trace);
  }
  for (auto& each : s.traces.take_finished(9)) parents.push_back(each.context.parent);
  // Who does not record his trace is not exported either, but shown like any.
  CHECK(parents == std::vector<std::uint64_t>(3, 0x00f067aa0ba902b7));
  CHECK(s.traces.totals().finished == 5);
  const auto ours = 0xa3ce929d0e0e4736, named = 0x8448eb211c80319c;
  CHECK(traces == std::vector<std::uint64_t>{ours, named, ours, ours, named});
}

TEST_CASE("a turn that no session takes ends in the traces too") {
  SECTION("the conversation cannot be opened") {
    stage s({}, false);
    s.say();
    s.say();
    CHECK(s.traces.totals().in_flight == 2);
    // An open that is refused.
    REQUIRE(s.keeper.answer_first<keeper_open>(to_error({failure_kind::unavailable, "no"})));
    s.node.run();
    const auto ended = s.ended();
    REQUIRE(ended.size() == 2);
    CHECK(std::string(ended[0].error) == "unavailable");
  }
  SECTION("the client stops before that") {
    stage s({}, false);
    s.say();
    s.frame(R"({"type":"stop_text_session"})");
    REQUIRE(s.ended().size() == 1);
    CHECK(s.traces.totals().failed == 0);
  }
  SECTION("the client goes before that") {
    stage s({}, false);
    s.say();
    s.node.send(s.client, connection_closed{1006, ""});
    s.node.run();
    REQUIRE(s.ended().size() == 1);
    CHECK(s.traces.totals().failed == 0);
  }
  SECTION("the session refuses it") {
    stage s;
    s.say();
    REQUIRE(s.session.answer_first<turn_submit>(to_error({failure_kind::unavailable, "restarted"})));
    s.node.run();
    const auto ended = s.ended();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].outcome == event_kind::failed);
  }
  SECTION("the session is gone") {
    stage s;
    s.say();
    s.node.kill(s.session.handle());
    CHECK(s.traces.totals().in_flight == 0);
  }
}
