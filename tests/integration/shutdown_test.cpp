/// How the server ends (DESIGN sections 3 and 5; contract 12): turns in
/// progress finish or say that they did not, sockets close with 1001.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

/// Until the port takes nobody any more: the signal has been heard.
void wait_until_closed(const live_server& server) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    try {
      raw_client probe(server.port());
      probe.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      if (probe.receive_all().empty()) return;
    } catch (const std::runtime_error&) {
      return;
    }
  }
  FAIL("the server goes on accepting");
}

}  // namespace

TEST_CASE("an idle server ends with 0 and closes its clients with 1001") {
  live_server server;
  auto client = server.connect();
  client.request(text_action("rewrite", "we was late"));
  const int signal = GENERATE(SIGTERM, SIGINT);
  server.signal(signal);
  CHECK(client.socket().wait_close() == 1001);
  CHECK(server.wait() == 0);
  CHECK_FALSE(std::filesystem::exists(server.data_dir() + "/server.json"));
}

TEST_CASE("a turn that fits into the grace is finished before the end") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "5"}, {"SHUTDOWN_GRACE_MS", "60000"}});
  auto client = server.connect();
  client.send(text_action("rewrite", sentences(30)));
  auto said = text_of(client.next(), "data");
  server.signal(SIGTERM);
  const auto answer = client.read_answer();
  CHECK(answer.complete());
  CHECK(said + answer.text == sentences(30));
  CHECK(client.socket().wait_close() == 1001);
  CHECK(server.wait() == 0);
}

TEST_CASE("a turn that does not fit is interrupted, says so, and is so after the restart") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "20"}, {"SHUTDOWN_GRACE_MS", "100"}});
  auto client = server.connect();
  client.send(text_action("rewrite", sentences(2000), R"(,"numbered":true)"));
  const auto started = client.next();
  client.next();
  server.signal(SIGTERM);
  const auto answer = client.read_answer();
  CHECK(type_of(answer.end) == "error");
  CHECK(text_of(answer.end, "error").find("shutting down") != std::string::npos);
  CHECK(client.socket().wait_close() == 1001);
  CHECK(server.wait() == 0);
  server.start();
  auto next = server.connect();
  next.send(R"({"type":"resume_text_session","session_id":")" + text_of(started, "session_id")
            + R"(","after_number":2})");
  const auto state = next.next();
  REQUIRE(state.at("events").as_array().size() == 1);
  CHECK(text_of(state.at("events").as_array()[0].as_object(), "kind") == "interrupted");
  CHECK(state.at("last_number") == answer.end.at("number"));
}

TEST_CASE("requests that wait at the end get their error") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "5"}, {"SHUTDOWN_GRACE_MS", "60000"}});
  auto client = server.connect();
  client.send(text_action("rewrite", sentences(30)));
  client.send(R"({"type":"start_text_session","action":"rewrite","selected_text":"we was late"})");
  CHECK(type_of(client.next()) == "chunk");
  server.signal(SIGTERM);
  bool completed = false, refused = false;
  while (auto message = client.socket().try_receive()) {
    const auto frame = object_of(*message);
    completed = completed || type_of(frame) == "complete";
    if (type_of(frame) != "text_session_error") continue;
    refused = true;
    CHECK(text_of(frame, "error").find("shutting down") != std::string::npos);
  }
  CHECK(completed);
  CHECK(refused);
  CHECK(client.socket().close_code() == 1001);
  CHECK(server.wait() == 0);
}

TEST_CASE("a second signal ends the server at once") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "20"}, {"SHUTDOWN_GRACE_MS", "600000"}});
  auto client = server.connect();
  client.send(text_action("rewrite", sentences(5000)));
  client.next();
  server.signal(SIGTERM);
  wait_until_closed(server);
  server.signal(SIGTERM);
  CHECK(server.wait() == 1);
  CHECK(server.output().find("stopped at once") != std::string::npos);
}

TEST_CASE("what was acknowledged is there after a stop and after a stop that was forced") {
  live_server server;
  server.connect().say("My sister Ada lives in Oslo.");
  CHECK(server.stop() == 0);
  server.start();
  CHECK(server.connect().say("Where does my sister live?").find("Oslo") != std::string::npos);
}

TEST_CASE("clients that answer no close frame do not hold the end up") {
  live_server server;
  auto deaf = raw_websocket(server.port(), "/ws", 4096);
  raw_client half(server.port());
  half.send("GET / HTTP/1.1\r\n");
  CHECK(server.stop() == 0);
}
