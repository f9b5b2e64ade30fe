#include "net/dialects/luna/luna_time.hpp"
#include "net/dialects/luna/luna_tools.hpp"
#include "net/json.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace troupe;
using namespace troupe::luna;

namespace {

constexpr std::int64_t now = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

tool_call call_of(std::string name, std::string arguments) {
  return {"c1", std::move(name), std::move(arguments), {}};
}

/// "type/action data", or the error.
std::string request_of(const std::string& name, const std::string& arguments, bool newer = false) {
  const auto made = prepare_call(call_of(name, arguments), newer, now);
  if (!made) return made.error().message;
  return made->type + "/" + made->action + " " + made->data;
}

bool waits(const std::string& name, const std::string& arguments, bool newer) {
  return prepare_call(call_of(name, arguments), newer, now).value().waits;
}

std::vector<std::string> names(bool newer) {
  std::vector<std::string> out;
  for (auto& each : client_tools(newer)) out.push_back(each.name);
  return out;
}

bool has(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string reminder(const std::string& time, const std::string& more = {}) {
  return R"({"title":"T","description":"D","trigger_time":")" + time + '"' + more + "}";
}

}  // namespace

TEST_CASE("every Luna tool has a schema that is a JSON object and a name that providers take") {
  for (bool newer : {false, true})
    for (auto& each : client_tools(newer)) {
      INFO(each.name);
      CHECK_FALSE(each.description.empty());
      CHECK(std::count_if(each.name.begin(), each.name.end(), [](char c) { return c != '_' && (c < 'a' || c > 'z'); })
            == 0);
      const auto schema = net::parse_json(each.schema);
      REQUIRE(schema);
      simdjson::dom::object properties;
      CHECK((*schema)["properties"].get(properties) == simdjson::SUCCESS);
      simdjson::dom::array required;
      if ((*schema)["required"].get(required) != simdjson::SUCCESS) continue;
      CHECK(required.size() > 0);
      for (auto name : required)
        CHECK(properties[std::string_view(name.get_string().value())].error() == simdjson::SUCCESS);
    }
}

TEST_CASE("the canonical and the newer protocol have the tools of their own") {
  const auto canonical = names(false), newer = names(true);
  CHECK(canonical.size() == 20);
  CHECK(newer.size() == 18);
  CHECK(has(canonical, "search_memory"));
  CHECK_FALSE(has(newer, "search_memory"));
  CHECK(has(canonical, "get_workspace_stats"));
  CHECK_FALSE(has(newer, "get_workspace_stats"));
  CHECK(std::count(newer.begin(), newer.end(), "launch_workspace") == 1);
}

TEST_CASE("each memory tool makes the contract's request") {
  CHECK(request_of("search_memory", R"({"query":"cat"})")
        == R"(memory_request/search {"query":"cat","minConfidence":0.3})");
  CHECK(request_of("get_all_memories", "") == R"(memory_request/list {"minConfidence":0.1})");
  CHECK(request_of("save_memory", R"({"text":"Owns a \"cat\""})")
        == R"(memory_request/save {"text":"Owns a \"cat\"","confidence":0.5})");
  CHECK(request_of("modify_memory", R"({"memory_id":4,"new_text":"x","new_confidence":0.9})")
        == R"(memory_request/update {"id":4,"updates":{"text":"x","confidence":0.9}})");
  CHECK(request_of("modify_memory", R"({"memory_id":"4","new_confidence":1,"new_text":null})")
        == R"(memory_request/update {"id":"4","updates":{"confidence":1}})");
  CHECK(request_of("reinforce_memory", R"({"memory_id":4})") == R"(memory_request/reinforce {"id":4,"factor":0.1})");
  CHECK(request_of("weaken_memory", R"({"memory_id":4})")
        == R"(memory_request/weaken {"id":4,"factor":0.2,"autoCleanupThreshold":0.1})");
  CHECK(request_of("weaken_memory", R"({"memory_id":4})", true)
        == R"(memory_request/weaken {"id":4,"factor":0.1,"autoCleanupThreshold":0.1})");
  CHECK(request_of("delete_memory", R"({"memory_id":"m1"})") == R"(memory_request/delete {"id":"m1"})");
  CHECK(request_of("clear_all_memories", "{}") == "memory_request/clear_all {}");
}

TEST_CASE("each reminder tool makes the contract's request") {
  CHECK(
      request_of("save_reminder", reminder("2031-05-02T07:00:00Z"))
      == R"(reminder_request/save {"title":"T","description":"D","trigger_time":"2031-05-02T07:00:00Z","type":"one-shot","repeat_pattern":null,"status":"active"})");
  CHECK(
      request_of("save_reminder", reminder("2031-05-02T07:00:00Z", R"(,"repeat_pattern":"weekly")"), true)
      == R"(reminder_request/save {"title":"T","description":"D","trigger_time":"2031-05-02T07:00:00Z","type":"repeatable","repeat_pattern":"weekly"})");
  CHECK(request_of("get_reminders", "{}") == "reminder_request/list {}");
  CHECK(request_of("update_reminder", R"({"reminder_id":"r7","updates":{"title":"x"}})")
        == R"(reminder_request/update {"reminder_id":"r7","updates":{"title":"x"}})");
  CHECK(request_of("delete_reminder", R"({"reminder_id":"r7"})") == R"(reminder_request/delete {"reminder_id":"r7"})");
  CHECK(request_of("delete_reminder", R"({"reminder_id":"r7"})", true) == R"(reminder_request/delete {"id":"r7"})");
}

TEST_CASE("each workspace tool makes the contract's request") {
  CHECK(request_of("create_workspace", R"({"name":"W","programs":["code"]})")
        == R"(workspace_request/create {"name":"W","programs":["code"],"description":"","links":[]})");
  CHECK(request_of("launch_workspace", R"({"name":"W"})") == R"(workspace_request/launch {"name":"W"})");
  CHECK(request_of("launch_workspace", R"({"id":3})", true) == R"(workspace_request/launch {"id":3})");
  CHECK(request_of("list_workspaces", "") == "workspace_request/list {}");
  CHECK(request_of("search_workspaces", R"({"query":"q"})") == R"(workspace_request/search {"query":"q"})");
  CHECK(request_of("delete_workspace", R"({"name":"W"})") == R"(workspace_request/delete {"name":"W"})");
  CHECK(request_of("clear_all_workspaces", "") == "workspace_request/clear_all {}");
  CHECK(request_of("get_workspace_stats", "") == "workspace_request/stats {}");
}

TEST_CASE("canonical clients are waited for when they are asked, newer ones always") {
  for (const auto* name : {"get_all_memories", "get_reminders", "list_workspaces", "get_workspace_stats"})
    CHECK(waits(name, "", false));
  CHECK_FALSE(waits("save_memory", R"({"text":"x"})", false));
  CHECK_FALSE(waits("save_reminder", reminder("2031-05-02T07:00:00Z"), false));
  CHECK_FALSE(waits("clear_all_workspaces", "", false));
  CHECK(waits("save_memory", R"({"text":"x"})", true));
  CHECK(waits("clear_all_workspaces", "", true));
}

TEST_CASE("bad arguments are refused with field and rule") {
  CHECK(request_of("search_memory", "{}") == "arguments.query is required");
  CHECK(request_of("search_memory", R"({"query":7})") == "arguments.query must be a string");
  CHECK(request_of("search_memory", R"({"query":""})") == "arguments.query must not be empty");
  CHECK(request_of("search_memory", "[]") == "arguments must be a JSON object");
  CHECK(request_of("search_memory", "{").find("arguments: ") == 0);
  CHECK(request_of("modify_memory", R"({"memory_id":4})") == "arguments must hold new_text or new_confidence");
  CHECK(request_of("modify_memory", R"({"memory_id":4,"new_confidence":1.5})")
        == "arguments.new_confidence must be a number from 0 to 1");
  CHECK(request_of("delete_memory", R"({"memory_id":1.5})")
        == "arguments.memory_id must be a non-empty string or an integer");
  CHECK(request_of("create_workspace", R"({"name":"W","links":"x"})") == "arguments.links must be an array");
  CHECK(request_of("update_reminder", R"({"reminder_id":"r7","updates":{}})") == "arguments.updates must not be empty");
  CHECK(request_of("update_reminder", R"({"reminder_id":"r7","updates":[]})") == "arguments.updates must be an object");
  CHECK(prepare_call(call_of("sing", "{}"), false, now).error().kind == failure_kind::not_found);
}

TEST_CASE("a one-shot reminder in the past is refused, compared in UTC") {
  const std::string past =
      "arguments.trigger_time is in the past; a reminder without a repeat_pattern must be in the future";
  const auto asked = [](const std::string& text) { return text.find("reminder_request/") == 0; };
  CHECK(request_of("save_reminder", reminder("2025-12-31T23:59:59Z")) == past);
  CHECK(request_of("save_reminder", reminder("2026-01-01T00:00:00Z")) == past);
  CHECK(asked(request_of("save_reminder", reminder("2026-01-01T00:00:01Z"))));
  CHECK(request_of("save_reminder", reminder("2026-01-01T01:00:00+02:00")) == past);
  CHECK(asked(request_of("save_reminder", reminder("2025-12-31T23:00:00-02:00"))));
  CHECK(asked(request_of("save_reminder", reminder("2020-01-01T00:00:00Z", R"(,"repeat_pattern":"daily")"))));
  CHECK(request_of("save_reminder", reminder("tomorrow"))
        == "arguments.trigger_time must be ISO 8601 with date and time, like 2031-05-02T07:00:00Z");
  CHECK(request_of("save_reminder", reminder("2031-05-02T07:00:00+02:00"), true)
        == "arguments.trigger_time must be in UTC and end in Z, like 2031-05-02T07:00:00Z");
  CHECK(request_of("save_reminder", reminder("2031-05-02T07:00:00Z", R"(,"repeat_pattern":"hourly")"))
        == "arguments.repeat_pattern must be daily, weekly, monthly or null");
}

TEST_CASE("a changed reminder is refused a past time unless it is said to repeat") {
  const auto change = [](const std::string& updates, const std::string& more = {}) {
    return request_of("update_reminder", R"({"reminder_id":"r7","updates":)" + updates + more + "}");
  };
  const std::string past = R"({"trigger_time":"2020-01-01T00:00:00Z"})";
  CHECK(change(past).find("arguments.updates.trigger_time is in the past") == 0);
  CHECK(change(past, R"(,"original_reminder":{"type":"one-shot"})").find("arguments.updates.trigger_time is in") == 0);
  CHECK(change(past, R"(,"original_reminder":{"type":"repeatable"})").find("reminder_request/update") == 0);
  CHECK(change(R"({"trigger_time":"2020-01-01T00:00:00Z","repeat_pattern":"daily"})").find("reminder_request/") == 0);
  CHECK(change(R"({"trigger_time":"2020-01-01T00:00:00Z","repeat_pattern":null})",
               R"(,"original_reminder":{"repeat_pattern":"daily"})")
            .find("arguments.updates.trigger_time is in the past")
        == 0);
}

TEST_CASE("ISO 8601 times are read exactly and everything else is refused") {
  const auto ms = [](const char* text) { return parse_iso_time(text).value().utc_ms; };
  CHECK(ms("1970-01-01T00:00:00Z") == 0);
  CHECK(ms("2026-01-01T00:00:00.250Z") == now + 250);
  CHECK(ms("2026-01-01T00:00:00.1234567Z") == now + 123);
  CHECK(ms("2026-01-01T00:00Z") == now);
  CHECK(ms("2026-01-01T05:30:00+05:30") == now);
  CHECK(ms("2025-12-31T19:00:00-0500") == now);
  CHECK(ms("2026-01-01T01:00:00+01") == now);
  CHECK(ms("2028-02-29T00:00:00Z") > now);
  CHECK(parse_iso_time("2026-01-01T00:00:00Z")->ends_in_z);
  CHECK_FALSE(parse_iso_time("2026-01-01T00:00:00+00:00")->ends_in_z);
  CHECK(parse_iso_time("2026-06-01T12:00:00").has_value());
  for (const auto* text : {"", "2026", "2026-01-01", "2026-13-01T00:00Z", "2026-02-29T00:00Z", "2026-01-01T24:00Z",
                           "2026-01-01T00:60Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01 00:00Z",
                           "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+5", "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00 Z", "-026-01-01T00:00Z", "2026-01-01T00:00:00+01:"}) {
    INFO(text);
    CHECK_FALSE(parse_iso_time(text).has_value());
  }
}

TEST_CASE("a request is one flat object of the contract's four fields") {
  const auto call = prepare_call(call_of("get_reminders", ""), false, now).value();
  CHECK(encode_request(call, "u-1") == R"({"type":"reminder_request","action":"list","data":{},"request_id":"u-1"})");
  CHECK(encode_mcp_request("google", R"({"id":3})", "u-2")
        == R"({"type":"mcp_request","mcp_name":"google","data":{"id":3},"request_id":"u-2"})");
  CHECK(
      encode_request(log_call(call_of("get_reminders", R"({"a":1})"), "done"), "u-3")
      == R"({"type":"memory_request","action":"log_tool_execution","data":{"tool":"get_reminders","arguments":{"a":1},"result":"done"},"request_id":"u-3"})");
}

TEST_CASE("memory tools and the end tool are not logged, others are") {
  for (const auto* name :
       {"search_memory", "save_memory", "get_all_memories", "clear_all_memories", "end_conversation_session"})
    CHECK_FALSE(is_logged(name));
  for (const auto* name : {"get_reminders", "launch_workspace", "get_current_datetime", "memory_of_another_server"})
    CHECK(is_logged(name));
}
