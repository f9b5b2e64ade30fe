/// Luna contract, sections 1.1, 5.2, 5.4 and 7.2: envelopes and the newer text
/// session.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

std::string start(std::string_view kind, std::string_view text, std::string_view query, std::string_view more = {}) {
  return R"({"type":"start_text_session","payload":{"session_type":")" + std::string(kind)
         + R"(","content":{"selected_text":)" + quoted(text) + R"(,"user_query":)" + quoted(query) + "}"
         + std::string(more) + "}}";
}

std::string text(std::string_view words) {
  return R"({"type":"text","payload":{"text":)" + quoted(words) + "}}";
}

const auto ended = object_of(R"({"type":"text_session_ended"})");

/// An answer to `text` or the first of a session, with the newer frames.
void check_newer(const luna_answer& answer) {
  for (auto& piece : answer.pieces) {
    CHECK(fields_of(piece) == "data session type");
    CHECK(type_of(piece) == "text_content");
    CHECK(text_of(piece, "session") == "text");
  }
  CHECK(answer.end == object_of(R"({"session":"text","type":"complete","data":""})"));
}

}  // namespace

TEST_CASE("a newer session is started, answered, continued and ended, field by field") {
  live_server server;
  auto client = server.connect();
  const auto first = client.request(start("rewrite", "we was late", "formal tone", R"(,"memories":[])"));
  REQUIRE(first.before.size() == 1);
  CHECK(first.before[0]
        == object_of(R"({"type":"text_session_started","session_type":"rewrite","memories_loaded":0})"));
  check_newer(first);
  CHECK(first.text == "We were late.");
  const auto second = client.request(text("I keep bees."));
  CHECK(second.before.empty());
  check_newer(second);
  CHECK(client.request(text("What did I just say?")).text == "You said: “I keep bees.”");
  client.send(R"({"type":"stop_text_session"})");
  CHECK(client.next() == ended);
  client.send(R"({"type":"stop_text_session","payload":{}})");
  CHECK(client.silent());
}

TEST_CASE("each type of session works on what it was given") {
  live_server server;
  const auto answer_of = [&](const std::string& request) {
    auto answer = server.connect().request(request);
    check_newer(answer);
    return answer.text;
  };
  CHECK(answer_of(start("rewrite", "he dont like it", "")) == "He doesn't like it.");
  CHECK(answer_of(start("explain", "A quasar is a very bright galaxy.", "ignored")).find("quasar")
        != std::string::npos);
  CHECK(answer_of(start("chat", "The train leaves at nine.", "When does the train leave?"))
        == "The highlighted text says: “The train leaves at nine.”");
  CHECK(answer_of(start("chat", "", "Hello!")).rfind("Hello. I am Luna", 0) == 0);
}

TEST_CASE("memories are counted in both of their forms, also one level deeper") {
  live_server server;
  const auto loaded = [&](const std::string& request) {
    auto client = server.connect();
    client.send(request);
    const auto frame = client.next();
    CHECK(type_of(frame) == "text_session_started");
    return frame.at("memories_loaded").as_int64();
  };
  const std::string two = R"([{"memory":"Owns a cat","confidence":0.8},{"memory":"Lives in Kyiv","id":4}])";
  CHECK(loaded(start("chat", "x", "Hello", ",\"memories\":" + two)) == 2);
  CHECK(loaded(start("chat", "x", "Hello", ",\"memories\":{\"memories\":" + two + "}")) == 2);
  CHECK(loaded(start("chat", "x", "Hello", ",\"memories\":null")) == 0);
  CHECK(loaded(start("chat", "x", "Hello")) == 0);
  const std::string inner =
      R"("session_type":"chat","content":{"selected_text":"","user_query":"Hello"},"memories":)" + two;
  CHECK(loaded(R"({"type":"start_text_session","payload":{"initial_message":{)" + inner + "}}}") == 2);
  CHECK(loaded(R"({"type":"start_text_session","payload":{)" + inner + "}}") == 2);
  CHECK(loaded(R"({"type":"start_text_session",)" + inner + "}") == 2);
}

TEST_CASE("a nested initial_message starts a session that answers") {
  live_server server;
  const auto answer = server.connect().request(
      R"({"type":"start_text_session","payload":{"initial_message":{"session_type":"rewrite",)"
      R"("content":{"selected_text":"we was late","user_query":""},"memories":{"memories":[]}}}})");
  check_newer(answer);
  CHECK(answer.text == "We were late.");
}

TEST_CASE("a second start is refused and the session goes on") {
  live_server server;
  auto client = server.connect();
  client.request(start("chat", "", "I keep bees."));
  const auto refused = client.request(start("rewrite", "we was late", ""));
  CHECK(refused.before.empty());
  CHECK(fields_of(refused.end) == "error session type");
  CHECK(type_of(refused.end) == "error");
  CHECK(client.request(text("What did I just say?")).text == "You said: “I keep bees.”");
  client.send(R"({"type":"stop_text_session","payload":{}})");
  CHECK(client.next() == ended);
  CHECK(client.request(start("rewrite", "we was late", "")).text == "We were late.");
}

TEST_CASE("text without a session is an error that says so") {
  live_server server;
  auto client = server.connect();
  client.send(text("hello"));
  const auto frame = client.next();
  CHECK(fields_of(frame) == "error session type");
  CHECK(type_of(frame) == "error");
  CHECK(text_of(frame, "session") == "text");
  CHECK(text_of(frame, "error").find("session") != std::string::npos);
}

TEST_CASE("a bad type or content is an error and starts nothing") {
  live_server server;
  auto client = server.connect();
  for (const std::string payload :
       {R"({"session_type":"sing","content":{"selected_text":"x","user_query":"y"}})", R"({"session_type":"chat"})",
        R"({"session_type":"chat","content":"x"})", R"({"session_type":"chat","content":{"selected_text":"x"}})",
        R"({"session_type":"chat","content":{"user_query":"x"}})",
        R"({"session_type":"chat","content":{"selected_text":null,"user_query":"x"}})",
        R"({"session_type":5,"content":{"selected_text":"x","user_query":"y"}})", R"({})",
        R"({"initial_message":{}})"}) {
    INFO(payload);
    client.send(R"({"type":"start_text_session","payload":)" + payload + "}");
    const auto frame = client.next();
    CHECK(type_of(frame) == "error");
    CHECK_FALSE(text_of(frame, "error").empty());
  }
  CHECK(server.health().at("active_text_sessions") == 0);
  client.send(R"({"type":"stop_text_session","payload":{}})");
  CHECK(client.silent());
}

TEST_CASE("a text that is empty or no string is an error and the session goes on") {
  live_server server;
  auto client = server.connect();
  client.request(start("chat", "", "Hello"));
  for (const std::string payload : {"{}", R"({"text":""})", R"({"text":null})", R"({"text":7})"}) {
    INFO(payload);
    client.send(R"({"type":"text","payload":)" + payload + "}");
    CHECK(client.next()
          == object_of(R"({"type":"error","session":"text","error":"text: must be a non-empty string"})"));
  }
  CHECK(client.request(text("I keep bees.")).complete());
}

TEST_CASE("canonical requests work in an envelope too") {
  live_server server;
  auto client = server.connect();
  client.send(R"({"type":"start_text_session","payload":{"action":"rewrite","selected_text":"we was late"}})");
  CHECK(
      client.next()
      == object_of(R"({"type":"text_session_result","action":"rewrite","result":"We were late.","status":"success"})"));
  const auto streamed = client.request(R"({"type":"text_action","payload":{"action":"rewrite","text":"we was late"}})");
  CHECK(streamed.text == "We were late.");
  CHECK(type_of(streamed.pieces.at(0)) == "chunk");
}

TEST_CASE("a payload that is no object is none: the fields are read from the top") {
  live_server server;
  auto client = server.connect();
  for (const std::string payload : {"null", "\"x\"", "[]", "5"}) {
    INFO(payload);
    CHECK(client.request(text_action("rewrite", "we was late", ",\"payload\":" + payload)).text == "We were late.");
  }
  client.send(R"({"type":"stop_text_session"})");
  CHECK(client.silent());  // such a connection is no newer one
  CHECK(
      client
          .request(
              R"({"type":"text_action","action":"sing","text":"x","payload":{"action":"rewrite","text":"we was late"}})")
          .text
      == "We were late.");
}

TEST_CASE("one envelope makes a newer connection: a flat stop is answered from then on") {
  live_server server;
  auto client = server.connect();
  client.request(text_action("rewrite", "we was late"));
  client.send(R"({"type":"stop_text_session"})");
  CHECK(client.silent());
  client.request(text_action("rewrite", "we was late"));
  client.send(R"({"type":"something_new","payload":{}})");
  client.send(R"({"type":"stop_text_session"})");
  CHECK(client.next() == ended);
  CHECK(client.silent());
}
