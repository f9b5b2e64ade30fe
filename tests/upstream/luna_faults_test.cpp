// Whatever a provider does, a Luna client gets its end or its error, exactly one.

#include "luna_stage.hpp"
#include "relay.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace troupe;
using namespace troupe::test;

namespace {

/// By what the user says. `cut` and `stall` come after some text.
const std::string faulty = R"([
  {"match":{"userMessage":"drop"},"chaos":{"dropRate":1},"response":{"content":"x"}},
  {"match":{"userMessage":"limit"},"chaos":{"rateLimitRate":1},"response":{"content":"x"}},
  {"match":{"userMessage":"minute"},"response":{"error":{"message":"slow down"},"status":429,"retryAfter":60}},
  {"match":{"userMessage":"key"},"response":{"error":{"message":"bad key test-key"},"status":401}},
  {"match":{"userMessage":"garbage"},"chaos":{"malformedRate":1},"response":{"content":"x"}},
  {"match":{"userMessage":"hang up"},"chaos":{"disconnectRate":1},"response":{"content":"x"}},
  {"match":{"userMessage":"cut"},"chunkSize":4,"latency":1,"truncateAfterChunks":3,
   "response":{"content":"one two three four five six"}},
  {"match":{"userMessage":"stall"},"chunkSize":4,"response":{"content":"one two three four five six"},
   "recordedTimings":{"ttftMs":0,"totalDurationMs":1,"interChunkDelaysMs":[0,0,60000]}},
  {"match":{"userMessage":"silence"},"chaos":{"latencyMs":30000},"response":{"content":"x"}},
  {"match":{"endpoint":"chat"},"response":{"content":"All is well."}}])";

struct luna_at {
  explicit luna_at(provider_kind kind, const std::string& url)
      : name(name_of(kind)),
        server(settings_of(kind, url, {{"MODEL_CALL_LIMIT_MS", "1500"}})),
        client(server.connect()) {}
  std::string name;
  live_server server;
  luna_client client;
};

}  // namespace

TEST_CASE("under every fault of its provider a client gets one error, and the next answer") {
  auto& mock = aimock::running();
  mock.play(faulty);
  std::vector<std::unique_ptr<luna_at>> all;
  for (const auto kind : every_provider) all.push_back(std::make_unique<luna_at>(kind, mock.url()));
  for (const std::string words : {"drop", "limit", "minute", "key", "garbage", "hang up", "cut", "stall", "silence"}) {
    // All three at once, since some faults are tried again for a while.
    for (auto& luna : all) luna->client.send(text_action("chat", words));
    for (auto& luna : all) {
      CAPTURE(luna->name, words);
      const auto answer = luna->client.read_answer();
      CHECK(fields_of(answer.end) == "error session type");
      CHECK(type_of(answer.end) == "error");
      const auto said = text_of(answer.end, "error");
      CAPTURE(said);
      CHECK(said.size() > 10);
      CHECK(said.find("test-key") == std::string::npos);
      const bool began = words == "cut" || words == "stall";
      CHECK((began ? answer.text.starts_with("one ") : answer.text.empty()));
      CHECK(luna->client.say("go on") == "All is well.");
      CHECK(luna->client.silent());
    }
  }
}

TEST_CASE("a request of the older form gets its own error") {
  auto& mock = aimock::running();
  mock.play(faulty);
  for (const auto kind : every_provider) {
    luna_at luna(kind, mock.url());
    CAPTURE(luna.name);
    const auto answer = luna.client.request(text_session("chat", "key"));
    CHECK(type_of(answer.end) == "text_session_error");
    CHECK(luna.client.silent());
  }
}

TEST_CASE("a provider that stumbles once is asked again, and the client sees nothing of it") {
  auto& mock = aimock::running();
  for (const auto kind : every_provider) {
    mock.play(R"([
      {"match":{"userMessage":"hello","sequenceIndex":0},"chaos":{"dropRate":1},"response":{"content":"x"}},
      {"match":{"userMessage":"hello","sequenceIndex":1},"response":{"content":"All is well."}}])");
    luna_at luna(kind, mock.url());
    CAPTURE(luna.name);
    const auto answer = luna.client.request(text_action("chat", "hello"));
    CHECK(answer.text == "All is well.");
    CHECK(answer.complete());
    CHECK(mock.seen().size() == 2);
    CHECK(luna.client.silent());
  }
}

TEST_CASE("a provider sees within 50 ms that a client stopped its answer, or left") {
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"endpoint":"chat"},"chunkSize":5,"response":{"content":"aaaa bbbb cccc dddd"},
                 "recordedTimings":{"ttftMs":0,"totalDurationMs":1,"interChunkDelaysMs":[0,0,60000]}}])");
  scripted_http_server relay(relay_up_to(mock.port(), "aaaa"));
  std::size_t connection = 0;
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    live_server server(settings_of(kind, relay.url("")));
    std::vector<std::chrono::nanoseconds> times;
    for (int i = 0; i < 6; ++i, ++connection) {
      auto client = std::make_unique<luna_client>(server.connect());
      client->send(text_action("chat", "hello"));
      CHECK(type_of(client->next()) == "chunk");
      const auto left = std::chrono::steady_clock::now();
      if (i % 2 == 0)
        client->send(R"({"type":"stop_text_session"})");
      else
        client.reset();
      const auto seen = relay.wait_closed(connection);
      REQUIRE(seen);
      times.push_back(*seen - left);
      if (client) CHECK(client->silent());
    }
    // Of the middle ones: a test may lose its core for longer than that.
    std::sort(times.begin(), times.end());
    CHECK(times[3] < 50ms);
  }
}
