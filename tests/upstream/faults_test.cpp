// The providers against aimock's faults: whatever happens, a call ends once.

#include "aimock.hpp"
#include "model_call.hpp"
#include "support/catch.hpp"
#include "support/scripted_http_server.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

struct fault {
  std::string words;    ///< what the user says to get it
  std::string fixture;  ///< its members besides `match`
  failure_kind kind;
  std::string text;         ///< what came before it
  int retry_after_ms = -1;  ///< -1: not said
};

/// Cuts and stalls come after the third piece, which of OpenAI's is the second of text.
const std::vector<fault> faults = {
    {"drop", R"("chaos":{"dropRate":1},"response":{"content":"x"})", failure_kind::overload, ""},
    {"limit", R"("chaos":{"rateLimitRate":1},"response":{"content":"x"})", failure_kind::quota, "", 1000},
    {"wait", R"("response":{"error":{"message":"slow down","type":"rate_limit_error"},"status":429,"retryAfter":7})",
     failure_kind::quota, "", 7000},
    {"key", R"("response":{"error":{"message":"bad key test-key"},"status":401})", failure_kind::auth, ""},
    {"busy", R"("response":{"error":{"message":"overloaded"},"status":503})", failure_kind::overload, ""},
    {"bad", R"("response":{"error":{"message":"no such thing"},"status":400})", failure_kind::upstream, ""},
    {"garbage", R"("chaos":{"malformedRate":1},"response":{"content":"x"})", failure_kind::broken_stream, ""},
    {"hang up", R"("chaos":{"disconnectRate":1},"response":{"content":"x"})", failure_kind::broken_stream, ""},
    {"cut", R"("chunkSize":4,"truncateAfterChunks":3,"latency":1,"response":{"content":"one two three four five six"})",
     failure_kind::broken_stream, "one "},
    {"stall", R"("chunkSize":4,"recordedTimings":{"ttftMs":0,"totalDurationMs":1,"interChunkDelaysMs":[0,0,60000]},
              "response":{"content":"one two three four five six"})",
     failure_kind::timeout, "one "},
    {"silence", R"("chaos":{"latencyMs":30000},"response":{"content":"x"})", failure_kind::timeout, ""},
};

std::string fixtures() {
  std::string out;
  for (auto& each : faults)
    out += (out.empty() ? "[" : ",") + std::string(R"({"match":{"userMessage":")") + each.words + "\"}," + each.fixture
           + "}";
  return out + "]";
}

void check(const fault& expected, const model_answer& answer) {
  CHECK(answer.ends == 1);
  CHECK(to_string(answer.end.error.kind) == std::string(to_string(expected.kind)));
  CAPTURE(answer.end.error.message, answer.text);
  CHECK(answer.text.starts_with(expected.text));
  CHECK((expected.text.empty() ? answer.text.empty() : answer.text.find("six") == std::string::npos));
  CHECK(answer.end.error.message.find("test-key") == std::string::npos);
  const auto wait = answer.end.retry_after ? static_cast<int>(answer.end.retry_after->count()) : -1;
  CHECK(wait == expected.retry_after_ms);
}

}  // namespace

TEST_CASE("under every fault a call has exactly one end, of the right kind") {
  auto& mock = aimock::running();
  mock.play(fixtures());
  const auto client = std::make_shared<hasty_client>(real_client(), 400ms);
  for (const auto kind : every_provider) {
    const auto model = model_at(mock.url(), kind, client);
    for (auto& each : faults) {
      CAPTURE(name_of(kind), each.words);
      check(each, ask(*model, asking(each.words)));
    }
  }
}

TEST_CASE("many calls with different faults at once do not disturb each other") {
  auto& mock = aimock::running();
  mock.play(fixtures());
  const auto client = std::make_shared<hasty_client>(real_client(), 2000ms);
  std::vector<std::pair<const fault*, std::unique_ptr<model_call>>> calls;
  std::vector<std::shared_ptr<language_model>> models;
  for (const auto kind : every_provider) models.push_back(model_at(mock.url(), kind, client));
  for (int round = 0; round < 4; ++round)
    for (auto& model : models)
      for (auto& each : faults) calls.emplace_back(&each, std::make_unique<model_call>(*model, asking(each.words)));
  for (auto& [expected, call] : calls) {
    CAPTURE(expected->words);
    check(*expected, call->rest());
  }
}

TEST_CASE("a slow answer is whole as long as something comes before the stall limit") {
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"endpoint":"chat"},"chunkSize":2,"latency":60,"response":{"content":"slow but sure"}}])");
  const auto client = std::make_shared<hasty_client>(real_client(), 500ms);
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    const auto begun = std::chrono::steady_clock::now();
    const auto answer = ask(*model_at(mock.url(), kind, client), asking("Hello"));
    CHECK(answer.text == "slow but sure");
    CHECK(answer.end.error.message == "");
    // Longer altogether than it may stall.
    CHECK(std::chrono::steady_clock::now() - begun > 400ms);
  }
}

TEST_CASE("a server that is not there is unavailable") {
  const auto port = [] {
    scripted_http_server gone(answering(http_answer(200, "")));
    return gone.port();
  }();
  for (const auto kind : every_provider) {
    CAPTURE(name_of(kind));
    const auto answer = ask(*model_at("http://127.0.0.1:" + std::to_string(port), kind), asking("Hello"));
    CHECK(answer.ends == 1);
    CHECK(answer.end.error.kind == failure_kind::unavailable);
  }
}
