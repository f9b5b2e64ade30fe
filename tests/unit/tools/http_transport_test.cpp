#include "tools/mcp/http_transport.hpp"
#include "fake_http.hpp"
#include "support/catch.hpp"
#include "support/test_ports.hpp"

using namespace troupe;
using namespace troupe::mcp;
using namespace troupe::test;
using namespace std::chrono_literals;
using kind = transport_event::kind;

namespace {

struct stage {
  explicit stage(http_options options = {}) {
    options.url = "http://localhost:1/mcp";
    options.headers = {{"Authorization", "Bearer k"}};
    side = std::make_unique<http_transport>(options, http, clock, [this] { ++wakes; });
  }
  asked_request& send(std::int64_t id, outgoing more = {}) {
    more.text = "request " + std::to_string(id);
    more.request = id;
    side->send(std::move(more));
    return http.last();
  }
  /// The request for `initialize`, answered with a session.
  void shake_hands() {
    send(1).json("{\"shaken\":1}", 200, {{"mcp-session-id", "s-1"}});
    REQUIRE(side->poll().what == kind::message);
    drain();
    side->established({{"MCP-Protocol-Version", "2025-11-25"}});
  }
  void drain() {
    while (side->poll().what != kind::nothing) {
    }
  }
  transport_event next() { return side->poll(); }

  fake_http http;
  test_clock clock;
  int wakes = 0;
  std::unique_ptr<http_transport> side;
};

}  // namespace

TEST_CASE("a message is a POST that takes JSON or a stream of events") {
  stage s;
  auto& asked = s.send(1, {.headers = {{"Mcp-Method", "x"}}});
  CHECK(asked.request.method == "POST");
  CHECK(asked.request.url == "http://localhost:1/mcp");
  CHECK(asked.request.body == "request 1");
  CHECK(asked.header("Accept") == "application/json, text/event-stream");
  CHECK(asked.header("Content-Type") == "application/json");
  CHECK(asked.header("Authorization") == "Bearer k");
  CHECK(asked.header("Mcp-Method") == "x");
  CHECK(asked.header("Mcp-Session-Id").empty());
  CHECK(s.next().what == kind::nothing);
  asked.json("the answer");
  CHECK(s.wakes == 1);
  const auto event = s.next();
  CHECK(event.what == kind::message);
  CHECK(event.text == "the answer");
}

TEST_CASE("a stream of events is taken apart, however it is cut") {
  stage s;
  auto& asked = s.send(7);
  asked.head(200, "text/event-stream; charset=utf-8");
  const auto begun = s.next();
  CHECK(begun.what == kind::streaming);
  CHECK(begun.request == 7);
  for (char c : std::string(": comment\n\nid: 1\ndata:\n\nevent: message\ndata: {\"a\":\ndata: 1}\n\ndata: "
                            "two\n\nevent: other\ndata: no\n\n"))
    asked.body(std::string(1, c));
  CHECK(s.next().text == "{\"a\":\n1}");
  CHECK(s.next().text == "two");
  CHECK(s.next().what == kind::nothing);
}

TEST_CASE("a session is kept, sent, and deleted at the end") {
  stage s;
  s.shake_hands();
  CHECK(s.http.last().request.method == "GET");
  CHECK(s.http.last().header("Mcp-Session-Id") == "s-1");
  CHECK(s.http.last().header("MCP-Protocol-Version") == "2025-11-25");
  CHECK(s.send(2).header("Mcp-Session-Id") == "s-1");
  s.side->finish();
  CHECK(s.http.last().request.method == "DELETE");
  CHECK(s.http.last().header("Mcp-Session-Id") == "s-1");
  CHECK(s.http.open_count() == 1);
  CHECK(s.next().what == kind::nothing);
  s.http.last().empty(405);
  CHECK(s.next().what == kind::closed);
}

TEST_CASE("a session is left alone at the end if so configured") {
  stage s({.keep_session = true});
  s.shake_hands();
  s.side->finish();
  CHECK(s.next().what == kind::closed);
  for (auto& each : s.http.asked) CHECK(each->request.method != "DELETE");
}

TEST_CASE("nothing overtakes the notification that ends the handshake") {
  stage s;
  s.side->send({.text = "initialized", .barrier = true});
  s.side->send({.text = "list", .request = 2});
  CHECK(s.http.asked.size() == 1);
  s.http.last().empty(202);
  CHECK(s.next().what == kind::nothing);
  REQUIRE(s.http.asked.size() == 2);
  CHECK(s.http.last().request.body == "list");
}

TEST_CASE("404 with a session means that it is forgotten, without one it does not") {
  stage s;
  s.send(1).json("nothing here", 404);
  auto event = s.next();
  CHECK(event.what == kind::failed);
  CHECK(event.status == 404);
  CHECK(event.text == "nothing here");
  CHECK_FALSE(event.session_lost);
  s.shake_hands();
  s.http.last().empty(405);  // no stream of its own messages: fine
  s.drain();
  auto first = s.http.asked.size();
  s.send(2);
  s.send(3);
  s.http.asked[first]->empty(404);
  s.http.asked[first + 1]->json(R"({"error":{"message":"No valid session ID"}})", 400);
  event = s.next();
  CHECK(event.request == 2);
  CHECK(event.session_lost);
  CHECK(s.next().session_lost);
  CHECK(s.send(4).header("Mcp-Session-Id").empty());
}

TEST_CASE("what is no answer fails its request") {
  stage s;
  auto failed = [&](auto answer) {
    answer(s.send(5));
    auto event = s.next();
    while (event.what == kind::streaming || event.what == kind::message) event = s.next();
    CHECK(event.what == kind::failed);
    CHECK(event.request == 5);
    return event;
  };
  CHECK(failed([](auto& a) { a.empty(202); }).error.kind == failure_kind::broken_stream);
  CHECK(failed([](auto& a) {
          a.head(200, "text/html");
          a.body("<html>");
          a.end();
        }).error.kind
        == failure_kind::broken_stream);
  CHECK(failed([](auto& a) {
          a.head(200, "text/event-stream");
          a.end();
        }).error.message
        == "ended its stream before the answer");
  CHECK(failed([](auto& a) {
          a.head(200, "text/event-stream");
          a.end({failure_kind::broken_stream, "cut"});
        }).error.message
        == "cut");
  CHECK(failed([](auto& a) { a.end({failure_kind::unavailable, "refused"}); }).error.kind == failure_kind::unavailable);
  CHECK(failed([](auto& a) { a.empty(307); }).status == 307);
  const auto big = failed([](auto& a) {
    a.head(200, "application/json");
    for (int i = 0; i < 17; ++i) a.body(std::string(1024 * 1024, ' '));
    a.end();
  });
  CHECK(big.error.message == "sent an answer of over 16 MiB");
  const auto endless = failed([](auto& a) {
    a.head(200, "text/event-stream");
    for (int i = 0; i < 17; ++i) a.body(std::string(1024 * 1024, 'x'));
  });
  CHECK(endless.error.kind == failure_kind::broken_stream);
  CHECK(s.next().what == kind::nothing);
  CHECK(s.http.open_count() == 0);
}

TEST_CASE("an abandoned request is aborted and says nothing more") {
  stage s;
  auto& asked = s.send(1);
  s.side->abandon(1);
  CHECK(asked.aborted);
  asked.json("late");
  CHECK(s.next().what == kind::nothing);
}

TEST_CASE("a stream that the server closes before the answer is taken up from its last event") {
  stage s;
  s.shake_hands();
  s.http.last().empty(405);
  s.drain();
  auto& asked = s.send(9);
  asked.head(200, "text/event-stream");
  asked.body("id: e-7\nretry: 200\ndata:\n\n");
  asked.end();
  CHECK(s.next().what == kind::streaming);
  const auto waiting = s.next();
  CHECK(waiting.what == kind::nothing);
  CHECK(waiting.again_in == 200ms);
  s.clock.move(200'000'000);
  CHECK(s.next().what == kind::nothing);
  auto& again = s.http.last();
  CHECK(again.request.method == "GET");
  CHECK(again.header("Last-Event-ID") == "e-7");
  again.head(200, "text/event-stream");
  again.body("data: the answer\n\n");
  CHECK(s.next().text == "the answer");
  s.side->abandon(9);
  CHECK(again.aborted);
}

TEST_CASE("the stream for the server's own messages is opened again when it ends") {
  stage s;
  s.shake_hands();
  auto listen = s.http.asked.back();
  listen->head(200, "text/event-stream");
  listen->body("id: 5\ndata: changed\n\n");
  CHECK(s.next().text == "changed");
  listen->end();
  const auto waiting = s.next();
  CHECK(waiting.again_in == 1000ms);
  s.clock.move(1'000'000'000);
  s.drain();
  CHECK(s.http.asked.back() != listen);
  CHECK(s.http.last().header("Last-Event-ID") == "5");
  SECTION("and the connection is lost when the server cannot be reached then") {
    s.http.last().end({failure_kind::unavailable, "refused the connection"});
    const auto event = s.next();
    CHECK(event.what == kind::closed);
    CHECK(event.error.message == "refused the connection");
  }
  SECTION("and when the server no longer knows us") {
    s.http.last().empty(400);
    CHECK(s.next().what == kind::closed);
  }
}

TEST_CASE("the stateless revision gets no GET and no DELETE") {
  stage s;
  s.side->established({{"MCP-Protocol-Version", "2026-07-28"}});
  CHECK(s.http.asked.empty());
  s.send(1, {.long_lived = true});
  CHECK(s.http.last().request.stall_limit == 0ms);
  s.side->finish();
  CHECK(s.next().what == kind::closed);
  CHECK(s.http.asked.size() == 1);
}

TEST_CASE("an older server is spoken to through its endpoint") {
  stage s;
  CHECK(s.side->use_older_http());
  auto stream = s.http.asked.back();
  CHECK(stream->request.method == "GET");
  s.side->send({.text = "initialize", .request = 1});
  CHECK(s.http.asked.size() == 1);  // it waits for the endpoint
  stream->head(200, "text/event-stream");
  stream->body("event: endpoint\ndata: /messages?id=3\n\n");
  CHECK(s.next().what == kind::nothing);
  REQUIRE(s.http.asked.size() == 2);
  CHECK(s.http.last().request.url == "http://localhost:1/messages?id=3");
  s.http.last().head(202, "text/plain");
  s.http.last().body("Accepted");
  s.http.last().end();
  CHECK(s.next().what == kind::nothing);
  stream->body("event: message\ndata: shaken\n\n");
  CHECK(s.next().text == "shaken");
  s.side->established({});
  CHECK(s.http.asked.size() == 2);
  stream->end();
  CHECK(s.next().what == kind::closed);
  CHECK(s.next().what == kind::closed);
}

TEST_CASE("an older server must not send our keys elsewhere") {
  stage s;
  s.side->use_older_http();
  s.http.last().head(200, "text/event-stream");
  s.http.last().body("event: endpoint\ndata: https://evil.example/messages\n\n");
  const auto event = s.next();
  CHECK(event.what == kind::closed);
  CHECK(event.error.kind == failure_kind::denied);
}

TEST_CASE("a server that speaks neither way says so") {
  stage s;
  s.side->use_older_http();
  s.http.last().empty(404);
  const auto event = s.next();
  CHECK(event.what == kind::closed);
  CHECK(event.error.message == "speaks neither streamable HTTP nor HTTP+SSE");
}

TEST_CASE("a transport that goes aborts all it has open") {
  stage s;
  s.shake_hands();
  s.send(2);
  s.send(3);
  CHECK(s.http.open_count() == 3);
  s.side.reset();
  CHECK(s.http.open_count() == 0);
}
