/// DESIGN section 9, "Hostile peers": what one client does costs no other
/// client a byte. A bystander's streamed answer goes on all the while.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

/// A second client whose answer is under way; its frames are read at the end.
class bystander {
 public:
  explicit bystander(const live_server& server) : client_(server.connect()) {
    client_.send(text_action("rewrite", sentences(30), R"(,"numbered":true)"));
    CHECK(type_of(client_.next()) == "text_turn_started");
    const auto first = client_.next();
    said_ = text_of(first, "data");
  }
  void check_undisturbed() {
    const auto answer = client_.read_answer();
    CHECK(answer.before.empty());
    for (auto& piece : answer.pieces) {
      CHECK(piece.at("offset") == said_.size());
      said_ += text_of(piece, "data");
    }
    CHECK(answer.complete());
    CHECK(said_ == sentences(30));
    CHECK(client_.silent());
  }

 private:
  luna_client client_;
  std::string said_;
};

const settings_map paced = {{"OFFLINE_PACE_MS", "5"}};

settings_map paced_with(std::string name, std::string value) {
  auto out = paced;
  out[std::move(name)] = std::move(value);
  return out;
}

}  // namespace

TEST_CASE("two messages in one piece, and one message in many, are what they are") {
  live_server server(paced);
  bystander other(server);
  auto client = server.connect();
  client.socket().send_raw(raw_frame(1, text_action("rewrite", "we was late"))
                           + raw_frame(1, text_action("rewrite", "he dont like it")));
  CHECK(client.read_answer().text == "We were late.");
  CHECK(client.read_answer().text == "He doesn't like it.");
  const auto message = text_action("rewrite", "grüße and we was late");
  std::string frames;
  for (std::size_t i = 0; i < message.size(); ++i) {  // also within a UTF-8 sequence
    frames += raw_frame(i == 0 ? 1 : 0, message.substr(i, 1), i + 1 == message.size());
    if (i % 7 == 0) frames += raw_frame(9, "ping");  // control frames may come between
  }
  for (auto byte : frames) client.socket().send_raw({&byte, 1});
  CHECK(client.read_answer().text == "Grüße and we was late.");
  other.check_undisturbed();
}

TEST_CASE("a stop in mid-stream stops its own stream only") {
  live_server server(paced);
  bystander other(server);
  auto client = server.connect();
  client.send(text_action("rewrite", sentences(500)));
  CHECK(type_of(client.next()) == "chunk");
  client.send(R"({"type":"stop_text_session"})");
  for (auto& frame : client.rest()) CHECK(type_of(frame) == "chunk");
  other.check_undisturbed();
}

TEST_CASE("a client that never reads is disconnected and its output is bounded") {
  live_server server(paced_with("MAX_QUEUED_BYTES", "64KiB"));
  bystander other(server);
  auto deaf = raw_websocket(server.port(), "/ws", 4096);
  const auto large = text_action("rewrite", std::string(900'000, 'a'));
  for (int i = 0; i < 8; ++i)
    if (!deaf.send(raw_frame(1, large))) break;
  other.check_undisturbed();
  CHECK(server.health_becomes([](auto& health) { return health.at("active_clients") == 1; }));
  auto again = server.connect();
  CHECK(again.request(text_action("rewrite", "we was late")).complete());
}

TEST_CASE("a message that trickles in is given its deadline and no more") {
  live_server server(paced_with("MESSAGE_DEADLINE_MS", "300"));
  bystander other(server);
  auto slow = server.connect();
  const auto frame = raw_frame(1, text_action("rewrite", "we was late"));
  SECTION("a frame's bytes one by one, never all of them") {
    slow.socket().send_raw(frame.substr(0, 1));
    CHECK(slow.socket().wait_close() == 1008);
  }
  SECTION("a message's first fragment only") {
    slow.socket().send_raw(raw_frame(1, "{\"type\"", false));
    CHECK(slow.socket().wait_close() == 1008);
  }
  other.check_undisturbed();
}

TEST_CASE("a request's header that trickles in is given its deadline and no more") {
  live_server server(paced_with("HEADER_DEADLINE_MS", "300"));
  bystander other(server);
  raw_client slow(server.port());
  slow.send("GET /health HTTP/1.1\r\nHost: loc");
  slow.receive_all();  // throws when the server does not end it
  other.check_undisturbed();
}

TEST_CASE("1 MiB of garbage instead of HTTP, and instead of frames, costs only its sender") {
  live_server server(paced);
  bystander other(server);
  std::string garbage;
  std::uint32_t state = 1;
  while (garbage.size() < 1024 * 1024) garbage += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  {
    raw_client http(server.port());
    http.send(garbage);
    const auto answer = http.receive_all();
    CHECK((answer.empty() || answer.rfind("HTTP/1.1 4", 0) == 0));
  }
  {
    auto frames = raw_websocket(server.port(), "/ws");
    frames.send(garbage);
    frames.receive_all();
  }
  auto text = server.connect();
  text.send(std::string(1024 * 1024, 'x'));
  CHECK(text_of(text.next(), "fault") == "not_json");
  other.check_undisturbed();
}

TEST_CASE("frames that break the protocol close their connection with the protocol's code") {
  live_server server(paced);
  bystander other(server);
  const auto closed_by = [&](const std::string& bytes) {
    auto client = server.connect();
    client.socket().send_raw(bytes);
    return client.socket().wait_close();
  };
  CHECK(closed_by(raw_frame(1, "\xC3\x28")) == 1007);
  CHECK(closed_by(raw_frame(1, "{\"type\":\"\xED\xA0\x80\"}")) == 1007);
  CHECK(closed_by(raw_frame(1, "\xE2\x82")) == 1007);         // cut short
  CHECK(closed_by(raw_frame(1, "{}", true, false)) == 1002);  // not masked
  CHECK(closed_by(raw_frame(3, "{}")) == 1002);               // unknown opcode
  CHECK(closed_by(raw_frame(0, "{}")) == 1002);               // continues nothing
  CHECK(closed_by(raw_frame(9, std::string(126, 'x'))) == 1002);
  CHECK(closed_by(raw_frame(8, "\x03\xE8")) == 1000);
  other.check_undisturbed();
}

TEST_CASE("deep documents are refused and the connection goes on") {
  live_server server(paced);
  bystander other(server);
  auto client = server.connect();
  client.send(R"({"type":"text_action","x":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}");
  CHECK(text_of(client.next(), "fault") == "not_json");
  CHECK(client.request(text_action("rewrite", "we was late")).text == "We were late.");
  other.check_undisturbed();
}

TEST_CASE("clients that come and go at once leave nothing behind") {
  live_server server(paced);
  bystander other(server);
  for (int i = 0; i < 40; ++i) {
    auto client = server.connect();
    client.send(text_action("rewrite", sentences(50)));
    if (i % 2 == 0) client.socket().drop();
  }
  other.check_undisturbed();
  CHECK(server.health_becomes(
      // The bystander is still there.
      [](auto& health) { return health.at("active_clients") == 1 && health.at("active_text_sessions") == 1; }));
}
