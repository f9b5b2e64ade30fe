// How soon a provider sees that nobody reads its answer any more. aimock does
// not tell when a client leaves; so its answers go through a server of ours that does.

#include "aimock.hpp"
#include "model_call.hpp"
#include "relay.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace troupe;
using namespace troupe::test;

TEST_CASE("a provider sees within 50 ms that a call was aborted") {
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"endpoint":"chat"},"chunkSize":5,"response":{"content":"aaaa bbbb cccc dddd"},
                 "recordedTimings":{"ttftMs":0,"totalDurationMs":1,"interChunkDelaysMs":[0,0,60000]}}])");
  scripted_http_server relay(relay_up_to(mock.port(), "aaaa"));
  const auto client = real_client();
  std::size_t connection = 0;
  for (const auto kind : every_provider) {
    const auto model = model_at(relay.url(""), kind, client);
    std::vector<std::chrono::nanoseconds> times;
    for (int i = 0; i < 5; ++i, ++connection) {
      CAPTURE(name_of(kind));
      model_call call(*model, asking("Hello"));
      const auto first = call.next();
      CAPTURE(first.error.message);
      REQUIRE(first.what == model_event::kind::delta);
      const auto left = std::chrono::steady_clock::now();
      call.destroy();
      const auto seen = relay.wait_closed(connection);
      REQUIRE(seen);
      times.push_back(*seen - left);
    }
    // The middle one: a test may lose its core for longer than that.
    std::sort(times.begin(), times.end());
    CHECK(times[2] < 50ms);
  }
}
