/// Luna contract, sections 5.2, 5.3, 7.1 and 13: the canonical text requests.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

std::string start(std::string_view action, std::string_view text, std::string_view more = {}) {
  return R"({"type":"start_text_session","action":")" + std::string(action) + R"(","selected_text":)" + quoted(text)
         + std::string(more) + "}";
}

const std::string owns_miso = R"(,"memories":[{"memory":"Owns a cat called Miso","confidence":0.8}])";

}  // namespace

TEST_CASE("the model that is to be tested is the one that answers, as Luna") {
  live_server server;
  const auto greeting = server.connect().say("Hello!");
  CHECK(greeting
        == (tested_provider().empty() ? "Hello. I am Luna, the offline agent. What would you like to tell me?"
                                      : "Hello. I am Luna."));
}

TEST_CASE("start_text_session is answered by one result, field by field") {
  live_server server;
  auto client = server.connect();
  client.send(start("rewrite", "we was late"));
  CHECK(
      client.next()
      == object_of(R"({"type":"text_session_result","action":"rewrite","result":"We were late.","status":"success"})"));
  for (const std::string action : {"explain", "chat"}) {
    INFO(action);
    client.send(start(action, "E = mc^2", R"(,"additional_prompt":"Who wrote this first?")"));
    const auto frame = client.next();
    CHECK(fields_of(frame) == "action result status type");
    CHECK(type_of(frame) == "text_session_result");
    CHECK(text_of(frame, "action") == action);
    CHECK(text_of(frame, "status") == "success");
    CHECK_FALSE(text_of(frame, "result").empty());
  }
  CHECK(client.silent());
}

TEST_CASE("text_action is answered by chunks and one complete, field by field") {
  live_server server;
  auto client = server.connect();
  for (const std::string action : {"rewrite", "explain", "chat"}) {
    INFO(action);
    const auto answer = client.request(text_action(action, "we was late"));
    CHECK(answer.before.empty());
    for (auto& piece : answer.pieces) {
      CHECK(fields_of(piece) == "data type");
      CHECK(type_of(piece) == "chunk");
    }
    CHECK(answer.end == object_of(R"({"type":"complete","data":"","session":"text"})"));
    CHECK_FALSE(answer.text.empty());
    if (action == "rewrite") CHECK(answer.text == "We were late.");
  }
  CHECK(client.silent());
}

TEST_CASE("a streamed answer and a result say the same") {
  live_server server;
  for (const std::string action : {"rewrite", "explain"}) {
    INFO(action);
    auto client = server.connect();
    const auto text = "A quasar is a very bright galaxy. It is far away.";
    const auto streamed = client.request(text_action(action, text)).text;
    CHECK_FALSE(streamed.empty());
    CHECK(client.request(start(action, text)).text == streamed);
  }
}

TEST_CASE("explain and rewrite pay no heed to additional_prompt, which may be null, missing or of a wrong type") {
  live_server server;
  auto client = server.connect();
  for (const std::string action : {"rewrite", "explain"}) {
    const auto plain = client.request(text_action(action, "the sky are blue")).text;
    for (const std::string more :
         {R"(,"additional_prompt":null)", R"(,"additional_prompt":"")", R"(,"additional_prompt":7)",
          R"(,"additional_prompt":{"a":[]})", R"(,"additional_prompt":"in French")"}) {
      INFO(action << more);
      CHECK(client.request(text_action(action, "the sky are blue", more)).text == plain);
    }
  }
}

TEST_CASE("chat answers the additional prompt about the text, and talks about the text without one") {
  live_server server;
  auto client = server.connect();
  CHECK(client
            .request(text_action("chat", "The train leaves at nine. Lunch is at noon.",
                                 R"(,"additional_prompt":"When does the train leave?")"))
            .text
        == "The highlighted text says: “The train leaves at nine.”");
  for (const std::string more : {"", R"(,"additional_prompt":null)", R"(,"additional_prompt":"")"}) {
    INFO(more);
    CHECK(server.connect().request(text_action("chat", "Hello!", more)).text.rfind("Hello. I am Luna", 0) == 0);
  }
}

TEST_CASE("what is missing is named as the contract names it") {
  live_server server;
  auto client = server.connect();
  const auto missing = [](const std::string& type, const std::string& text) {
    std::vector<std::string> out;
    for (const std::string& fields :
         {std::string(), std::string(R"(,"action":"rewrite")"), ",\"" + text + R"(":"x")",
          R"(,"action":"rewrite",")" + text + R"(":"")", R"(,"action":"",")" + text + R"(":"x")",
          R"(,"action":"rewrite",")" + text + R"(":null)", R"(,"action":null,")" + text + R"(":"x")",
          R"(,"action":"rewrite",")" + text + R"(":5)", R"(,"action":["rewrite"],")" + text + R"(":"x")",
          R"(,"action":"sing",")" + text + R"(":"")"})
      out.push_back(std::string(R"({"type":")").append(type).append("\"").append(fields).append("}"));
    return out;
  };
  for (auto& request : missing("start_text_session", "selected_text")) {
    INFO(request);
    client.send(request);
    CHECK(client.next() == object_of(R"({"type":"text_session_error","error":"Missing action or selected_text"})"));
  }
  for (auto& request : missing("text_action", "text")) {
    INFO(request);
    client.send(request);
    CHECK(client.next() == object_of(R"({"type":"error","error":"Missing action or text","session":"text"})"));
  }
  SECTION("each request has its own name for the text") {
    client.send(R"({"type":"text_action","action":"rewrite","selected_text":"x"})");
    CHECK(text_of(client.next(), "error") == "Missing action or text");
    client.send(R"({"type":"start_text_session","action":"rewrite","text":"x"})");
    CHECK(text_of(client.next(), "error") == "Missing action or selected_text");
  }
  SECTION("and the connection goes on") {
    CHECK(client.request(text_action("rewrite", "we was late")).text == "We were late.");
  }
}

TEST_CASE("an unknown action is named") {
  live_server server;
  auto client = server.connect();
  client.send(start("sing", "la"));
  CHECK(client.next() == object_of(R"({"type":"text_session_error","error":"Unsupported action: sing"})"));
  client.send(text_action("Explain", "la"));
  CHECK(client.next() == object_of(R"({"type":"error","error":"Unsupported action: Explain","session":"text"})"));
  client.send(text_action("\\u00e4\\n\\\"", "la"));
  CHECK(text_of(client.next(), "error") == "Unsupported action: ä\n\"");
}

TEST_CASE("one conversation is shared by both requests and gone after a stop") {
  live_server server;
  auto client = server.connect();
  client.request(start("chat", "I keep bees."));
  CHECK(client.say("What did I just say?") == "You said: “I keep bees.”");
  CHECK(client.request(start("chat", "What was my first message?")).text == "You said: “I keep bees.”");
  const std::string stop = GENERATE(R"({"type":"stop_text_session"})", R"({"type":"stop_session"})");
  client.send(stop);
  CHECK(client.silent());
  CHECK(client.say("What did I just say?") == "Nothing was said before in this conversation.");
}

TEST_CASE("a conversation is one connection's own") {
  live_server server;
  auto one = server.connect();
  one.say("I keep bees.");
  CHECK(server.connect().say("What did I just say?") == "Nothing was said before in this conversation.");
}

TEST_CASE("memories count when they come with the message that opens the session, and only then") {
  live_server server;
  auto client = server.connect();
  const std::string question = "What is my cat called?";
  const auto known = client.request(text_action("chat", question, owns_miso)).text;
  CHECK(known.find("Miso") != known.npos);
  auto late = server.connect();
  late.request(text_action("rewrite", "we was late"));
  const auto unknown = late.request(text_action("chat", question, owns_miso)).text;
  CHECK(unknown.find("Miso") == unknown.npos);
  late.send(R"({"type":"stop_text_session"})");
  CHECK(late.request(text_action("chat", question, owns_miso)).text == known);
}

TEST_CASE("memories of a wrong type are none, and items of a wrong type are passed over") {
  live_server server;
  for (const std::string memories : {"null", "5", "\"x\"", "true", "{}", R"({"memories":null})", "[]",
                                     "[1,null,[],\"x\",{}]", R"([{"memory":5},{"confidence":1},{"memory":""}])"}) {
    INFO(memories);
    auto client = server.connect();
    CHECK(client.request(text_action("rewrite", "we was late", ",\"memories\":" + memories)).text == "We were late.");
  }
  for (const std::string memories : {R"([7,{"memory":"Owns a cat called Miso"}])",
                                     R"([{"memory":"Owns a cat called Miso","confidence":"high","id":null}])",
                                     R"([{"text":"Owns a cat called Miso","id":"m1","last_updated":5}])",
                                     R"({"memories":[{"memory":"Owns a cat called Miso","id":3,"confidence":0.9}]})"}) {
    INFO(memories);
    const auto answer =
        server.connect().request(text_action("chat", "What is my cat called?", ",\"memories\":" + memories)).text;
    CHECK(answer.find("Miso") != answer.npos);
  }
}

TEST_CASE("unknown fields, escapes and the order of fields carry no meaning") {
  live_server server;
  auto client = server.connect();
  CHECK(client
            .request(R"({ "extra": {"a":[1,{}]}, "text" : "we was l\u0061te",
                            "\u0061ction":"rewrite", "session":"x", "type":"text_action" })")
            .text
        == "We were late.");
  CHECK(client.request(text_action("rewrite", "grüße and \xF0\x9F\x8E\xAD are here")).text
        == "Grüße and \xF0\x9F\x8E\xAD are here.");
}
