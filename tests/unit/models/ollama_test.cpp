#include "provider_play.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

std::string line(const std::string& inner) {
  return R"({"model":"llama3.2","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant",)" + inner
         + R"(},"done":false})";
}

std::string done(const std::string& reason = R"("done_reason":"stop",)") {
  return R"({"model":"llama3.2","message":{"role":"assistant","content":""},)" + reason
         + R"("done":true,"total_duration":5,"prompt_eval_count":26,"eval_count":7})";
}

}  // namespace

TEST_CASE("ollama is asked in its own form") {
  model_request request;
  request.system = "Be brief.";
  request.tools.push_back({"now", "The time", ""});
  chat_message picture{chat_role::user, "And this?"};
  picture.media = {{"image/png", shared_bytes("abcd")}, {"audio/wav", shared_bytes("x")}};
  chat_message wish{chat_role::model, ""};
  wish.calls = {{"call_1", "now", R"({"zone":"UTC"})", ""}};
  chat_message result;
  result.role = chat_role::tool;
  result.results = {{"call_1", "now", "12:00", false}};
  request.messages = {{chat_role::user, "Time?"}, wish, result, {chat_role::model, "Noon."}, picture};
  const auto asked = ollama()->chat("llama3.2", request);
  CHECK(asked.url == "http://ollama.example:11434/api/chat");
  CHECK(same_form(asked.body) == same_form(R"({"model":"llama3.2","stream":true,"messages":[
    {"role":"system","content":"Be brief."},
    {"role":"user","content":"Time?"},
    {"role":"assistant","content":"","tool_calls":[{"id":"call_1","function":{"name":"now","arguments":{"zone":"UTC"}}}]},
    {"role":"tool","tool_name":"now","tool_call_id":"call_1","content":"12:00"},
    {"role":"assistant","content":"Noon."},
    {"role":"user","content":"And this?\n[A file of type audio/wav was attached here; this model cannot read it.]","images":["YWJjZA=="]}],
    "tools":[{"type":"function","function":{"name":"now","description":"The time","parameters":{"type":"object","properties":{}}}}]})"));
}

TEST_CASE("ollama's text, thoughts, calls and usage come out in order") {
  CHECK(
      play(
          ollama(),
          lines(
              {line(R"("content":"","thinking":"Hmm")"), line(R"("content":"Guten ")"), line(R"("content":"Tag 🦉")"),
               line(
                   R"("content":"","tool_calls":[{"function":{"name":"a","arguments":{"x":1}}},{"id":"own","function":{"index":1,"name":"b","arguments":{}}}])"),
               done()}))
      == texts{"think Hmm", "say Guten ", "say Tag 🦉", R"(call call_1 a {"x":1})", "call own b {}",
               "ended stop 26/7/0/0"});
  CHECK(play(ollama(), lines({line(R"("content":"a")"), done(R"("done_reason":"length",)")})).back()
        == "ended length 26/7/0/0");
  CHECK(play(ollama(), lines({done("")})) == texts{"ended stop 26/7/0/0"});
  CHECK(play(ollama(), done()) == texts{"ended stop 26/7/0/0"});  // without the last line's end
}

TEST_CASE("made-up ids go on where the conversation left off, and a repeated id is replaced") {
  auto request = asking();
  chat_message wish{chat_role::model, ""};
  wish.calls = {{"call_4", "a", "{}", ""}, {"own", "a", "{}", ""}};
  request.messages.push_back(wish);
  request.messages.push_back({chat_role::user, "Again"});
  CHECK(
      play(
          ollama(),
          lines(
              {line(
                   R"("tool_calls":[{"function":{"name":"a","arguments":{}}},{"id":"own","function":{"name":"a","arguments":{}}},{"id":"new","function":{"name":"a","arguments":{}}},{"id":"new","function":{"name":"a","arguments":{}}}])"),
               done()}),
          request)
      == texts{"call call_5 a {}", "call call_6 a {}", "call new a {}", "call call_7 a {}", "ended stop 26/7/0/0"});
}

TEST_CASE("arguments that are no JSON object end the call and name the tool") {
  for (const std::string bad : {"[1]", "\"text\"", "5"})
    CHECK(play(ollama(),
               lines({line(R"("tool_calls":[{"function":{"name":"look_up","arguments":)" + bad + "}}]"), done()}))
          == texts{"failed upstream: ollama called the tool look_up with arguments that are no JSON object"});
  CHECK(play(ollama(), lines({line(R"("tool_calls":[{"function":{"arguments":{}}}])"), done()}))
        == texts{"failed broken_stream: ollama called a tool without naming it"});
}

TEST_CASE("an ollama stream that stops short or is no JSON is broken") {
  CHECK(play(ollama(), lines({line(R"("content":"a")")}))
        == texts{"say a", "failed broken_stream: ollama ended its answer without saying so"});
  CHECK(play(ollama(), lines({line(R"("content":"a")"), R"({"mess)"})).back()
        == "failed broken_stream: ollama sent a line that is no JSON object");
  CHECK(play(ollama(), "hello\n") == texts{"failed broken_stream: ollama sent a line that is no JSON object"});
}

TEST_CASE("ollama's errors come out, before and in the middle of a stream") {
  CHECK(play(ollama(), lines({line(R"("content":"a")"),
                              R"({"error":"an error was encountered while running the model: out of memory"})"}))
        == texts{"say a",
                 "failed upstream: ollama broke off with an error: an error was encountered while running the "
                 "model: out of memory"});
  CHECK(play(ollama(), R"({"error":"model \"nope\" not found, try pulling it first"})", asking(), 404)
        == texts{R"(failed upstream: ollama answered 404: model "nope" not found, try pulling it first)"});
}
