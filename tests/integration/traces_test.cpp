/// One trace from the client through the server to the model and the collector
/// (docs/console.md "Traces elsewhere").

#include "support/catch.hpp"
#include "support/live_server.hpp"
#include "support/scripted_http_server.hpp"

using namespace troupe::test;

namespace {

std::string model_answer() {
  const std::string body =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"A private reply.\"},\"finish_reason\":null}]}\n\n"
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
      "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":4}}\n\n"
      "data: [DONE]\n\n";
  return http_answer(200, body, "Content-Type: text/event-stream\r\n");
}

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string caller = "00f067aa0ba902b7";

/// The spans of all requests to a collector, by name.
std::map<std::string, json::object> spans_of(const std::vector<seen_request>& requests) {
  std::map<std::string, json::object> out;
  for (auto& request : requests) {
    const auto body = json::parse(request.body);
    for (auto& span : body.at_pointer("/resourceSpans/0/scopeSpans/0/spans").as_array())
      out[text_of(span.as_object(), "name")] = span.as_object();
  }
  return out;
}

std::string attribute(const json::object& span, std::string_view key) {
  for (auto& each : span.at("attributes").as_array())
    if (text_of(each.as_object(), "key") == key) return json::serialize(each.at("value"));
  return "";
}

}  // namespace

TEST_CASE("a client's trace goes through the turn to the model and, at the end, to the collector") {
  const scripted_http_server model(answering(model_answer()));
  const scripted_http_server collector(answering(http_answer(200, "{}")));
  live_server server(settings_map{{"MODEL", "openai:scripted"},
                                  {"OPENAI_BASE_URL", model.url("/v1")},
                                  {"OPENAI_API_KEY", "test-key"},
                                  {"OTLP_ENDPOINT", collector.url("")},
                                  {"OTLP_HEADERS", "x-api-key=for%20the%20collector"}});
  auto client = server.connect("/ws", {.headers = {{"traceparent", "00-" + trace + "-" + caller + "-01"}}});
  CHECK(client.say("My private words.") == "A private reply.");
  CHECK(server.stop() == 0);

  const auto asked = model.requests();
  REQUIRE(asked.size() == 1);
  const auto sent = asked[0].header("traceparent");
  REQUIRE(sent.size() == 55);
  CHECK(sent.substr(3, 32) == trace);

  const auto exported = collector.requests();
  REQUIRE(exported.size() == 1);
  CHECK(exported[0].method == "POST");
  CHECK(exported[0].path == "/v1/traces");
  CHECK(exported[0].header("content-type") == "application/json");
  CHECK(exported[0].header("x-api-key") == "for the collector");
  CHECK(exported[0].body.find("private") == std::string::npos);
  const auto spans = spans_of(exported);
  for (auto name : {"turn", "queued", "journal user event", "recall", "chat scripted", "journal reply", "learn"}) {
    INFO(name);
    REQUIRE(spans.count(name) == 1);
    CHECK(text_of(spans.at(name), "traceId") == trace);
  }
  CHECK(text_of(spans.at("turn"), "parentSpanId") == caller);
  const auto& call = spans.at("chat scripted");
  CHECK(text_of(call, "spanId") == sent.substr(36, 16));
  CHECK(text_of(call, "parentSpanId") == text_of(spans.at("turn"), "spanId"));
  CHECK(attribute(call, "gen_ai.provider.name") == R"({"stringValue":"openai"})");
  CHECK(attribute(call, "gen_ai.usage.input_tokens") == R"({"intValue":"11"})");
  CHECK(attribute(call, "gen_ai.usage.output_tokens") == R"({"intValue":"4"})");
}

TEST_CASE("a collector that is not there costs turns nothing and the end at most two seconds") {
  live_server server(settings_map{{"OTLP_ENDPOINT", "http://127.0.0.1:1"}, {"OTLP_HEADERS", "key=very-secret"}});
  auto client = server.connect();
  for (int i = 0; i < 20; ++i) client.say("Hello.");
  const auto began = std::chrono::steady_clock::now();
  CHECK(server.stop() == 0);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(15));
  CHECK(server.output().find("trace_export_failed") != std::string::npos);
  CHECK(server.output().find("traces_lost turns=20") != std::string::npos);
  CHECK(server.output().find("very-secret") == std::string::npos);
}
