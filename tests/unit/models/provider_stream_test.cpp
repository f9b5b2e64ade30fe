#include "models/provider_stream.hpp"

#include "provider_play.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace troupe::models;
using script = scripted_http_client::script;

namespace {

struct fixture {
  scripted_http_client client;
  int woken = 0;

  std::unique_ptr<model_stream> open(const std::shared_ptr<const provider>& from = openai()) {
    remote_model model(from, std::shared_ptr<http_client>(&client, [](auto*) {}), "m", std::chrono::seconds(7));
    return model.open(asking(), [this] { ++woken; });
  }
};

std::string say(const std::string& text) {
  return sse({R"({"choices":[{"delta":{"content":")" + text + R"("}}]})"});
}

const std::string over = sse({R"({"choices":[{"delta":{},"finish_reason":"stop"}]})", "[DONE]"});

}  // namespace

TEST_CASE("a stream without anything to give wakes its reader when there is") {
  fixture f;
  f.client.will_do({scripted_http_client::head(200), scripted_http_client::pause(),
                    scripted_http_client::body(say("a")), scripted_http_client::pause(),
                    scripted_http_client::body(over), scripted_http_client::ended()});
  const auto stream = f.open();
  CHECK(f.client.requests.at(0).total_limit == std::chrono::seconds(7));
  auto polled = stream->poll();
  CHECK_FALSE(polled.event);
  CHECK_FALSE(polled.not_before);
  CHECK(f.woken == 0);
  CHECK(f.client.resume() == 1);
  CHECK(f.woken == 1);
  CHECK(text_of(stream->poll().event.value()) == "say a");
  CHECK_FALSE(stream->poll().event);
  CHECK(f.client.resume() == 1);
  CHECK(text_of(stream->poll().event.value()) == "ended stop 0/0/0/0");
  CHECK(f.client.finished == 1);
  CHECK(f.client.aborted == 0);
}

TEST_CASE("destroying a stream aborts its request") {
  fixture f;
  f.client.will_do({scripted_http_client::head(200), scripted_http_client::body(say("a"))});
  auto stream = f.open();
  CHECK(stream->poll().event);
  CHECK(f.client.aborted == 0);
  stream.reset();
  CHECK(f.client.aborted == 1);
}

TEST_CASE("a stream takes no more from the transfer than its reader asks for") {
  fixture f;
  f.client.will_do({scripted_http_client::head(200), scripted_http_client::body(say("a") + say("b")),
                    scripted_http_client::body(say("c")), scripted_http_client::pause()});
  const auto stream = f.open();
  CHECK(text_of(stream->poll().event.value()) == "say a");
  CHECK(text_of(stream->poll().event.value()) == "say b");
  CHECK(f.client.resume() == 0);  // has not come to the pause
  CHECK(text_of(stream->poll().event.value()) == "say c");
}

TEST_CASE("a connection that ends with the model is read to its end, one that hangs is not waited for") {
  fixture f;
  f.client.will_do({scripted_http_client::head(200), scripted_http_client::body(over), scripted_http_client::pause(),
                    scripted_http_client::ended()});
  f.client.will_do({scripted_http_client::head(200), scripted_http_client::body(over)});
  auto stream = f.open();
  auto polled = stream->poll();
  CHECK_FALSE(polled.event);
  CHECK(polled.not_before == std::chrono::milliseconds(20));
  f.client.resume();
  CHECK(text_of(stream->poll().event.value()) == "ended stop 0/0/0/0");
  CHECK(f.client.finished == 1);
  stream = f.open();
  CHECK(stream->poll().not_before);
  CHECK(text_of(stream->poll().event.value()) == "ended stop 0/0/0/0");
  CHECK(f.client.aborted == 1);
}

TEST_CASE("a peer that sends nothing but comments does not keep the actor busy") {
  fixture f;
  script events{scripted_http_client::head(200)};
  for (int i = 0; i < 200; ++i) events.push_back(scripted_http_client::body(": still here\n\n"));
  events.push_back(scripted_http_client::body(over));
  events.push_back(scripted_http_client::ended());
  f.client.will_do(std::move(events));
  const auto stream = f.open();
  const auto polled = stream->poll();
  CHECK_FALSE(polled.event);
  CHECK(polled.not_before == std::chrono::nanoseconds(0));
  CHECK(read_all(*stream, f.client) == texts{"ended stop 0/0/0/0"});
}

TEST_CASE("a failure of the transport names the provider and keeps its kind") {
  for (const auto kind :
       {failure_kind::unavailable, failure_kind::timeout, failure_kind::broken_stream, failure_kind::invalid}) {
    fixture f;
    f.client.will_do({scripted_http_client::ended({kind, "openai.example:443 refused the connection"})});
    const auto stream = f.open();
    CHECK(read_all(*stream, f.client)
          == texts{std::string("failed ") + to_string(kind) + ": openai: openai.example:443 refused the connection"});
  }
}

TEST_CASE("an error answer that breaks off still tells its status") {
  fixture f;
  f.client.will_answer(429, {{"retry-after", "1"}}, {R"({"error":{"mess)"}, {failure_kind::broken_stream, "cut"});
  const auto stream = f.open();
  CHECK(read_all(*stream, f.client) == texts{"failed quota: openai answered 429 retry 1000"});
}

TEST_CASE("an event over 16 MiB breaks the stream instead of filling memory") {
  for (const auto& from : {openai(), ollama(), gemini()}) {
    fixture f;
    std::vector<std::string> pieces(18, std::string(1024 * 1024, 'x'));
    pieces.insert(pieces.begin(), "data: {\"text\":\"");
    f.client.will_answer(200, {}, pieces);
    const auto stream = f.open(from);
    const auto events = read_all(*stream, f.client);
    REQUIRE(events.size() == 1);
    CHECK(events[0].starts_with("failed broken_stream: " + from->name() + ": "));
  }
}

TEST_CASE("JSON that is too deep breaks the stream") {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  CHECK(play_pieces(openai(), asking(), 200, {}, {sse({R"({"choices":)" + deep + "}"})})
        == texts{"failed broken_stream: openai sent an event that is no JSON object"});
}

TEST_CASE("more than 128 calls in one answer break the stream") {
  std::string calls;
  for (int i = 0; i < 129; ++i) calls += std::string(i ? "," : "") + R"({"function":{"name":"a","arguments":{}}})";
  const auto events = play_pieces(ollama(), asking(), 200, {}, {R"({"message":{"tool_calls":[)" + calls + "]}}\n"});
  REQUIRE(events.size() == 129);
  CHECK(events.back() == "failed broken_stream: ollama made more than 128 tool calls in one answer");
}

TEST_CASE("a request with nothing to answer ends at once") {
  scripted_http_client client;
  remote_model model(openai(), std::shared_ptr<http_client>(&client, [](auto*) {}), "m", {});
  const model_request empty, blank = asking("");
  auto answered = asking();
  answered.messages.push_back({chat_role::model, "Hi"});
  for (const auto& request : {empty, blank, answered}) {
    const auto stream = model.open(request, [] {});
    CHECK(read_all(*stream, client).at(0).starts_with("failed invalid: messages: the last one must"));
  }
}

TEST_CASE("whatever bytes come, a stream ends exactly once and its calls are whole") {
  const std::string gemini_answer = sse(
      {R"({"candidates":[{"content":{"parts":[{"text":"a\ud83e","thoughtSignature":"s"},{"functionCall":{"name":"f","args":{"x":[1]}}}]}}]})",
       R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}})"});
  const std::string ollama_answer =
      lines({R"({"message":{"content":"a","tool_calls":[{"function":{"name":"f","arguments":{}}}]}})",
             R"({"message":{"thinking":"b"},"done":true,"eval_count":4})"});
  const std::string openai_answer = sse(
      {R"({"choices":[{"delta":{"content":"a","tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{"}}]}}]})",
       R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]},"finish_reason":"tool_calls"}]})",
       R"({"error":{"message":"m","code":"c"}})", "[DONE]"});
  std::mt19937 random(20260101);
  for (int round = 0; round < 6000; ++round) {
    const auto from = round % 3 == 0 ? gemini() : round % 3 == 1 ? ollama() : openai();
    std::string bytes = round % 3 == 0 ? gemini_answer : round % 3 == 1 ? ollama_answer : openai_answer;
    for (unsigned changes = 1 + random() % 6; changes > 0 && !bytes.empty(); --changes) {
      const auto at = random() % bytes.size();
      if (random() % 3 == 0)
        bytes.erase(at, 1 + random() % 20);
      else if (random() % 2 == 0)
        bytes[at] = static_cast<char>(random());
      else
        bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 20));
    }
    const auto decoder = from->decoder(asking());
    decoder->feed(bytes);
    decoder->close();
    int ends = 0;
    while (auto event = decoder->next()) {
      if (event->what == model_event::kind::call && !is_json_object(event->call.arguments)) FAIL(event->call.arguments);
      if (valid_utf8(event->text) != event->text) FAIL("a text that is no UTF-8");
      REQUIRE(ends == 0);
      ends += event->what == model_event::kind::ended;
    }
    REQUIRE(ends == 1);
  }
}

TEST_CASE("a call's traceparent goes along as the header of that name, at every provider") {
  for (auto& provider : {openai(), ollama(), gemini()}) {
    scripted_http_client client;
    client.will_do({scripted_http_client::pause()});
    client.will_do({scripted_http_client::pause()});
    remote_model model(provider, std::shared_ptr<http_client>(&client, [](auto*) {}), "m", std::chrono::seconds(7));
    auto request = asking();
    (void)model.open(request, [] {});
    CHECK(header_of(client.requests.at(0), "traceparent") == "");
    request.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    (void)model.open(request, [] {});
    CHECK(header_of(client.requests.at(1), "traceparent") == request.traceparent);
    CHECK(client.requests[0].body == client.requests[1].body);
  }
}
