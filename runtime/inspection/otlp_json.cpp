#include "runtime/inspection/otlp_json.hpp"

#include "config/quote.hpp"

#include <charconv>

namespace troupe {
namespace {

enum class kind : int { internal = 1, server = 2, client = 3 };

/// Writes the attributes of one span.
class attributes {
 public:
  explicit attributes(std::string& out) : out_(out) { out_ += ",\"attributes\":["; }
  ~attributes() { out_ += ']'; }
  attributes(const attributes&) = delete;
  attributes& operator=(const attributes&) = delete;

  attributes& text(std::string_view key, std::string_view value) {
    if (value.empty()) return *this;
    begin(key);
    out_ += "{\"stringValue\":";
    config::append_json_string(out_, value);
    return end();
  }
  attributes& number(std::string_view key, std::uint64_t value) {
    begin(key);
    out_.append("{\"intValue\":\"").append(std::to_string(value)) += '"';
    return end();
  }
  attributes& seconds(std::string_view key, std::int64_t nanoseconds) {
    begin(key);
    char digits[32];
    out_ += "{\"doubleValue\":";
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, static_cast<double>(nanoseconds) / 1e9).ptr);
    return end();
  }

 private:
  void begin(std::string_view key) {
    if (out_.back() != '[') out_ += ',';
    out_.append("{\"key\":\"").append(key).append("\",\"value\":");
  }
  attributes& end() {
    out_ += "}}";
    return *this;
  }

  std::string& out_;
};

/// The provider as the conventions name it, and the model; from "gemini:gemini-2.5-flash".
struct model_names {
  std::string_view provider;
  std::string_view model;

  explicit model_names(std::string_view name) {
    const auto colon = name.find(':');
    provider = name.substr(0, colon);
    model = colon == name.npos ? name : name.substr(colon + 1);
    if (provider == "gemini") provider = "gcp.gemini";
  }
};

struct writer {
  std::string& out;
  const turn_record& turn;

  void ids(std::uint64_t number, std::uint64_t parent) {
    if (out.back() != '[') out += ',';
    out += "{\"traceId\":\"";
    append_hex(out, turn.context.high);
    append_hex(out, turn.context.low);
    out += "\",\"spanId\":\"";
    append_hex(out, span_id(turn.turn, number));
    if (parent != 0) {
      out += "\",\"parentSpanId\":\"";
      append_hex(out, parent);
    }
    out += '"';
  }

  void head(std::string_view name, kind what, std::int64_t start, std::int64_t end) {
    out += ",\"name\":";
    config::append_json_string(out, name);
    out += ",\"kind\":" + std::to_string(static_cast<int>(what));
    out += ",\"startTimeUnixNano\":\"" + std::to_string(wall(start)) + "\",\"endTimeUnixNano\":\""
           + std::to_string(wall(end)) + '"';
  }

  std::int64_t wall(std::int64_t at) const { return turn.started_at * 1'000'000 + (at - turn.started); }

  /// REQUIRES: the attributes are written.
  void status(std::string_view error) {
    if (!error.empty()) {
      out += ",\"status\":{\"code\":2,\"message\":";
      config::append_json_string(out, error);
      out += '}';
    }
    out += '}';
  }

  void root() {
    ids(0, turn.context.parent);
    head("turn", kind::server, turn.started, turn.ended);
    const std::string_view error = turn.failed() ? turn.error : "";
    {
      attributes to(out);
      std::string id;
      append_hex(id, turn.turn);
      to.text("gen_ai.conversation.id", turn.session).text("troupe.turn", id).text("troupe.client", turn.client);
      to.text("troupe.dialect", turn.dialect).text("troupe.outcome", to_string(turn.outcome));
      to.number("troupe.reply_bytes", turn.bytes).number("troupe.tool_calls", turn.tool_calls);
      if (turn.first_delta != 0) to.seconds("troupe.first_delta", turn.first_delta - turn.started);
      if (turn.spans_dropped != 0) to.number("troupe.spans_dropped", turn.spans_dropped);
      to.text("error.type", error);
    }
    status(error);
  }

  void child(std::size_t index) {
    const auto& span = turn.spans[index];
    // An attribute of the model call before it.
    if (span.kind == span_kind::first_delta) return;
    ids(index + 1, span_id(turn.turn, 0));
    // One that began after the end, and is not over: as long as it is known.
    const auto end = span.end != 0 ? span.end : span.start;
    const std::string_view error = span.error != nullptr ? span.error : "";
    if (span.kind == span_kind::model_call)
      model_call(index, end);
    else if (span.kind == span_kind::tool)
      tool(span, end);
    else
      plain(span, end);
    status(error);
  }

  void model_call(std::size_t index, std::int64_t end) {
    const auto& span = turn.spans[index];
    const model_names names(turn.model);
    // A model in this process is no call to anybody.
    head("chat " + std::string(names.model), names.provider == "offline" ? kind::internal : kind::client, span.start,
         end);
    attributes to(out);
    to.text("gen_ai.operation.name", "chat").text("gen_ai.provider.name", names.provider);
    to.text("gen_ai.system", names.provider).text("gen_ai.request.model", names.model);
    to.text("gen_ai.conversation.id", turn.session);
    for (std::uint8_t i = 0; i < span.values; ++i) {
      const auto value = static_cast<std::uint64_t>(span.value[i].value);
      switch (span.value[i].what) {
        case span_value::tokens_in: to.number("gen_ai.usage.input_tokens", value); break;
        case span_value::tokens_out: to.number("gen_ai.usage.output_tokens", value); break;
        case span_value::attempts: to.number("troupe.attempts", value); break;
        case span_value::wait_us: to.number("troupe.wait_us", value); break;
        default: break;
      }
    }
    for (auto next = index + 1; next < turn.spans.size(); ++next) {
      if (turn.spans[next].kind == span_kind::model_call) break;
      if (turn.spans[next].kind != span_kind::first_delta) continue;
      to.seconds("gen_ai.response.time_to_first_chunk", turn.spans[next].end - span.start);
      break;
    }
    if (span.error != nullptr) to.text("error.type", span.error);
  }

  void tool(const turn_span& span, std::int64_t end) {
    const auto name = std::string(turn.name_of(span));
    head("execute_tool " + name, kind::internal, span.start, end);
    attributes to(out);
    to.text("gen_ai.operation.name", "execute_tool").text("gen_ai.tool.name", name);
    to.text("gen_ai.conversation.id", turn.session);
    for (std::uint8_t i = 0; i < span.values; ++i)
      if (span.value[i].what == span_value::bytes)
        to.number("troupe.result_bytes", static_cast<std::uint64_t>(span.value[i].value));
    if (span.error != nullptr) to.text("error.type", span.error);
  }

  void plain(const turn_span& span, std::int64_t end) {
    head(to_string(span.kind), kind::internal, span.start, end);
    attributes to(out);
    to.text("gen_ai.conversation.id", turn.session);
    for (std::uint8_t i = 0; i < span.values; ++i)
      to.number(std::string("troupe.") + to_string(span.value[i].what),
                static_cast<std::uint64_t>(span.value[i].value));
    if (span.error != nullptr) to.text("error.type", span.error);
  }
};

}  // namespace

std::string otlp_json(std::span<const turn_record> turns, std::string_view service_version) {
  std::string out = "{\"resourceSpans\":[{\"resource\":{\"droppedAttributesCount\":0";
  attributes(out).text("service.name", "troupe").text("service.version", service_version);
  out += "},\"scopeSpans\":[{\"scope\":{\"name\":\"troupe\",\"version\":";
  config::append_json_string(out, service_version);
  out += "},\"spans\":[";
  for (auto& turn : turns) {
    writer to{out, turn};
    to.root();
    for (std::size_t i = 0; i < turn.spans.size(); ++i) to.child(i);
  }
  return out += "]}]}]}";
}

}  // namespace troupe
