// The providers against aimock: conversations that go well.

#include "aimock.hpp"
#include "model_call.hpp"
#include "support/catch.hpp"

#include <set>

using namespace troupe;
using namespace troupe::test;
namespace json = boost::json;

namespace {

const std::string mixed_text = "Grüße aus Köln, 東京 and Ελλάδα: it all arrives.";

json::object body_of(const json::value& entry) {
  return entry.at("body").as_object();
}

std::string text_at(const json::object& from, const char* field) {
  const auto* value = from.if_contains(field);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::vector<std::string> roles_of(const json::object& body) {
  std::vector<std::string> out;
  for (auto& each : body.at("messages").as_array()) out.push_back(text_at(each.as_object(), "role"));
  return out;
}

std::vector<tool_spec> two_tools() {
  return {{"add", "Adds two numbers.", R"({"type":"object","properties":{"a":{"type":"number"}}})"},
          {"find", "Finds a word.", R"({"type":"object","properties":{"word":{"type":"string"}}})"}};
}

/// aimock gives Ollama's numbers of tokens as 0, whatever the fixture says.
model_usage usage_from(provider_kind kind, std::uint32_t input, std::uint32_t output) {
  model_usage out;
  if (kind == provider_kind::ollama) return out;
  out.input = input;
  out.output = output;
  return out;
}

}  // namespace

TEST_CASE("a text comes in pieces, whole and in order, with its cost and one end") {
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"endpoint":"chat"},"chunkSize":3,"response":{"content":)"
            + json::serialize(json::string(mixed_text)) + R"(,"usage":{"prompt_tokens":11,"completion_tokens":7}}}])");
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    const auto answer = ask(*model_at(mock.url(), kind), asking("Hello"));
    CHECK(answer.text == mixed_text);
    CHECK(answer.deltas > 3);
    CHECK(answer.ends == 1);
    CHECK(answer.end.error.message == "");
    CHECK(answer.end.reason == finish_reason::stop);
    CHECK(answer.end.usage == usage_from(kind, 11, 7));
  }
}

TEST_CASE("characters cut in two between pieces do not break an answer") {
  // aimock cuts UTF-16, so that a piece may end in half a character; the real
  // providers do not. What is cut may be lost, what is around it may not.
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"endpoint":"chat"},"chunkSize":1,"response":{"content":"a🎉b"}}])");
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    const auto answer = ask(*model_at(mock.url(), kind), asking("Hello"));
    CHECK(answer.ends == 1);
    CAPTURE(answer.end.error.message, answer.text);
    CHECK((answer.end.error.kind == failure_kind::none || answer.end.error.kind == failure_kind::broken_stream));
    CHECK(answer.text.starts_with("a"));
  }
}

TEST_CASE("an answer that the token limit cut ends with its reason") {
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"endpoint":"chat"},"response":{"content":"cut","finishReason":"length"}}])");
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    const auto answer = ask(*model_at(mock.url(), kind), asking("Hello"));
    CHECK(answer.text == "cut");
    // aimock's Ollama always says "stop".
    const auto expected = kind == provider_kind::ollama ? finish_reason::stop : finish_reason::length;
    CHECK(answer.end.reason == expected);
  }
}

TEST_CASE("what a model thinks is no part of its reply") {
  // aimock's Ollama calls it reasoning_content; Ollama itself says thinking.
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"endpoint":"chat"},"response":{"content":"Four.","reasoning":"Two and two, then."}}])");
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    const auto answer = ask(*model_at(mock.url(), kind), asking("2 + 2?"));
    CHECK(answer.text == "Four.");
    CHECK(answer.thoughts == "Two and two, then.");
    CHECK(answer.ends == 1);
  }
}

TEST_CASE("several tool calls in one reply arrive whole, in order, each with an id of its own") {
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"endpoint":"chat"},"chunkSize":2,"response":{"content":"Let me see.","toolCalls":[
    {"name":"add","arguments":{"a":1,"b":[2,3]},"id":"call_1"},
    {"name":"add","arguments":{"a":4},"id":"call_2"},
    {"name":"find","arguments":{"word":"käse \"}{\""},"id":"call_3"}]}}])");
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    auto request = asking("Add and find");
    request.tools = two_tools();
    const auto answer = ask(*model_at(mock.url(), kind), request);
    CHECK(answer.text == "Let me see.");
    CHECK(answer.ends == 1);
    CHECK(answer.end.error.message == "");
    REQUIRE(answer.calls.size() == 3);
    CHECK(answer.calls[0].name == "add");
    CHECK(answer.calls[2].name == "find");
    CHECK(json::parse(answer.calls[0].arguments) == json::parse(R"({"a":1,"b":[2,3]})"));
    CHECK(json::parse(answer.calls[1].arguments) == json::parse(R"({"a":4})"));
    CHECK(json::parse(answer.calls[2].arguments) == json::parse(R"({"word":"käse \"}{\""})"));
    std::set<std::string> ids;
    for (auto& call : answer.calls) ids.insert(call.id);
    CHECK(ids.size() == 3);
    // aimock's Ollama leaves the ids out, as older versions of Ollama do.
    if (kind != provider_kind::ollama) CHECK(answer.calls[1].id == "call_2");
  }
}

TEST_CASE("tools and their results go to the model and back") {
  auto& mock = aimock::running();
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    mock.play(R"([
      {"match":{"endpoint":"chat","hasToolResult":false,"toolName":"find"},
       "response":{"toolCalls":[{"name":"add","arguments":{"a":1},"id":"call_1"},
                                {"name":"find","arguments":{"word":"x"},"id":"call_2"}]}},
      {"match":{"endpoint":"chat","toolResultContains":"not in the book"},"response":{"content":"Done."}}])");
    const auto model = model_at(mock.url(), kind);
    auto request = asking("Go");
    request.tools = two_tools();
    const auto first = ask(*model, request);
    REQUIRE(first.calls.size() == 2);

    chat_message called;
    called.role = chat_role::model;
    called.calls = first.calls;
    called.opaque = first.end.opaque;
    chat_message results;
    results.role = chat_role::tool;
    results.results = {{first.calls[0].id, "add", "42", false}, {first.calls[1].id, "find", "not in the book", true}};
    request.messages.push_back(called);
    request.messages.push_back(results);
    const auto second = ask(*model, request);
    CHECK(second.text == "Done.");
    CHECK(second.end.error.message == "");

    const auto seen = mock.seen();
    REQUIRE(seen.size() == 2);
    CHECK(body_of(seen[0]).at("tools").as_array().size() == 2);
    const auto body = body_of(seen[1]);
    CHECK(roles_of(body) == std::vector<std::string>{"system", "user", "assistant", "tool", "tool"});
    CHECK(text_at(body.at("messages").at(0).as_object(), "content").find("You are a test.") != std::string::npos);
    const auto& calls = body.at("messages").at(2).at("tool_calls").as_array();
    REQUIRE(calls.size() == 2);
    CHECK(calls[1].at("function").at("name").as_string() == "find");
    CHECK(text_at(body.at("messages").at(3).as_object(), "content").find("42") != std::string::npos);
    // aimock drops Ollama's tool_name and ids of results.
    if (kind == provider_kind::ollama) continue;
    CHECK(body.at("messages").at(3).at("tool_call_id") == calls[0].at("id"));
    CHECK(body.at("messages").at(4).at("tool_call_id") == calls[1].at("id"));
  }
}

TEST_CASE("one connection serves call after call, many calls at once each get their own answer") {
  auto& mock = aimock::running();
  std::string fixtures = "[";
  for (int i = 0; i < 12; ++i)
    fixtures += (i == 0 ? "" : ",") + std::string(R"({"match":{"userMessage":"number )") + std::to_string(100 + i)
                + R"("},"chunkSize":4,"latency":1,"response":{"content":"the answer is )" + std::to_string(100 + i)
                + R"("}})";
  mock.play(fixtures + "]");
  const auto client = real_client();
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    const auto model = model_at(mock.url(), kind, client);
    std::vector<std::unique_ptr<model_call>> calls;
    for (int i = 0; i < 12; ++i)
      calls.push_back(std::make_unique<model_call>(*model, asking("number " + std::to_string(100 + i))));
    for (int i = 0; i < 12; ++i) {
      const auto answer = calls[i]->rest();
      CHECK(answer.text == "the answer is " + std::to_string(100 + i));
      CHECK(answer.ends == 1);
    }
  }
}

TEST_CASE("the models of a server are listed by name") {
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"model":"one-model"},"response":{"content":"x"}},
                {"match":{"model":"other-model"},"response":{"content":"x"}}])");
  const auto client = real_client();
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    const auto provider = models::make_provider(kind, settings_at(mock.url()));
    REQUIRE(provider);
    auto rung = std::make_shared<bell>();
    models::model_list list(*provider, *client, [rung] { rung->ring(); });
    auto names = list.poll();
    while (!names && rung->wait(20s)) names = list.poll();
    REQUIRE(names);
    CHECK_FALSE(list.poll());
    if (kind == provider_kind::gemini) {
      // aimock has no list of Gemini's models.
      CHECK(names->error.message.find("gemini answered 404") == 0);
      continue;
    }
    CHECK(names->error.message == "");
    CHECK(names->names == std::vector<std::string>{"one-model", "other-model"});
  }
}
