/// contracts/character.md §5.1, §5.3, §5.6: what a reply looks like.

#include "net/dialects/character/character_protocol.hpp"
#include "net/json.hpp"
#include "support/catch.hpp"

#include <cstdlib>
#include <ctime>

using namespace troupe;
using namespace troupe::character_dialect;

namespace {

/// 2031-04-02T09:15:00.120000Z
constexpr std::int64_t now = 1'932'887'700'120'000;

const reply_head head{"q-1", now};

/// The process's zone for as long as it lives.
struct zone {
  explicit zone(const char* name) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~zone() {
    if (before_)
      ::setenv("TZ", before_->c_str(), 1);
    else
      ::unsetenv("TZ");
    ::tzset();
  }
  std::optional<std::string> before_;
};

simdjson::dom::object object_of(const std::string& frame) {
  auto root = net::parse_json(frame);
  INFO(frame);
  REQUIRE(root);
  simdjson::dom::object out;
  REQUIRE(root->get(out) == simdjson::SUCCESS);
  return out;
}

std::string field(const std::string& frame, std::string_view name) {
  simdjson::dom::element value;
  const auto object = object_of(frame);
  return object[name].get(value) == simdjson::SUCCESS ? std::string(simdjson::minify(value)) : "missing";
}

}  // namespace

TEST_CASE("times are local, without a zone, with microseconds") {
  const zone utc("UTC");
  CHECK(local_timestamp(now) == "2031-04-02T09:15:00.120000");
  CHECK(local_timestamp(0) == "1970-01-01T00:00:00.000000");
  CHECK(local_timestamp(-1) == "1969-12-31T23:59:59.999999");
}

TEST_CASE("a time is the machine's own") {
  const zone east("EST5");
  CHECK(local_timestamp(now) == "2031-04-02T04:15:00.120000");
}

TEST_CASE("a reply has the envelope, its own fields and error null") {
  const zone utc("UTC");
  CHECK(encode_success(request_kind::init, head, init_body("Ines Calloway", R"({"character_id":"harbor-pilot"})"))
        == R"({"message_type":"init_response","message_id":"q-1","timestamp":"2031-04-02T09:15:00.120000",)"
           R"("success":true,"character_name":"Ines Calloway","character_info":{"character_id":"harbor-pilot"},)"
           R"("error":null})");
  CHECK(encode_success(request_kind::ping, {std::nullopt, now}, ping_body(now))
        == R"({"message_type":"ping_response","message_id":null,"timestamp":"2031-04-02T09:15:00.120000",)"
           R"("success":true,"server_time":"2031-04-02T09:15:00.120000"})");
  CHECK(field(encode_success(request_kind::chat, head, "{}"), "error") == "null");
}

TEST_CASE("a failed reply has every field that a client needs to read it, and a code") {
  struct row {
    request_kind kind;
    const char* type;
    std::vector<std::pair<const char*, const char*>> fields;
  };
  for (auto& each : std::vector<row>{
           {request_kind::init, "init_response", {{"character_name", "\"\""}, {"character_info", "{}"}}},
           {request_kind::chat,
            "chat_response",
            {{"response_text", "\"\""},
             {"character_insights", "{}"},
             {"response_metadata", "{}"},
             {"generation_info", "{}"},
             {"orchestration_summary", "{}"},
             {"cognitive_summary", "{}"},
             {"character_state_summary", "{}"},
             {"performance_info", "{}"}}},
           {request_kind::status,
            "status_response",
            {{"character_summary", "{}"},
             {"vitals", "null"},
             {"conversation_history", "null"},
             {"performance_stats", "null"}}},
           {request_kind::save, "save_response", {{"filename", "\"\""}}},
           {request_kind::load, "load_response", {{"character_info", "{}"}}},
           {request_kind::reset, "reset_response", {{"character_info", "{}"}}},
           {request_kind::search, "memory_search_response", {{"memories", "[]"}, {"count", "0"}}},
           {request_kind::subscribe, "subscribe_response", {{"character_id", "null"}}},
       }) {
    const auto frame = encode_failure(each.kind, head, {error_code::not_found, "no \"such\" file"});
    CHECK(field(frame, "message_type") == '"' + std::string(each.type) + '"');
    CHECK(field(frame, "message_id") == "\"q-1\"");
    CHECK(field(frame, "success") == "false");
    CHECK(field(frame, "error") == R"("no \"such\" file")");
    CHECK(field(frame, "error_code") == "\"NOT_FOUND\"");
    for (auto& [name, value] : each.fields) {
      INFO(name);
      CHECK(field(frame, name) == value);
    }
  }
}

TEST_CASE("kinds of failures have the contract's codes") {
  const auto code = [](failure_kind kind) { return std::string(failure_of({kind, "x"}).code); };
  CHECK(code(failure_kind::invalid) == "INVALID_MESSAGE");
  CHECK(code(failure_kind::denied) == "INVALID_MESSAGE");
  CHECK(code(failure_kind::not_found) == "NOT_FOUND");
  CHECK(code(failure_kind::busy) == "BUSY");
  CHECK(code(failure_kind::timeout) == "TIMEOUT");
  CHECK(code(failure_kind::cancelled) == "CANCELLED");
  CHECK(code(failure_kind::internal) == "INTERNAL");
  CHECK(code(failure_kind::unavailable) == "INTERNAL");
}

TEST_CASE("a refusal tells code, text and the field at fault") {
  const auto frame = encode_refused(head, {error_code::invalid_message, "limit: must be a whole number", "limit"});
  CHECK(field(frame, "message_type") == "\"error_response\"");
  CHECK(field(frame, "message_id") == "\"q-1\"");
  CHECK(field(frame, "error_code") == "\"INVALID_MESSAGE\"");
  CHECK(field(frame, "details") == R"({"field":"limit"})");
  CHECK(field(encode_refused({}, {error_code::invalid_json, "x", {}}), "message_id") == "null");
  CHECK(field(encode_refused({}, {error_code::invalid_json, "x", {}}), "details") == "null");
}

TEST_CASE("texts that are no UTF-8 are repaired") {
  CHECK(field(encode_failure(request_kind::save, head, {error_code::internal, "a\xFFz"}), "error")
        == "\"a\xEF\xBF\xBDz\"");
}

TEST_CASE("a history that does not fit loses its oldest entries") {
  std::string body = R"({"character_summary":{"a":1},"vitals":null,"conversation_history":[)";
  for (int i = 0; i < 20; ++i)
    body += (i ? "," : "") + std::string(R"({"role":"user","message":"m)") + std::to_string(i)
            + std::string(100'000, 'x') + "\"}";
  body += R"(],"performance_stats":null})";
  const auto frame = encode_success(request_kind::status, head, body);
  CHECK(frame.size() < frame_limit);
  CHECK(frame.size() > frame_limit - 110'000);
  CHECK(field(frame, "success") == "true");
  CHECK(field(frame, "character_summary") == R"({"a":1})");
  CHECK(field(frame, "performance_stats") == "null");
  simdjson::dom::array kept;
  const auto object = object_of(frame);
  REQUIRE(object["conversation_history"].get(kept) == simdjson::SUCCESS);
  REQUIRE(kept.size() == 10);
  CHECK(std::string_view(kept.at(0)["message"].get_string().value()).starts_with("m10x"));
  CHECK(std::string_view(kept.at(9)["message"].get_string().value()).starts_with("m19x"));
}

TEST_CASE("memories that do not fit go from the end, and the count tells how many came") {
  std::string body = R"({"memories":[)";
  for (int i = 0; i < 5; ++i)
    body += (i ? "," : "") + std::string(R"({"d":")") + std::to_string(i) + std::string(300'000, 'x') + "\"}";
  body += R"(],"count":5})";
  const auto frame = encode_success(request_kind::search, head, body);
  CHECK(frame.size() < frame_limit);
  CHECK(field(frame, "count") == "3");
  CHECK(field(frame, "memories").starts_with(R"([{"d":"0)"));
}

TEST_CASE("a reply that nothing makes short enough is a failure, and not a frame that closes the connection") {
  const auto frame =
      encode_success(request_kind::chat, head, R"({"response_text":")" + std::string(2'000'000, 'x') + "\"}");
  CHECK(field(frame, "success") == "false");
  CHECK(field(frame, "error_code") == "\"INTERNAL\"");
  const auto status = encode_success(
      request_kind::status, head,
      R"({"character_summary":{"x":")" + std::string(2'000'000, 'x') + R"("},"conversation_history":[]})");
  CHECK(field(status, "success") == "false");
}

TEST_CASE("an event is a frame without message id") {
  const zone utc("UTC");
  const auto frame = encode_event({1, 0xABC, 2}, character_event_kind::reply_delta, R"({"offset":0,"text":"Hi"})", now);
  CHECK(frame.view()
        == R"({"message_type":"character_event","message_id":null,"timestamp":"2031-04-02T09:15:00.120000",)"
           R"("event":"reply_delta","turn_id":"0000000000000abc","data":{"offset":0,"text":"Hi"}})");
  const std::string changed(encode_event({}, character_event_kind::changed, R"({"reason":"reset"})", now).view());
  CHECK(field(changed, "event") == "\"changed\"");
  CHECK(field(changed, "turn_id") == "null");
}

TEST_CASE("an event that is too long comes without its data") {
  const std::string frame(encode_event({0, 1, 0}, character_event_kind::turn_started,
                                       R"({"user_message":")" + std::string(frame_limit, 'x') + "\"}", now)
                              .view());
  CHECK(frame.size() < frame_limit);
  CHECK(field(frame, "data") == "{}");
  CHECK(field(frame, "truncated") == "true");
}
