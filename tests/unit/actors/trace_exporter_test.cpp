#include "actors/trace_exporter.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "support/catch.hpp"
#include "support/scripted_http_client.hpp"
#include "support/test_node.hpp"

#include <caf/all.hpp>

#include <simdjson.h>

using namespace troupe;
using namespace std::chrono_literals;
using http = scripted_http_client;

namespace {

struct export_stage {
  explicit export_stage(std::function<void(trace_exporter_deps&)> change = {}) {
    trace_exporter_deps deps;
    deps.traces = &traces;
    deps.http = &client;
    deps.url = "http://collector:4318/v1/traces";
    deps.headers = {{"authorization", "Bearer secret"}};
    deps.version = "1.2.3";
    deps.batch = 4;
    deps.queue = 10;
    if (change) change(deps);
    exporter = spawn<trace_exporter_role>(node.services(), {}, std::move(deps));
    node.run();
  }
  ~export_stage() { node.kill(exporter); }  // before what it uses

  void turns(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      traces.begin({++last, {1, last, 0, true}, "session1", "client", "luna", "p", 7});
      traces.end(last, event_kind::reply);
    }
    node.run();
  }
  /// How many turns each request had.
  std::vector<std::size_t> sizes() {
    std::vector<std::size_t> out;
    for (auto& each : client.requests) {
      std::size_t count = 0;
      for (auto at = each.body.find("\"name\":\"turn\""); at != std::string::npos;
           at = each.body.find("\"name\":\"turn\"", at + 1))
        ++count;
      out.push_back(count);
    }
    return out;
  }
  void taken() { client.will_answer(200, {}, {"{}"}); }
  std::string state() { return node.ask<actor_state>(exporter, actor_state_query{}, urgency::urgent)->json; }
  bool has(const std::string& what) { return state().find(what) != std::string::npos; }

  scripted_http_client client;
  test_node node;
  turn_traces traces{node.clock(), {}};
  caf::actor exporter;
  std::uint64_t last = 0;
};

using sizes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("an endpoint without a path gets the path of traces") {
  CHECK(otlp_url("http://host:4318") == "http://host:4318/v1/traces");
  CHECK(otlp_url("https://host/otlp/traces") == "https://host/otlp/traces");
}

TEST_CASE("turns go in batches: when one is full, and what there is every five seconds") {
  export_stage s;
  s.taken();
  s.turns(3);
  CHECK(s.client.requests.empty());
  s.turns(1);
  CHECK(s.sizes() == sizes{4});
  s.taken();
  s.turns(1);
  s.node.advance(4999ms);
  CHECK(s.sizes() == sizes{4});
  s.node.advance(1ms);
  CHECK(s.sizes() == sizes{4, 1});
  s.node.advance(60s);  // nothing to say
  CHECK(s.sizes() == sizes{4, 1});
  const auto& request = s.client.requests[0];
  CHECK(request.method == "POST");
  CHECK(request.url == "http://collector:4318/v1/traces");
  CHECK(request.headers == http_headers{{"authorization", "Bearer secret"}, {"content-type", "application/json"}});
  CHECK(s.has("\"sent\":5,\"lost\":0,\"dropped\":0,\"waiting\":0"));
}

TEST_CASE("one request at a time, and the next at once when a batch waits behind it") {
  export_stage s;
  s.client.will_do({http::pause(), http::head(200), http::ended()});
  s.turns(9);
  CHECK(s.sizes() == sizes{4});
  s.taken();
  CHECK(s.client.resume() == 1);
  s.node.run();
  CHECK(s.sizes() == sizes{4, 4});
  s.taken();
  s.node.advance(5s);
  CHECK(s.sizes() == sizes{4, 4, 1});
}

TEST_CASE("while the endpoint is down nothing waits for it, and what is over the bound is dropped and counted") {
  export_stage s;
  const failure down{failure_kind::unavailable, "collector:4318: connection refused"};
  for (int i = 0; i < 3; ++i) s.client.will_do({http::ended(down)});
  s.turns(4);
  CHECK(s.sizes() == sizes{4});
  s.turns(15);
  CHECK(s.traces.totals().finished == 19);
  CHECK(s.traces.waiting_for_export() == 10);
  CHECK(s.traces.export_dropped() == 5);
  // The same batch again, with pauses that grow.
  s.node.advance(1s);
  CHECK(s.client.requests.size() == 2);
  s.node.advance(900ms);
  CHECK(s.client.requests.size() == 2);
  s.node.advance(1100ms);
  CHECK(s.client.requests.size() == 3);
  CHECK(s.client.requests[0].body == s.client.requests[2].body);
  CHECK(s.has("connection refused"));
  // It is back: everything that was kept goes.
  for (int i = 0; i < 4; ++i) s.taken();
  s.node.advance(10s);
  CHECK(s.sizes() == sizes{4, 4, 4, 4, 4, 4, 2});
  CHECK(s.has("\"sent\":14,\"lost\":0,\"dropped\":5,\"waiting\":0"));
}

TEST_CASE("what the collector cannot take now is sent again, as late as it asks; what it refuses is given up") {
  export_stage s;
  s.client.will_answer(503, {{"retry-after", "7"}}, {"busy"});
  s.turns(4);
  s.node.advance(6999ms);
  CHECK(s.sizes() == sizes{4});
  s.taken();
  s.node.advance(1ms);
  CHECK(s.sizes() == sizes{4, 4});
  CHECK(s.has("\"sent\":4,\"lost\":0"));
  s.client.will_answer(400, {}, {"bad data"});
  s.turns(4);
  s.node.advance(5s);
  CHECK(s.sizes() == sizes{4, 4, 4});
  CHECK(s.has("\"sent\":4,\"lost\":4"));
  CHECK(s.has("it answered 400"));
}

TEST_CASE("a batch is given up after so many attempts, and the next gets its own") {
  export_stage s([](trace_exporter_deps& deps) { deps.attempts = 2; });
  s.client.will_answer(429, {}, {});
  s.client.will_answer(502, {}, {});
  s.taken();
  s.turns(5);
  s.node.advance(1s);
  CHECK(s.sizes() == sizes{4, 4});
  CHECK(s.has("\"sent\":0,\"lost\":4"));
  s.node.advance(10s);
  CHECK(s.sizes() == sizes{4, 4, 1});
  CHECK(s.has("\"sent\":1,\"lost\":4"));
}

TEST_CASE("at shutdown what is left is sent before the answer") {
  export_stage s;
  for (int i = 0; i < 3; ++i) s.client.will_do({http::pause(), http::head(200), http::ended()});
  s.turns(9);
  auto done = s.node.request<drained>(s.exporter, drain{5000});
  s.node.run();
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(done->has_value());
    CHECK(s.client.resume() == 1);
    s.node.run();
  }
  CHECK(done->has_value());
  CHECK(s.sizes() == sizes{4, 4, 1});
  CHECK(s.has("\"lost\":0"));
  s.turns(9);  // nobody is there any more
  CHECK(s.traces.waiting_for_export() == 0);
}

TEST_CASE("shutdown waits two seconds for a collector that hangs, and not at all for one that is down") {
  SECTION("it hangs") {
    export_stage s;
    s.client.will_do({http::pause()});
    s.turns(5);
    auto done = s.node.request<drained>(s.exporter, drain{60000});
    s.node.advance(1999ms);
    CHECK_FALSE(done->has_value());
    s.node.advance(1ms);
    CHECK(done->has_value());
    CHECK(s.client.aborted == 1);
    CHECK(s.has("\"sent\":0,\"lost\":5"));
  }
  SECTION("it is down") {
    export_stage s;
    const failure down{failure_kind::unavailable, "refused"};
    s.client.will_do({http::ended(down)});
    s.turns(5);
    s.client.will_do({http::ended(down)});  // one last time
    CHECK(s.node.ask<drained>(s.exporter, drain{60000}).has_value());
    CHECK(s.client.requests.size() == 2);
    CHECK(s.has("\"sent\":0,\"lost\":5"));
  }
  SECTION("there is nothing to send") {
    export_stage s;
    CHECK(s.node.ask<drained>(s.exporter, drain{60000}).has_value());
    CHECK(s.client.requests.empty());
  }
}

TEST_CASE("an exporter that is restarted goes on, and one that ended leaves nothing behind") {
  export_stage s;
  s.client.will_do({http::pause()});
  s.turns(4);
  s.node.send(s.exporter, actor_command{actor_command_kind::restart}, urgency::urgent);
  s.node.run();
  CHECK(s.client.aborted == 1);
  s.taken();
  s.turns(4);
  CHECK(s.sizes() == sizes{4, 4});
  s.node.kill(s.exporter);
  s.turns(4);
  CHECK(s.traces.waiting_for_export() == 0);
}
