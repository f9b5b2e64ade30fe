/// docs/luna.md, "Extension: numbers and resuming".

#include "support/catch.hpp"
#include "support/live_server.hpp"

#include <random>

using namespace troupe::test;

namespace {

const std::string numbered = R"(,"numbered":true)";

std::string resume(const std::string& session, std::int64_t after, const std::string& turn = {},
                   std::size_t offset = 0) {
  auto out =
      R"({"type":"resume_text_session","session_id":")" + session + R"(","after_number":)" + std::to_string(after);
  if (!turn.empty()) out += R"(,"turn":")" + turn + R"(","offset":)" + std::to_string(offset);
  return out + "}";
}

/// What a client knows of a numbered answer while it reads.
struct reading {
  std::string session, turn, text;
  std::int64_t number = 0;

  void take(const json::object& frame) {
    const auto type = type_of(frame);
    if (type == "text_turn_started") {
      session = text_of(frame, "session_id");
      turn = text_of(frame, "turn");
    } else if (type == "chunk") {
      CHECK(text_of(frame, "session_id") == session);
      CHECK(text_of(frame, "turn") == turn);
      CHECK(frame.at("offset") == text.size());
      text += text_of(frame, "data");
    }
    if (auto* value = frame.if_contains("number")) number = value->to_number<std::int64_t>();
  }
};

/// Takes up a lost answer: what is missing, then the rest of the stream.
void take_up(luna_client& client, reading& so_far) {
  client.send(resume(so_far.session, so_far.number, so_far.turn, so_far.text.size()));
  const auto state = client.next();
  REQUIRE(type_of(state) == "text_session_resumed");
  CHECK(text_of(state, "session_id") == so_far.session);
  for (auto& item : state.at("events").as_array()) {
    auto& event = item.as_object();
    CHECK(event.at("number") == so_far.number + 1);
    so_far.number = event.at("number").to_number<std::int64_t>();
    if (text_of(event, "kind") == "reply") so_far.text = text_of(event, "text");
  }
  CHECK(state.at("last_number") == so_far.number);
  const auto* open = state.if_contains("open_turn");
  if (open == nullptr) return;
  CHECK(text_of(open->as_object(), "turn") == so_far.turn);
  CHECK(open->as_object().at("offset") == so_far.text.size());
  so_far.text += text_of(open->as_object(), "data");
  for (;;) {
    const auto frame = client.next();
    so_far.take(frame);
    if (type_of(frame) == "complete") return;
    REQUIRE(type_of(frame) == "chunk");
  }
}

}  // namespace

TEST_CASE("a numbered answer is numbered frame by frame, without a gap") {
  live_server server;
  auto client = server.connect();
  std::int64_t last = 1;  // the first event is the opening
  std::string session;
  for (int round = 0; round < 3; ++round) {
    const auto answer = client.request(text_action("rewrite", sentences(5), numbered));
    REQUIRE(answer.before.size() == 1);
    CHECK(fields_of(answer.before[0]) == "number session_id turn type");
    CHECK(type_of(answer.before[0]) == "text_turn_started");
    CHECK(answer.before[0].at("number") == last + 1);
    reading seen;
    seen.take(answer.before[0]);
    CHECK(seen.session.size() == 32);
    CHECK(seen.session.find_first_not_of("0123456789abcdef") == std::string::npos);
    if (round > 0) CHECK(seen.session == session);
    session = seen.session;
    for (auto& piece : answer.pieces) {
      CHECK(fields_of(piece) == "data offset session_id turn type");
      seen.take(piece);
    }
    CHECK(fields_of(answer.end) == "data number session session_id turn type");
    CHECK(answer.end.at("number") == last + 2);
    last += 2;
    CHECK(seen.text == sentences(5));
  }
  client.send(R"({"type":"start_text_session","action":"rewrite","selected_text":"we was late"})");
  CHECK(type_of(client.next()) == "text_turn_started");
  const auto result = client.next();
  CHECK(fields_of(result) == "action number result session_id status turn type");
  CHECK(result.at("number") == last + 2);
}

TEST_CASE("a newer session may be numbered too") {
  live_server server;
  auto client = server.connect();
  const auto answer =
      client.request(R"({"type":"start_text_session","payload":{"session_type":"rewrite","numbered":true,)"
                     R"("content":{"selected_text":"we was late","user_query":""}}})");
  REQUIRE(answer.before.size() == 2);
  CHECK(fields_of(answer.before[0]) == "memories_loaded session_id session_type type");
  CHECK(text_of(answer.before[0], "session_id") == text_of(answer.before[1], "session_id"));
  CHECK(fields_of(answer.pieces.at(0)) == "data offset session session_id turn type");
  CHECK(answer.text == "We were late.");
}

TEST_CASE("an answer that was lost at any point is taken up where it was and says the same") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "5"}});
  std::mt19937 random(20240817);
  const auto whole = sentences(12);
  for (int round = 0; round < 12; ++round) {
    const auto pieces = random() % 40;
    INFO("lost after " << pieces << " pieces");
    reading so_far;
    {
      auto client = server.connect();
      client.send(text_action("rewrite", whole, numbered));
      auto frame = client.next();
      so_far.take(frame);
      // How finely a model streams is its own affair: the answer may have fewer pieces.
      for (std::size_t i = 0; i < pieces && type_of(frame) != "complete"; ++i) {
        frame = client.next();
        so_far.take(frame);
      }
      client.socket().drop();
    }
    // Lost a second time, right after it was taken up.
    if (round % 3 == 0) {
      auto client = server.connect();
      client.send(resume(so_far.session, so_far.number, so_far.turn, so_far.text.size()));
      CHECK(type_of(client.next()) == "text_session_resumed");
      client.socket().drop();
    }
    auto client = server.connect();
    take_up(client, so_far);
    CHECK(so_far.text == whole);
    CHECK(client.say("What did I just say?").size() > 0);  // the conversation goes on
  }
}

TEST_CASE("an answer that ended while nobody looked is among the events") {
  live_server server;
  auto client = server.connect();
  client.send(text_action("rewrite", "we was late", numbered));
  reading so_far;
  so_far.take(client.next());
  client.socket().drop();
  CHECK(server.health_becomes([](auto& health) { return health.at("active_clients") == 0; }));
  auto next = server.connect();
  take_up(next, so_far);
  CHECK(so_far.text == "We were late.");
  SECTION("from the beginning, everything is told") {
    next.send(R"({"type":"stop_text_session"})");
    next.send(resume(so_far.session, 0));
    const auto state = next.next();
    REQUIRE(state.at("events").as_array().size() == 3);
    const std::vector<std::string> kinds = {"opened", "user", "reply"};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& event = state.at("events").as_array()[i].as_object();
      CHECK(event.at("number") == i + 1);
      CHECK(text_of(event, "kind") == kinds[i]);
      CHECK(event.at("at").to_number<std::int64_t>() > 1'500'000'000'000);
    }
    CHECK_FALSE(state.contains("open_turn"));
  }
}

TEST_CASE("an answer in progress at a crash ends with a numbered interruption") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "20"}});
  auto client = server.connect();
  client.send(text_action("rewrite", sentences(100), numbered));
  reading so_far;
  so_far.take(client.next());
  so_far.take(client.next());
  server.crash();
  server.start();
  auto next = server.connect();
  next.send(resume(so_far.session, so_far.number, so_far.turn, so_far.text.size()));
  const auto state = next.next();
  REQUIRE(type_of(state) == "text_session_resumed");
  REQUIRE(state.at("events").as_array().size() == 1);
  const auto& event = state.at("events").as_array()[0].as_object();
  CHECK(text_of(event, "kind") == "interrupted");
  CHECK(event.at("number") == so_far.number + 1);
  CHECK(text_of(event, "turn") == so_far.turn);
  CHECK_FALSE(state.contains("open_turn"));
  CHECK(next.request(text_action("rewrite", "we was late")).text == "We were late.");
}

TEST_CASE("conversations that nobody asked to number end with their connection") {
  live_server server;
  auto client = server.connect();
  for (auto& frame : client.request(text_action("rewrite", sentences(3))).pieces)
    CHECK(fields_of(frame) == "data type");
  client.socket().close();
  CHECK(server.health_becomes([](auto& health) { return health.at("active_text_sessions") == 0; }));
}

TEST_CASE("an unknown or malformed identifier is refused, and so is a second session") {
  live_server server;
  auto client = server.connect();
  for (const std::string id : {"0123456789abcdef0123456789abcdef", "", "x", "0123456789ABCDEF0123456789ABCDEF",
                               "0123456789abcdef0123456789abcde/", "../../../../../../../../../../x"}) {
    INFO(id);
    client.send(resume(id, 0));
    const auto frame = client.next();
    CHECK(fields_of(frame) == "error type");
    CHECK(type_of(frame) == "text_session_resume_error");
    CHECK_FALSE(text_of(frame, "error").empty());
  }
  client.send(R"({"type":"resume_text_session"})");
  CHECK(type_of(client.next()) == "text_session_resume_error");
  CHECK(server.health().at("active_text_sessions") == 0);
  CHECK(client.request(text_action("rewrite", "we was late")).text == "We were late.");
  client.send(resume("0123456789abcdef0123456789abcdef", 0));
  CHECK(type_of(client.next()) == "text_session_resume_error");
}

TEST_CASE("another principal's conversation is as good as unknown") {
  live_server server;
  const auto token = [&](const std::string& name) {
    auto made = server.command({"token", "add", name});
    REQUIRE(made.status == 0);
    return made.out.substr(0, made.out.find('\n'));
  };
  const auto ada = token("ada"), bob = token("bob");
  reading so_far;
  auto client = server.connect("/ws", {.token = ada});
  client.send(text_action("rewrite", "we was late", numbered));
  so_far.take(client.next());
  client.read_answer();
  client.socket().close();
  auto unknown = server.connect();
  unknown.send(resume("0123456789abcdef0123456789abcdef", 0));
  const auto refusal = unknown.next();
  unknown.send(resume(so_far.session, 0));
  CHECK(unknown.next() == refusal);
  auto other = server.connect("/ws", {.token = bob});
  other.send(resume(so_far.session, 0));
  CHECK(other.next() == refusal);
  auto own = server.connect("/ws?token=" + ada);
  own.send(resume(so_far.session, 0));
  CHECK(type_of(own.next()) == "text_session_resumed");
}

TEST_CASE("who watches an answer that another client stops is told so") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "20"}});
  reading so_far;
  auto first = server.connect();
  first.send(text_action("rewrite", sentences(200), numbered));
  so_far.take(first.next());
  so_far.take(first.next());
  auto second = server.connect();
  second.send(resume(so_far.session, so_far.number, so_far.turn, so_far.text.size()));
  const auto state = second.next();
  REQUIRE(type_of(state) == "text_session_resumed");
  REQUIRE(state.if_contains("open_turn") != nullptr);
  first.send(R"({"type":"stop_text_session"})");
  auto frame = second.next();
  while (type_of(frame) == "chunk") frame = second.next();
  CHECK(type_of(frame) == "error");
  CHECK(text_of(frame, "error") == "the answer was stopped");
  CHECK(frame.at("number") == so_far.number + 1);
  CHECK(second.say("My sister Ada lives in Oslo.").size() > 0);
}

TEST_CASE("resuming right after a stop never waits for an answer that has ended") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "20"}});
  for (int round = 0; round < 20; ++round) {
    reading so_far;
    auto client = server.connect();
    client.send(text_action("rewrite", sentences(200), numbered));
    so_far.take(client.next());
    so_far.take(client.next());
    client.send(R"({"type":"stop_text_session"})");
    client.send(resume(so_far.session, so_far.number, so_far.turn, so_far.text.size()));
    auto frame = client.next();
    while (type_of(frame) == "chunk") frame = client.next();
    REQUIRE(type_of(frame) == "text_session_resumed");
    const auto& events = frame.at("events").as_array();
    if (frame.if_contains("open_turn") != nullptr) {
      frame = client.next();
      while (type_of(frame) == "chunk") frame = client.next();
      CHECK(type_of(frame) == "error");
      CHECK(frame.at("number") == so_far.number + 1);
    } else {
      REQUIRE(events.size() == 1);
      CHECK(text_of(events[0].as_object(), "kind") == "cancelled");
    }
  }
}
