/// Luna contract, sections 13 and 14: what is no message, what is unknown, what
/// is too much. The connection goes on after all of it.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

std::string nested(int depth, char open, char close) {
  return std::string(static_cast<std::size_t>(depth), open) + std::string(static_cast<std::size_t>(depth), close);
}

void check_goes_on(luna_client& client) {
  CHECK(client.request(text_action("rewrite", "we was late")).text == "We were late.");
  CHECK(client.silent());
}

}  // namespace

TEST_CASE("what is no message is answered once per kind, named, and skipped after that") {
  live_server server;
  struct row {
    const char* fault;
    std::vector<std::string> frames;
  };
  const std::vector<row> table = {
      {"not_json",
       {"", "   ", "hello", "{", "{\"type\":\"text\"", "{'type':'text'}", R"({"type":"text"}{"type":"text"})",
        R"({"type":"text",})", "{\"type\":\"a\nb\"}", R"({"type":"\ud800"})", "NaN", "\xEF\xBB\xBF{}x"}},
      {"not_an_object", {"[]", "[{\"type\":\"text\"}]", "\"text\"", "5", "-1.5e3", "true", "null"}},
      {"type",
       {"{}", R"({"type":null})", R"({"type":5})", R"({"type":["text"]})", R"({"Type":"text"})",
        R"({"payload":{"type":"text"}})"}},
  };
  for (auto& each : table) {
    for (auto& frame : each.frames) {
      auto client = server.connect();
      INFO(frame);
      client.send(frame);
      const auto answer = client.next();
      CHECK(fields_of(answer) == "error fault type");
      CHECK(type_of(answer) == "error");
      CHECK(text_of(answer, "fault") == each.fault);
      CHECK_FALSE(text_of(answer, "error").empty());
      client.send(frame);
      check_goes_on(client);
    }
  }
}

TEST_CASE("a binary frame is answered once, and the next ones are skipped") {
  live_server server;
  auto client = server.connect();
  client.socket().send_binary(R"({"type":"text_action","action":"rewrite","text":"we was late"})");
  const auto answer = client.next();
  CHECK(fields_of(answer) == "error fault type");
  CHECK(text_of(answer, "fault") == "binary");
  client.socket().send_binary(std::string(100000, '\0'));
  client.socket().send_binary("");
  check_goes_on(client);
}

TEST_CASE("each kind of fault is answered once, in order") {
  live_server server;
  auto client = server.connect();
  for (int round = 0; round < 3; ++round) {
    client.send("garbage");
    client.send("[1]");
    client.send(R"({"type":1})");
    client.socket().send_binary("x");
  }
  const auto frames = client.rest();
  REQUIRE(frames.size() == 4);
  CHECK(text_of(frames[0], "fault") == "not_json");
  CHECK(text_of(frames[1], "fault") == "not_an_object");
  CHECK(text_of(frames[2], "fault") == "type");
  CHECK(text_of(frames[3], "fault") == "binary");
}

TEST_CASE("a fault within a streamed answer is told after its end, since an error would end it") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "5"}});
  auto client = server.connect();
  client.send(text_action("rewrite", sentences(20)));
  client.send("garbage");
  const auto answer = client.read_answer();
  CHECK(answer.complete());
  CHECK(answer.text == sentences(20));
  CHECK(text_of(client.next(), "fault") == "not_json");
}

TEST_CASE("documents deeper than 64 are no JSON; 64 is deep enough for anybody") {
  live_server server;
  auto client = server.connect();
  SECTION("64 levels") {
    client.send(R"({"type":"unknown","x":)" + nested(63, '[', ']') + "}");
    check_goes_on(client);
    CHECK(client.request(text_action("rewrite", "we was late", ",\"x\":" + nested(63, '[', ']'))).text
          == "We were late.");
  }
  SECTION("65 levels") {
    client.send(R"({"type":"unknown","x":)" + nested(64, '[', ']') + "}");
    CHECK(text_of(client.next(), "fault") == "not_json");
    check_goes_on(client);
  }
  SECTION("100,000 levels, closed and not") {
    client.send(R"({"type":"unknown","x":)" + nested(100000, '[', ']') + "}");
    CHECK(text_of(client.next(), "fault") == "not_json");
    client.send(std::string(100000, '['));
    std::string objects;
    for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
    client.send(objects);
    check_goes_on(client);
  }
}

TEST_CASE("a type of more than 64 characters is unknown, whatever it begins with") {
  live_server server;
  auto client = server.connect();
  client.send(R"({"type":")" + std::string(65, 'x') + "\"}");
  client.send(R"({"type":"text_action)" + std::string(60, ' ') + R"(","action":"rewrite","text":"x"})");
  client.send(R"({"type":")" + std::string(1 << 20, 'x') + "\"}");
  check_goes_on(client);
}

TEST_CASE("names are exact") {
  live_server server;
  auto client = server.connect();
  for (const std::string type : {"TEXT_ACTION", " text_action", "text_action ", "text-action", "text_action\\u0000"}) {
    INFO(type);
    client.send(R"({"type":")" + type + R"(","action":"rewrite","text":"x"})");
    CHECK(client.silent());
  }
}

TEST_CASE("a text of 1 MiB is taken, one byte more is refused with that request's error") {
  live_server server;
  auto client = server.connect();
  const std::string most(1024 * 1024, 'a');
  CHECK(client.request(text_action("explain", most)).complete());
  const auto more = most + "a";
  SECTION("text_action") {
    const auto answer = client.request(text_action("explain", more));
    CHECK(type_of(answer.end) == "error");
    CHECK(text_of(answer.end, "error").find("1048576") != std::string::npos);
  }
  SECTION("start_text_session") {
    client.send(R"({"type":"start_text_session","action":"explain","selected_text":")" + more + "\"}");
    CHECK(type_of(client.next()) == "text_session_error");
  }
  SECTION("additional_prompt") {
    CHECK(type_of(client.request(text_action("chat", "x", ",\"additional_prompt\":\"" + more + "\"")).end) == "error");
  }
  SECTION("newer forms") {
    client.send(R"({"type":"stop_text_session"})");
    client.send(R"({"type":"start_text_session","payload":{"session_type":"chat","content":{"selected_text":")" + more
                + R"(","user_query":""}}})");
    CHECK(type_of(client.next()) == "error");
    client.send(R"({"type":"text","payload":{"text":")" + more + "\"}}");
    CHECK(type_of(client.next()) == "error");
  }
  CHECK(client.request(text_action("rewrite", "we was late")).text == "We were late.");
}

TEST_CASE("1000 memories are taken, 1001 are refused with that request's error") {
  live_server server;
  const auto memories = [](int count) {
    std::string out = ",\"memories\":[";
    for (int i = 0; i < count; ++i)
      out += (i ? "," : "") + std::string(R"({"memory":"Fact )") + std::to_string(i) + "\"}";
    return out + "]";
  };
  auto client = server.connect();
  const auto refused = client.request(text_action("rewrite", "we was late", memories(1001)));
  CHECK(type_of(refused.end) == "error");
  CHECK(text_of(refused.end, "error").find("1000") != std::string::npos);
  client.send(R"({"type":"start_text_session","action":"rewrite","selected_text":"x")" + memories(1001) + "}");
  CHECK(type_of(client.next()) == "text_session_error");
  CHECK(client.request(text_action("rewrite", "we was late", memories(1000))).text == "We were late.");
}

TEST_CASE("a message of 16 MiB is taken, one byte more closes that connection with 1009") {
  live_server server;
  auto client = server.connect();
  constexpr std::size_t limit = 16 * 1024 * 1024;
  const std::string head = R"({"type":"unknown","x":")", tail = "\"}";
  const std::string most = head + std::string(limit - head.size() - tail.size(), 'a') + tail;
  client.send(most);
  check_goes_on(client);
  auto other = server.connect();
  other.socket().send_raw(raw_frame(1, most + " ").substr(0, 14));  // its length is enough
  CHECK(other.socket().wait_close() == 1009);
  check_goes_on(client);
}
