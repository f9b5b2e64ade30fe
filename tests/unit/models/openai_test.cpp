#include "provider_play.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

std::string chunk(const std::string& delta, const std::string& reason = "null") {
  return R"({"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{)" + delta
         + R"(},"finish_reason":)" + reason + "}]}";
}

std::string piece(const std::string& inner) {
  return chunk(R"("tool_calls":[{)" + inner + "}]");
}

const std::string usage =
    R"({"id":"c","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":5}}})";

}  // namespace

TEST_CASE("an OpenAI server is asked in its own form, with the key as bearer") {
  model_request request;
  request.system = "Be brief.";
  request.tools.push_back({"now", "The time", R"({"type":"object","properties":{"zone":{"type":"string"}}})"});
  chat_message picture{chat_role::user, "And this?"};
  picture.media = {{"image/png", shared_bytes("abcd")}};
  chat_message wish{chat_role::model, ""};
  wish.calls = {{"c1", "now", R"({ "zone": "UTC" })", ""}};
  chat_message result;
  result.role = chat_role::tool;
  result.results = {{"c1", "now", "no clock", true}};
  request.messages = {{chat_role::user, "Time?"}, wish, result, {chat_role::model, "None."}, picture};
  const auto asked = openai()->chat("gpt-4o-mini", request);
  CHECK(asked.url == "https://openai.example/v1/chat/completions");
  CHECK(header_of(asked, "authorization") == "Bearer " + secret);
  CHECK(same_form(asked.body)
        == same_form(R"({"model":"gpt-4o-mini","stream":true,"stream_options":{"include_usage":true},"messages":[
    {"role":"system","content":"Be brief."},
    {"role":"user","content":"Time?"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"now","arguments":"{ \"zone\": \"UTC\" }"}}]},
    {"role":"tool","tool_call_id":"c1","content":"Error: no clock"},
    {"role":"assistant","content":"None."},
    {"role":"user","content":[{"type":"text","text":"And this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,YWJjZA=="}}]}],
    "tools":[{"type":"function","function":{"name":"now","description":"The time","parameters":{"type":"object","properties":{"zone":{"type":"string"}}}}}]})"));
  const auto without_key = models::make_openai({"http://127.0.0.1:8080/v1", ""});
  CHECK(without_key->ready().kind == failure_kind::none);
  CHECK(header_of(without_key->chat("m", asking()), "authorization").empty());
  CHECK(models::make_openai({"https://api.openai.com/v1", ""})->ready().kind == failure_kind::auth);
}

TEST_CASE("an OpenAI server's text, thoughts and usage come out in order") {
  CHECK(play(openai(), sse({chunk(R"("role":"assistant","content":"")"), chunk(R"("reasoning_content":"Hmm")"),
                            chunk(R"("reasoning":"so")"), chunk(R"("content":"Guten ")"),
                            chunk(R"("content":"Tag 🦉")"), chunk("", R"("stop")"), usage, "[DONE]"}))
        == texts{"think Hmm", "think so", "say Guten ", "say Tag 🦉", "ended stop 9/12/5/4"});
  CHECK(play(openai(), sse({chunk(R"("content":"a")"), chunk("", R"("length")"), "[DONE]"})).back()
        == "ended length 0/0/0/0");
  CHECK(play(openai(), sse({chunk(R"("content":"a")"), chunk("", R"("stop")")})).back()
        == "ended stop 0/0/0/0");                                                                    // no [DONE]
  CHECK(play(openai(), sse({chunk(R"("content":"a")"), "[DONE]"})).back() == "ended stop 0/0/0/0");  // no reason
  CHECK(play(openai(), sse({chunk(R"("content":"a")"), chunk("", R"("content_filter")"), usage, "[DONE]"}))
        == texts{"say a", "failed filtered: openai's filter stopped the answer (content_filter)"});
  CHECK(play(openai(), sse({chunk(R"("content":"a")"), chunk("", R"("content_filter")")})).back()
        == "failed filtered: openai's filter stopped the answer (content_filter)");
}

TEST_CASE("calls come in pieces and are given when whole") {
  CHECK(play(openai(), sse({piece(R"("index":0,"id":"c1","type":"function","function":{"name":"a","arguments":""})"),
                            piece(R"("index":0,"function":{"arguments":"{\"x\":"})"),
                            piece(R"("index":0,"function":{"arguments":"\"ü\"}"})"),
                            piece(R"("index":1,"id":"c2","function":{"name":"b","arguments":""})"),
                            chunk(R"("content":"!")"), chunk("", R"("tool_calls")"), usage, "[DONE]"}))
        == texts{R"(call c1 a {"x":"ü"})", "say !", "call c2 b {}", "ended stop 9/12/5/4"});
}

TEST_CASE("interleaved pieces find their calls, which are given in order") {
  CHECK(
      play(openai(), sse({piece(R"("index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\""})"),
                          piece(R"("index":1,"id":"c2","function":{"name":"b","arguments":"{}"})"),
                          piece(R"("index":0,"function":{"arguments":":1}"})"),
                          piece(R"("index":1,"function":{"arguments":"\n"})"),
                          piece(R"("index":2,"id":"c3","function":{"name":"c","arguments":"{"})"),
                          chunk(R"("content":"-")"), piece(R"("index":1,"function":{"arguments":""})"),
                          piece(R"("index":2,"function":{"arguments":"}"})"), chunk("", R"("tool_calls")"), "[DONE]"}))
      == texts{R"(call c1 a {"x":1})", "call c2 b {}\n", "say -", "call c3 c {}", "ended stop 0/0/0/0"});
}

TEST_CASE("servers that leave out index or id, or repeat them, are understood") {
  const auto end = texts{"ended stop 0/0/0/0"};
  const auto calls = texts{R"(call c1 a {"x":1})", "call c2 b {}", "ended stop 0/0/0/0"};
  // no index
  CHECK(play(openai(), sse({piece(R"("id":"c1","function":{"name":"a","arguments":"{\"x\":"})"),
                            piece(R"("function":{"arguments":"1}"})"),
                            piece(R"("id":"c2","function":{"name":"b","arguments":"{}"})"), "[DONE]"}))
        == calls);
  // one index for all
  CHECK(play(openai(), sse({piece(R"("index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\":1}"})"),
                            piece(R"("index":0,"id":"c2","function":{"name":"b","arguments":"{"})"),
                            piece(R"("index":0,"function":{"arguments":"}"})"), "[DONE]"}))
        == calls);
  // id and name in every piece
  CHECK(play(openai(), sse({piece(R"("index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\":"})"),
                            piece(R"("index":0,"id":"c1","function":{"name":"a","arguments":"1}"})"),
                            piece(R"("index":1,"id":"c2","function":{"name":"b","arguments":"{}"})"), "[DONE]"}))
        == calls);
  // no id, and arguments as an object
  CHECK(play(openai(), sse({piece(R"("index":0,"function":{"name":"a","arguments":{"x":1}})"), "[DONE]"}))
        == texts{R"(call call_1 a {"x":1})", "ended stop 0/0/0/0"});
}

TEST_CASE("arguments that never become a JSON object end the call and name the tool") {
  const std::string message = "failed upstream: openai called the tool a with arguments that are no JSON object";
  CHECK(play(openai(), sse({piece(R"("index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\":"})"),
                            chunk("", R"("length")"), "[DONE]"}))
        == texts{message});
  CHECK(play(openai(), sse({piece(R"("index":0,"id":"c1","function":{"name":"a","arguments":"[]"})"), "[DONE]"}))
        == texts{message});
  CHECK(play(openai(), sse({piece(R"("index":0,"id":"c1","function":{"name":"a","arguments":"{}"})"),
                            piece(R"("index":1,"id":"c2","function":{"name":"b"})"),
                            piece(R"("index":0,"function":{"arguments":"{}"})"), "[DONE]"}))
        == texts{"call c1 a {}", "failed broken_stream: openai went on with the arguments of a call that were whole"});
}

TEST_CASE("an OpenAI stream that stops short is broken") {
  CHECK(play(openai(), sse({chunk(R"("content":"a")")}))
        == texts{"say a", "failed broken_stream: openai ended its answer without saying so"});
  CHECK(play(openai(), sse({chunk(R"("content":"a")"), "{]"}))
        == texts{"say a", "failed broken_stream: openai sent an event that is no JSON object"});
  CHECK(play(openai(), sse({chunk(R"("content":"a")"), "[1]"})).back()
        == "failed broken_stream: openai sent an event that is no JSON object");
}

TEST_CASE("an OpenAI server's errors in the middle of a stream have kinds") {
  const auto failed = [](const std::string& error) {
    return play(openai(), sse({chunk(R"("content":"a")"), R"({"error":)" + error + "}"})).back();
  };
  CHECK(failed(R"({"message":"The server had an error.","type":"server_error","code":null})")
        == "failed overload: openai broke off with an error: The server had an error");
  CHECK(failed(R"({"message":"Too fast","type":"tokens","code":"rate_limit_exceeded"})").starts_with("failed quota: "));
  CHECK(failed(R"({"message":"Provider returned error","code":502})").starts_with("failed overload: "));
  CHECK(failed(R"("boom")") == "failed upstream: openai broke off with an error: boom");
}

TEST_CASE("half a surrogate pair, as JavaScript cuts it, does not break the stream") {
  CHECK(play(openai(),
             sse({chunk(R"("content":"a\ud83e")"), chunk(R"("content":"\udd89b \ud83e\udd89 \\ud83e")"), "[DONE]"}))
        == texts{"say a\uFFFD",
                 "say \uFFFD"
                 "b 🦉 \\ud83e",
                 "ended stop 0/0/0/0"});
}
