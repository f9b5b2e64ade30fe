// From a model's call to the request for the client.

#include "net/dialects/luna/luna_time.hpp"
#include "net/dialects/luna/luna_tool_arguments.hpp"
#include "net/dialects/luna/luna_tools.hpp"

#include <utility>

namespace troupe::luna {
namespace {

struct context {
  bool newer = false;
  std::int64_t now_ms = 0;
};

using reading = tool_arguments;
using preparing = client_call (*)(reading&, const context&);

/// `waits` is C's column; N waits for every answer.
client_call ask(const char* type, const char* action, std::string data, const context& with, bool waits,
                answer_shape shape = answer_shape::raw) {
  return {type, action, std::move(data), waits || with.newer, shape, {}};
}

client_call memory(const char* action, std::string data, const context& with, bool waits = false,
                   answer_shape shape = answer_shape::raw) {
  return ask("memory_request", action, std::move(data), with, waits, shape);
}

client_call search_memory(reading& from, const context&) {
  return recall_call(from.text("query"));
}

client_call get_all_memories(reading&, const context& with) {
  return memory("list", R"({"minConfidence":0.1})", with, true, answer_shape::memories);
}

client_call save_memory(reading& from, const context& with) {
  return memory("save", object_writer().text("text", from.text("text")).json("confidence", "0.5").done(), with);
}

client_call modify_memory(reading& from, const context& with) {
  object_writer updates;
  if (from.has("new_text")) updates.text("text", from.text("new_text"));
  if (from.has("new_confidence")) updates.json("confidence", from.fraction("new_confidence", ""));
  if (!from.has("new_text") && !from.has("new_confidence")) from.refuse_all("must hold new_text or new_confidence");
  return memory("update", object_writer().json("id", from.id("memory_id")).json("updates", updates.done()).done(),
                with);
}

client_call reinforce_memory(reading& from, const context& with) {
  return memory("reinforce",
                object_writer().json("id", from.id("memory_id")).json("factor", from.fraction("factor", "0.1")).done(),
                with);
}

client_call weaken_memory(reading& from, const context& with) {
  object_writer data;
  data.json("id", from.id("memory_id"));
  data.json("factor", from.fraction("factor", with.newer ? "0.1" : "0.2"));
  data.json("autoCleanupThreshold", from.fraction("auto_cleanup_threshold", "0.1"));
  return memory("weaken", data.done(), with);
}

client_call delete_memory(reading& from, const context& with) {
  return memory("delete", object_writer().json("id", from.id("memory_id")).done(), with);
}

client_call clear_all_memories(reading&, const context& with) {
  return memory("clear_all", "{}", with);
}

/// The rule of contract 11.1, "Reminder rules".
void check_trigger_time(reading& from, std::string_view text, bool repeats, const context& with) {
  if (text.empty()) return;  // refused already, or not given
  const auto time = parse_iso_time(text);
  if (!time) return from.refuse("trigger_time", "must be ISO 8601 with date and time, like 2031-05-02T07:00:00Z");
  if (with.newer && !time->ends_in_z)
    return from.refuse("trigger_time", "must be in UTC and end in Z, like 2031-05-02T07:00:00Z");
  if (!repeats && time->utc_ms <= with.now_ms)
    from.refuse("trigger_time", "is in the past; a reminder without a repeat_pattern must be in the future");
}

std::string_view repeat_pattern(reading& from) {
  const auto pattern = from.optional_text("repeat_pattern");
  if (!pattern.empty() && pattern != "daily" && pattern != "weekly" && pattern != "monthly")
    from.refuse("repeat_pattern", "must be daily, weekly, monthly or null");
  return pattern;
}

client_call save_reminder(reading& from, const context& with) {
  const auto title = from.text("title");
  const auto description = from.optional_text("description");
  if (!from.has("description")) from.refuse("description", "is required");
  const auto time = from.text("trigger_time");
  const auto pattern = repeat_pattern(from);
  check_trigger_time(from, time, !pattern.empty(), with);
  object_writer data;
  data.text("title", title).text("description", description).text("trigger_time", time);
  data.text("type", pattern.empty() ? "one-shot" : "repeatable");
  if (pattern.empty())
    data.json("repeat_pattern", "null");
  else
    data.text("repeat_pattern", pattern);
  if (!with.newer) data.text("status", "active");
  return ask("reminder_request", "save", data.done(), with, false);
}

client_call get_reminders(reading&, const context& with) {
  return ask("reminder_request", "list", "{}", with, true, answer_shape::reminders);
}

bool says_it_repeats(const tool_arguments& reminder) {
  std::string_view text;
  const auto pattern = reminder.find("repeat_pattern");
  if (pattern && pattern->get(text) == simdjson::SUCCESS && !text.empty()) return true;
  const auto type = reminder.find("type");
  return type && type->get(text) == simdjson::SUCCESS && text == "repeatable";
}

/// A change of one field says nothing of the others: whether the reminder
/// repeats may stand in the change or in the reminder as it was.
bool will_repeat(reading& from, const tool_arguments& updates) {
  if (updates.mentions("repeat_pattern") || updates.has("type")) return says_it_repeats(updates);
  if (!from.has("original_reminder")) return false;
  const auto original = from.fields("original_reminder");
  return original && says_it_repeats(tool_arguments(*original));
}

client_call update_reminder(reading& from, const context& with) {
  const auto id = from.id("reminder_id");
  const auto changes = from.fields("updates");
  if (!changes) return {};
  if (changes->size() == 0) from.refuse("updates", "must not be empty");
  tool_arguments updates(*changes, "arguments.updates");
  repeat_pattern(updates);
  check_trigger_time(updates, updates.optional_text("trigger_time"), will_repeat(from, updates), with);
  from.take_problem(updates);
  return ask("reminder_request", "update",
             object_writer().json("reminder_id", id).json("updates", simdjson::minify(*changes)).done(), with, false);
}

client_call delete_reminder(reading& from, const context& with) {
  const char* name = with.newer ? "id" : "reminder_id";
  return ask("reminder_request", "delete", object_writer().json(name, from.id("reminder_id")).done(), with, false);
}

client_call workspace(const char* action, std::string data, const context& with, bool waits = false,
                      answer_shape shape = answer_shape::raw) {
  return ask("workspace_request", action, std::move(data), with, waits, shape);
}

client_call create_workspace(reading& from, const context& with) {
  object_writer data;
  data.text("name", from.text("name")).json("programs", from.list("programs"));
  data.text("description", from.optional_text("description")).json("links", from.list("links"));
  return workspace("create", data.done(), with);
}

client_call launch_workspace(reading& from, const context& with) {
  object_writer data;
  if (with.newer)
    data.json("id", from.id("id"));
  else
    data.text("name", from.text("name"));
  return workspace("launch", data.done(), with);
}

client_call list_workspaces(reading&, const context& with) {
  return workspace("list", "{}", with, true, answer_shape::workspaces);
}

client_call search_workspaces(reading& from, const context& with) {
  return workspace("search", object_writer().text("query", from.text("query")).done(), with, true,
                   answer_shape::workspaces);
}

client_call delete_workspace(reading& from, const context& with) {
  return workspace("delete", object_writer().text("name", from.text("name")).done(), with);
}

client_call clear_all_workspaces(reading&, const context& with) {
  return workspace("clear_all", "{}", with);
}

client_call get_workspace_stats(reading&, const context& with) {
  return workspace("stats", "{}", with, true);
}

client_call end_conversation_session(reading&, const context&) {
  client_call call;
  call.told = R"({"status":"success","message":"Say goodbye; the client ends the conversation."})";
  return call;
}

constexpr std::pair<std::string_view, preparing> table[] = {
    {"search_memory", search_memory},
    {"get_all_memories", get_all_memories},
    {"save_memory", save_memory},
    {"modify_memory", modify_memory},
    {"reinforce_memory", reinforce_memory},
    {"weaken_memory", weaken_memory},
    {"delete_memory", delete_memory},
    {"clear_all_memories", clear_all_memories},
    {"save_reminder", save_reminder},
    {"get_reminders", get_reminders},
    {"update_reminder", update_reminder},
    {"delete_reminder", delete_reminder},
    {"create_workspace", create_workspace},
    {"launch_workspace", launch_workspace},
    {"list_workspaces", list_workspaces},
    {"search_workspaces", search_workspaces},
    {"delete_workspace", delete_workspace},
    {"clear_all_workspaces", clear_all_workspaces},
    {"get_workspace_stats", get_workspace_stats},
    {"end_conversation_session", end_conversation_session},
};

/// Also the other protocol's: a model may call what it was told of before the
/// first envelope showed the connection to be a newer one.
preparing find_tool(std::string_view name) {
  for (auto& [known, prepare] : table)
    if (name == known) return prepare;
  return nullptr;
}

}  // namespace

expected<client_call> prepare_call(const tool_call& call, bool newer, std::int64_t wall_ms) {
  const auto prepare = find_tool(call.name);
  if (prepare == nullptr) return failure{failure_kind::not_found, "the client has no tool of that name"};
  if (call.arguments.size() > tool_arguments_limit)
    return failure{failure_kind::invalid,
                   "arguments may be at most " + std::to_string(tool_arguments_limit) + " bytes long"};
  const auto given = net::parse_json(call.arguments.empty() ? "{}" : call.arguments);
  if (!given) return failure{failure_kind::invalid, "arguments: " + given.error().message};
  simdjson::dom::object fields;
  if (given->get(fields) != simdjson::SUCCESS) return failure{failure_kind::invalid, "arguments must be a JSON object"};
  tool_arguments from(fields);
  auto out = prepare(from, {newer, wall_ms});
  if (!from.problem().empty()) return failure{failure_kind::invalid, from.problem()};
  return out;
}

client_call recall_call(std::string_view query) {
  return {"memory_request",
          "search",
          object_writer().text("query", query).json("minConfidence", "0.3").done(),
          true,
          answer_shape::memory_lines,
          {}};
}

bool is_logged(std::string_view tool) {
  if (tool == "end_conversation_session") return false;
  return find_tool(tool) == nullptr || tool.find("memor") == tool.npos;
}

client_call log_call(const tool_call& call, const std::string& result) {
  // What the model wrote may be no JSON: then the log gets it as a text.
  const auto given = net::parse_json(call.arguments.empty() ? "{}" : call.arguments);
  object_writer data;
  data.text("tool", net::repair_utf8(call.name));
  if (given)
    data.json("arguments", simdjson::minify(*given));
  else
    data.text("arguments", net::repair_utf8(call.arguments));
  data.text("result", net::repair_utf8(result));
  return {"memory_request", "log_tool_execution", data.done(), true, answer_shape::raw, {}};
}

std::string encode_request(const client_call& call, std::string_view request_id) {
  object_writer out;
  out.text("type", call.type).text("action", call.action).json("data", call.data).text("request_id", request_id);
  return out.done();
}

std::string encode_mcp_request(std::string_view mcp_name, std::string_view body, std::string_view request_id) {
  object_writer out;
  out.text("type", "mcp_request").text("mcp_name", mcp_name).json("data", body).text("request_id", request_id);
  return out.done();
}

}  // namespace troupe::luna
