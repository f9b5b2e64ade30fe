#include "runtime/inspection/otlp_json.hpp"

#include "runtime/inspection/turn_traces.hpp"
#include "support/catch.hpp"
#include "support/test_ports.hpp"

#include <simdjson.h>

#include <map>

using namespace troupe;

namespace {

constexpr std::int64_t ms = 1'000'000;

/// A span as a collector reads it.
struct seen_span {
  std::map<std::string, std::string> fields;      ///< texts and numbers, as text
  std::map<std::string, std::string> attributes;  ///< type:value
  std::string status;
};

std::string as_text(simdjson::dom::element value) {
  return value.is_string() ? std::string(std::string_view(value)) : simdjson::minify(value);
}

std::map<std::string, std::string> attributes_of(simdjson::dom::element holder) {
  std::map<std::string, std::string> out;
  for (auto item : holder["attributes"].get_array()) {
    const simdjson::dom::object value = item["value"];
    REQUIRE(value.size() == 1);
    const auto only = *value.begin();
    const auto fresh =
        out.emplace(std::string(std::string_view(item["key"])), std::string(only.key) + ":" + as_text(only.value))
            .second;
    CHECK(fresh);
  }
  return out;
}

struct seen_request {
  explicit seen_request(const std::vector<turn_record>& turns) {
    const auto text = otlp_json(turns, "1.2.3");
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    INFO(text);
    REQUIRE(parser.parse(text).get(root) == simdjson::SUCCESS);
    const simdjson::dom::element resource = root.at_pointer("/resourceSpans/0/resource");
    resource_attributes = attributes_of(resource);
    for (auto item : root.at_pointer("/resourceSpans/0/scopeSpans/0/spans").get_array()) {
      seen_span span;
      for (auto member : item.get_object())
        if (!member.value.is_array() && !member.value.is_object())
          span.fields[std::string(member.key)] = as_text(member.value);
      span.attributes = attributes_of(item);
      simdjson::dom::element status;
      if (item["status"].get(status) == simdjson::SUCCESS) span.status = simdjson::minify(status);
      spans.push_back(std::move(span));
    }
  }
  std::map<std::string, std::string> resource_attributes;
  std::vector<seen_span> spans;
};

struct stage {
  test_clock clock;
  turn_traces traces{clock, {}};

  stage() {
    traces.start_export(100, 100, [] {});
  }
  std::vector<turn_record> ended() { return traces.take_finished(100); }
};

}  // namespace

TEST_CASE("a turn becomes a server span with its spans below, in the names that others know") {
  stage s;
  const auto began = s.clock.wall_ms();
  const auto context = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  s.traces.begin({0x9f, *context, "0123456789abcdef", "client-1", "luna", "alice", 7});
  s.clock.move(ms);
  s.traces.close(0x9f, span_kind::queued);
  s.traces.open(0x9f, span_kind::model_call, 12, 0, "gemini:gemini-2.5-flash");
  s.clock.move(250 * ms);
  s.traces.open(0x9f, span_kind::first_delta, 12);
  s.traces.first_delta(0x9f);
  s.clock.move(50 * ms);
  s.traces.close(0x9f, span_kind::model_call, 0,
                 {{span_value::tokens_in, 1000}, {span_value::tokens_out, 20}, {span_value::attempts, 2}});
  const auto key = span_key("a");
  s.traces.open(0x9f, span_kind::tool, 20, key, "look_up");
  s.clock.move(ms);
  s.traces.close(0x9f, span_kind::tool, key, {{span_value::bytes, 9}}, "tool_error");
  s.traces.end(0x9f, event_kind::reply, failure_kind::none, 77);
  const seen_request seen(s.ended());
  CHECK(seen.resource_attributes
        == std::map<std::string, std::string>{{"service.name", "stringValue:troupe"},
                                              {"service.version", "stringValue:1.2.3"}});
  REQUIRE(seen.spans.size() == 4);
  const auto nanoseconds = [&](std::int64_t after) { return std::to_string((began + after) * ms); };
  const auto& turn = seen.spans[0];
  CHECK(turn.fields.at("traceId") == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(turn.fields.at("parentSpanId") == "00f067aa0ba902b7");
  CHECK(turn.fields.at("spanId").size() == 16);
  CHECK(turn.fields.at("name") == "turn");
  CHECK(turn.fields.at("kind") == "2");
  CHECK(turn.fields.at("startTimeUnixNano") == nanoseconds(0));
  CHECK(turn.fields.at("endTimeUnixNano") == nanoseconds(302));
  CHECK(turn.attributes.at("gen_ai.conversation.id") == "stringValue:01234567");
  CHECK(turn.attributes.at("troupe.turn") == "stringValue:000000000000009f");
  CHECK(turn.attributes.at("troupe.client") == "stringValue:client-1");
  CHECK(turn.attributes.at("troupe.outcome") == "stringValue:reply");
  CHECK(turn.attributes.at("troupe.reply_bytes") == "intValue:77");
  CHECK(turn.attributes.at("troupe.first_delta") == "doubleValue:0.251");
  CHECK(turn.status.empty());
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(seen.spans[i].fields.at("traceId") == turn.fields.at("traceId"));
    CHECK(seen.spans[i].fields.at("parentSpanId") == turn.fields.at("spanId"));
  }
  CHECK(seen.spans[1].fields.at("name") == "queued");
  CHECK(seen.spans[1].fields.at("kind") == "1");
  const auto& model = seen.spans[2];
  CHECK(model.fields.at("name") == "chat gemini-2.5-flash");
  CHECK(model.fields.at("kind") == "3");
  CHECK(model.fields.at("startTimeUnixNano") == nanoseconds(1));
  CHECK(model.attributes
        == std::map<std::string, std::string>{{"gen_ai.operation.name", "stringValue:chat"},
                                              {"gen_ai.provider.name", "stringValue:gcp.gemini"},
                                              {"gen_ai.system", "stringValue:gcp.gemini"},
                                              {"gen_ai.request.model", "stringValue:gemini-2.5-flash"},
                                              {"gen_ai.conversation.id", "stringValue:01234567"},
                                              {"gen_ai.usage.input_tokens", "intValue:1000"},
                                              {"gen_ai.usage.output_tokens", "intValue:20"},
                                              {"gen_ai.response.time_to_first_chunk", "doubleValue:0.25"},
                                              {"troupe.attempts", "intValue:2"}});
  const auto& tool = seen.spans[3];
  CHECK(tool.fields.at("name") == "execute_tool look_up");
  CHECK(tool.fields.at("kind") == "1");
  CHECK(tool.attributes.at("gen_ai.operation.name") == "stringValue:execute_tool");
  CHECK(tool.attributes.at("gen_ai.tool.name") == "stringValue:look_up");
  CHECK(tool.attributes.at("troupe.result_bytes") == "intValue:9");
  CHECK(tool.attributes.at("error.type") == "stringValue:tool_error");
  CHECK(tool.status == R"({"code":2,"message":"tool_error"})");
  // The parent the upstream was told of is the span that is exported.
  s.traces.begin({0xa0, *context, "s", "c", "luna", "p", 7});
  s.traces.open(0xa0, span_kind::model_call, 12, 0, "m");
  const auto upstream = s.traces.traceparent(0xa0, span_kind::model_call);
  s.traces.end(0xa0, event_kind::reply);
  CHECK(upstream.find(seen_request(s.ended()).spans[2].fields.at("spanId")) == 36);
}

TEST_CASE("a turn that failed says so; one that was cancelled has not failed") {
  stage s;
  s.traces.begin({1, {1, 1, 0, true}, "s", "c", "luna", "p", 7});
  s.traces.open(1, span_kind::model_call, 12, 0, "offline");
  s.traces.close(1, span_kind::model_call, 0, {}, to_string(failure_kind::overload));
  s.traces.end(1, event_kind::failed, failure_kind::overload);
  s.traces.begin({2, {1, 2, 0, true}, "s", "c", "luna", "p", 7});
  s.traces.end(2, event_kind::cancelled, failure_kind::cancelled);
  const seen_request seen(s.ended());
  REQUIRE(seen.spans.size() == 5);
  CHECK(seen.spans[0].status == R"({"code":2,"message":"overload"})");
  CHECK(seen.spans[0].attributes.at("error.type") == "stringValue:overload");
  CHECK(seen.spans[0].fields.count("parentSpanId") == 0);
  CHECK(seen.spans[2].fields.at("name") == "chat offline");
  CHECK(seen.spans[2].fields.at("kind") == "1");  // it runs in here
  CHECK(seen.spans[2].attributes.at("gen_ai.provider.name") == "stringValue:offline");
  CHECK(seen.spans[2].attributes.at("error.type") == "stringValue:overload");
  CHECK(seen.spans[3].attributes.at("troupe.outcome") == "stringValue:cancelled");
  CHECK(seen.spans[3].status.empty());
}

TEST_CASE("names that are odd stay within their quotes") {
  stage s;
  s.traces.begin({1, {1, 1, 0, true}, "s\"", "c\\\n", "luna", "p", 7});
  s.traces.open(1, span_kind::model_call, 12, 0, "ollama:a\"b");
  s.traces.end(1, event_kind::reply);
  const seen_request seen(s.ended());
  CHECK(seen.spans[2].fields.at("name") == "chat a\"b");
  CHECK(seen.spans[0].attributes.at("troupe.client") == "stringValue:c\\\n");
}
