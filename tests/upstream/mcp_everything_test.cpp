// tools/mcp against the reference server "everything", over all its transports.

#include "mcp_everything.hpp"
#include "support/catch.hpp"

#include <algorithm>

#include <signal.h>

using namespace troupe;
using namespace troupe::test;

namespace {

const std::string long_operation = "trigger-long-running-operation";

/// Over each transport, one after the other.
template <class Body>
void over_each(Body body, everything_options options = {}) {
  for (const auto transport : {everything_over::stdio, everything_over::streamable_http, everything_over::http_sse}) {
    const auto number = static_cast<int>(transport);
    CAPTURE(number);
    everything_stage stage(transport, options);
    body(stage);
  }
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("its tools are listed with their schemas and called") {
  over_each([](everything_stage& s) {
    const auto names = s.tool_names();
    CHECK(has(names, "echo"));
    CHECK(has(names, "get-sum"));
    CHECK(has(names, long_operation));
    // Nothing that needs what we do not offer: sampling, elicitation, roots.
    CHECK_FALSE(has(names, "trigger-sampling-request"));
    CHECK_FALSE(has(names, "get-roots-list"));

    const auto echo = s.call("echo", R"({"message":"Grüße 🎉 \"x\""})");
    CHECK(echo.content == "Echo: Grüße 🎉 \"x\"");
    CHECK_FALSE(echo.is_error);
    CHECK(s.call("get-sum", R"({"a":40.5,"b":1.5})").content == "The sum of 40.5 and 1.5 is 42.");
    // It speaks revisions with a handshake; ours is the newest of those it knows.
    CHECK(s.state().find(R"("revision":"2025-11-25")") != std::string::npos);
  });
}

TEST_CASE("arguments that break its schema are told to the model without a call") {
  over_each([](everything_stage& s) {
    const auto result = s.call("get-sum", R"({"a":"one","b":2})");
    CHECK(result.is_error);
    CHECK(result.content.find("a") != std::string::npos);
    CHECK_FALSE(s.log->was_sent("tools/call"));
  });
}

TEST_CASE("results that are no plain text come as text") {
  over_each([](everything_stage& s) {
    const auto structured = s.call("get-structured-content", R"({"location":"New York"})");
    CHECK_FALSE(structured.is_error);
    CHECK(structured.content.find("temperature") != std::string::npos);
    const auto image = s.call("get-tiny-image");
    CHECK_FALSE(image.is_error);
    CHECK(image.content.find("image/png") != std::string::npos);
    // Never the bytes of the picture.
    CHECK(image.content.size() < 2000);
  });
}

TEST_CASE("progress keeps a call alive beyond the limit of a silent one") {
  everything_options options;
  options.call_limit = 1000ms;
  over_each(
      [](everything_stage& s) {
        const auto result = s.call(long_operation, R"({"duration":1.5,"steps":10})");
        CHECK(result.content == "Long running operation completed. Duration: 1.5 seconds, Steps: 10.");
        CHECK_FALSE(result.is_error);
        CHECK(s.log->was_received("notifications/progress"));
      },
      options);
}

TEST_CASE("a call that goes on too long in silence ends with its time, and the server stays in use") {
  everything_options options;
  options.call_limit = 500ms;
  over_each(
      [](everything_stage& s) {
        const auto result = s.call(long_operation, R"({"duration":60,"steps":1})");
        CHECK(result.is_error);
        CHECK(result.content.find("outcome unknown") == 0);
        CHECK(s.call("echo", R"({"message":"still here"})").content == "Echo: still here");
      },
      options);
}

TEST_CASE("many calls at once get their own answers") {
  over_each([](everything_stage& s) {
    std::vector<future_result> answers;
    for (int i = 0; i < 20; ++i)
      answers.push_back(s.begin("echo", "{\"message\":\"number " + std::to_string(i) + "\"}", std::to_string(i)));
    for (int i = 0; i < 20; ++i) CHECK(take(answers[i])->content == "Echo: number " + std::to_string(i));
  });
}

TEST_CASE("a cancelled call ends at once, and the server is told") {
  over_each([](everything_stage& s) {
    auto answer = s.begin(long_operation, R"({"duration":60,"steps":600})", "c9");
    REQUIRE(s.log->wait_received("notifications/progress"));
    s.cancel("c9");
    const auto result = take(answer);
    // Begun, so that it is a result or an error, but never a success.
    CHECK((!result || result->is_error));
    CHECK(s.log->wait_sent("notifications/cancelled"));
    CHECK(s.call("echo", R"({"message":"next"})").content == "Echo: next");
  });
}

TEST_CASE("a server killed in the middle of a call ends the call at once; the next works when it is back") {
  over_each([](everything_stage& s) {
    for (int round = 0; round < 2; ++round) {
      s.log->forget();
      auto answer = s.begin(long_operation, R"({"duration":60,"steps":600})", "k" + std::to_string(round));
      REQUIRE(s.log->wait_received("notifications/progress"));
      s.kill_server();
      const auto result = take(answer);
      REQUIRE(result);
      CHECK(result->is_error);
      CHECK(result->content.find("outcome unknown") == 0);
      s.restart_server();
      REQUIRE(s.ready());
      CHECK(s.call("echo", R"({"message":"back"})").content == "Echo: back");
    }
  });
}
