// The Luna conversation with a real provider's protocol behind it: what does not
// depend on the offline agent's words holds for every model.

#include "luna_stage.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <fstream>

using namespace troupe;
using namespace troupe::test;

namespace {

const std::string mixed = "Grüße aus Köln, 東京: it all arrives.";

/// Answers to `number N` and to anything else, slow enough to be seen streaming.
std::string numbered_answers(int count, int latency) {
  std::string out = "[";
  for (int i = 0; i < count; ++i)
    out += R"({"match":{"userMessage":"number )" + std::to_string(100 + i) + R"("},"chunkSize":4,"latency":)"
           + std::to_string(latency) + R"(,"response":{"content":"the answer is )" + std::to_string(100 + i)
           + R"("}},)";
  return out + R"({"match":{"endpoint":"chat"},"chunkSize":5,"response":{"content":)" + test::quoted(mixed) + "}}]";
}

std::size_t roles(const boost::json::value& entry, std::string_view role) {
  std::size_t count = 0;
  for (auto& each : entry.at("body").at("messages").as_array())
    if (text_of(each.as_object(), "role") == role) ++count;
  return count;
}

}  // namespace

TEST_CASE("the conversation with a provider's model, from its first request to its end") {
  auto& mock = aimock::running();
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    mock.play(numbered_answers(24, 1));
    live_server server(settings_of(kind, mock.url()));
    auto client = server.connect();

    for (const std::string action : {"rewrite", "explain", "chat"}) {
      CAPTURE(action);
      const auto answer = client.request(text_action(action, "we was late"));
      CHECK(answer.before.empty());
      CHECK_FALSE(answer.pieces.empty());
      for (auto& piece : answer.pieces) CHECK(fields_of(piece) == "data type");
      CHECK(answer.end == object_of(R"({"type":"complete","data":"","session":"text"})"));
      CHECK(answer.text == mixed);
    }
    client.send(text_session("chat", "hello"));
    const auto result = client.next();
    CHECK(fields_of(result) == "action result status type");
    CHECK(text_of(result, "result") == mixed);
    CHECK(text_of(result, "status") == "success");

    // The model is told what was said before, by whom; not what ended with the session.
    const auto before = mock.seen();
    REQUIRE(before.size() == 4);
    CHECK(roles(before[0], "user") == 1);
    CHECK(roles(before[3], "user") == 4);
    CHECK(roles(before[3], "assistant") == 3);
    CHECK(roles(before[3], "system") == 1);
    client.send(R"({"type":"stop_text_session"})");
    CHECK(client.request(text_action("chat", "hello again")).text == mixed);
    CHECK(roles(mock.seen().at(4), "user") == 1);
    CHECK(client.silent());

    // Many at once, answered in order; another client at the same time.
    auto other = server.connect();
    for (int i = 0; i < 12; ++i) {
      client.send(text_action("chat", "number " + std::to_string(100 + i)));
      other.send(text_action("chat", "number " + std::to_string(112 + i)));
    }
    for (int i = 0; i < 12; ++i) {
      CHECK(client.read_answer().text == "the answer is " + std::to_string(100 + i));
      CHECK(other.read_answer().text == "the answer is " + std::to_string(112 + i));
    }
    CHECK(client.silent());
    server.crash();
    CHECK(server.output().find("test-key") == std::string::npos);
  }
}

TEST_CASE("a newer session with a provider's model, and a text that cancels the answer before it") {
  auto& mock = aimock::running();
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    mock.play(R"([{"match":{"userMessage":"endless"},"chunkSize":4,"latency":5,"response":{"content":)"
              + test::quoted(sentences(300)) + R"(}},{"match":{"endpoint":"chat"},"response":{"content":"Short."}}])");
    live_server server(settings_of(kind, mock.url()));
    auto client = server.connect();
    client.send(
        R"({"type":"start_text_session","payload":{"session_type":"chat","content":{"selected_text":"endless","user_query":""}}})");
    CHECK(type_of(client.next()) == "text_session_started");
    CHECK(type_of(client.next()) == "text_content");
    client.send(R"({"type":"text","payload":{"text":"And now?"}})");
    const auto answer = client.read_answer();
    CHECK(type_of(answer.end) == "complete");
    CHECK(answer.text.ends_with("Short."));
    CHECK(answer.text.size() < sentences(300).size());
    client.send(R"({"type":"stop_text_session"})");
    CHECK(client.next() == object_of(R"({"type":"text_session_ended"})"));
    CHECK(client.silent());
  }
}

TEST_CASE("a model's call of a tool on a real MCP server comes back to it as the tool's result") {
  auto& mock = aimock::running();
  temporary_folder folder;
  std::ofstream(folder.file("troupe.toml"))
      << "[mcp.everything]\ncommand = [" << test::quoted(node_program()) << ", "
      << test::quoted(npm_file("node_modules/@modelcontextprotocol/server-everything/dist/index.js"))
      << ", \"stdio\"]\n";
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    mock.play(R"([
      {"match":{"endpoint":"chat","toolName":"get-sum","hasToolResult":false},"response":{"toolCalls":[
        {"name":"echo","arguments":{"message":"there and back"},"id":"call_1"},
        {"name":"get-sum","arguments":{"a":40,"b":2},"id":"call_2"}]}},
      {"match":{"endpoint":"chat","toolResultContains":"is 42"},"response":{"content":"It is 42."}},
      {"match":{"endpoint":"chat"},"response":{"content":"No tools yet."}}])");
    live_server server(settings_of(kind, mock.url()), {"--config", folder.file("troupe.toml")});
    auto client = server.connect();
    // The tools are there once their server has started; until then it answers without.
    std::string said = "No tools yet.";
    for (int i = 0; i < 1000 && said == "No tools yet."; ++i) said = client.say("What is 40 + 2?");
    CHECK(said == "It is 42.");
    // If it took many turns, a question for their summary may have come after it.
    const auto seen = mock.seen();
    const auto answered =
        std::find_if(seen.rbegin(), seen.rend(), [](auto& entry) { return roles(entry, "tool") > 0; });
    REQUIRE(answered != seen.rend());
    CHECK(roles(*answered, "tool") == 2);
    CHECK(serialize(answered->at("body")).find("Echo: there and back") != std::string::npos);
    CHECK(client.silent());
  }
}
