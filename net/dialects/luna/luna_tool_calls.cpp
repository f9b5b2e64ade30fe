// Which tools there are, and from a model's call to the request for the client.

#include "net/dialects/luna/luna_time.hpp"
#include "net/dialects/luna/luna_tool_arguments.hpp"
#include "net/dialects/luna/luna_tools.hpp"

namespace troupe::luna {
namespace {

struct context {
  bool newer = false;
  std::int64_t now_ms = 0;
};

using reading = tool_arguments;
using preparing = client_call (*)(reading&, const context&);

enum class found_in : std::uint8_t { both, canonical, newer };

struct tool_entry {
  const char* name;
  found_in forms;
  const char* description;
  const char* properties;  ///< of the schema
  const char* required;    ///< likewise
  preparing prepare;
};

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

#define ID_SCHEMA R"("memory_id":{"type":"string","description":"The memory's id, as get_all_memories tells it"})"
#define FRACTION_SCHEMA(NAME, MEANING) "\"" NAME "\":{\"type\":\"number\",\"description\":\"" MEANING ", from 0 to 1\"}"
#define TEXT_SCHEMA(NAME, MEANING) "\"" NAME "\":{\"type\":\"string\",\"description\":\"" MEANING "\"}"
#define TEXTS_SCHEMA(NAME, MEANING) \
  "\"" NAME "\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"" MEANING "\"}"
#define REPEAT_SCHEMA \
  R"("repeat_pattern":{"type":"string","enum":["daily","weekly","monthly"],"description":"Leave out for a reminder that comes once"})"
#define TIME_SCHEMA TEXT_SCHEMA("trigger_time", "ISO 8601 in UTC, like 2031-05-02T07:00:00Z")

constexpr auto both = found_in::both;

const tool_entry table[] = {
    {"search_memory", found_in::canonical,
     "Searches what is remembered about the user. Use it before answering personal questions.",
     TEXT_SCHEMA("query", "Words to look for"), R"("query")", search_memory},
    {"get_all_memories", both, "Lists everything that is remembered about the user, with ids and confidence.", "", "",
     get_all_memories},
    {"save_memory", both, "Remembers a noteworthy fact about the user.", TEXT_SCHEMA("text", "The fact, one sentence"),
     R"("text")", save_memory},
    {"modify_memory", both, "Changes a memory's text or its confidence.",
     ID_SCHEMA "," TEXT_SCHEMA("new_text", "The text from now on") "," FRACTION_SCHEMA("new_confidence",
                                                                                       "The confidence from now on"),
     R"("memory_id")", modify_memory},
    {"reinforce_memory", both, "Makes a memory more certain, because it proved right.",
     ID_SCHEMA "," FRACTION_SCHEMA("factor", "How much; 0.1 unless given"), R"("memory_id")", reinforce_memory},
    {"weaken_memory", both, "Makes a memory less certain, because it may be wrong; a very uncertain one is deleted.",
     ID_SCHEMA "," FRACTION_SCHEMA("factor", "How much") "," FRACTION_SCHEMA("auto_cleanup_threshold",
                                                                             "Below it the memory is deleted"),
     R"("memory_id")", weaken_memory},
    {"delete_memory", both, "Deletes a memory.", ID_SCHEMA, R"("memory_id")", delete_memory},
    {"clear_all_memories", both, "Deletes every memory. Only if the user has asked for exactly that.", "", "",
     clear_all_memories},
    {"save_reminder", both, "Sets a reminder. Ask for the date first, to turn a relative time into an absolute one.",
     TEXT_SCHEMA("title", "A few words") "," TEXT_SCHEMA("description", "What it is about") "," TIME_SCHEMA
                                                                                            "," REPEAT_SCHEMA,
     R"("title","description","trigger_time")", save_reminder},
    {"get_reminders", both, "Lists the reminders with their ids.", "", "", get_reminders},
    {"update_reminder", both, "Changes a reminder.",
     TEXT_SCHEMA("reminder_id", "Its id, as get_reminders tells it") R"(,"updates":{"type":"object","description":"The fields that change","properties":{)" TEXT_SCHEMA(
         "title",
         "A few words") "," TEXT_SCHEMA("description",
                                        "What it is about") "," TIME_SCHEMA "," REPEAT_SCHEMA
                                                            R"(}},"original_reminder":{"type":"object","description":"The reminder as get_reminders told it"})",
     R"("reminder_id","updates")", update_reminder},
    {"delete_reminder", both, "Deletes a reminder.", TEXT_SCHEMA("reminder_id", "Its id, as get_reminders tells it"),
     R"("reminder_id")", delete_reminder},
    {"create_workspace", both, "Makes a workspace: programs and links that are opened together.",
     TEXT_SCHEMA("name", "Its name, unique") "," TEXTS_SCHEMA("programs", "Programs to start") "," TEXT_SCHEMA(
         "description", "What it is for") "," TEXTS_SCHEMA("links", "Addresses to open"),
     R"("name")", create_workspace},
    {"launch_workspace", found_in::canonical, "Opens a workspace: its programs and links.",
     TEXT_SCHEMA("name", "Its name"), R"("name")", launch_workspace},
    {"launch_workspace", found_in::newer, "Opens a workspace: its programs and links.",
     TEXT_SCHEMA("id", "Its id, as list_workspaces tells it"), R"("id")", launch_workspace},
    {"list_workspaces", both, "Lists the workspaces.", "", "", list_workspaces},
    {"search_workspaces", both, "Searches the workspaces.", TEXT_SCHEMA("query", "Words to look for"), R"("query")",
     search_workspaces},
    {"delete_workspace", both, "Deletes a workspace.", TEXT_SCHEMA("name", "Its name"), R"("name")", delete_workspace},
    {"clear_all_workspaces", both, "Deletes every workspace. Only if the user has asked for exactly that.", "", "",
     clear_all_workspaces},
    {"get_workspace_stats", found_in::canonical, "Tells how many workspaces there are and how they are used.", "", "",
     get_workspace_stats},
    {"end_conversation_session", both, "Ends the conversation, when the user says goodbye.", "", "",
     end_conversation_session},
};

#undef ID_SCHEMA
#undef FRACTION_SCHEMA
#undef TEXT_SCHEMA
#undef TEXTS_SCHEMA
#undef REPEAT_SCHEMA
#undef TIME_SCHEMA

bool is_in(const tool_entry& entry, bool newer) {
  return entry.forms == found_in::both || (entry.forms == found_in::newer) == newer;
}

/// A model may call what it was told of before the first envelope showed the
/// connection to be a newer one: then the other form's tool still serves.
const tool_entry* find_tool(std::string_view name, bool newer) {
  const tool_entry* other = nullptr;
  for (auto& entry : table) {
    if (name != entry.name) continue;
    if (is_in(entry, newer)) return &entry;
    other = &entry;
  }
  return other;
}

}  // namespace

std::vector<tool_spec> client_tools(bool newer) {
  std::vector<tool_spec> out;
  for (auto& entry : table)
    if (is_in(entry, newer))
      out.push_back({entry.name, entry.description,
                     std::string(R"({"type":"object","properties":{)") + entry.properties + R"(},"required":[)"
                         + entry.required + "]}"});
  return out;
}

expected<client_call> prepare_call(const tool_call& call, bool newer, std::int64_t wall_ms) {
  const auto* tool = find_tool(call.name, newer);
  if (tool == nullptr) return failure{failure_kind::not_found, "the client has no tool of that name"};
  if (call.arguments.size() > tool_arguments_limit)
    return failure{failure_kind::invalid,
                   "arguments may be at most " + std::to_string(tool_arguments_limit) + " bytes long"};
  const auto given = net::parse_json(call.arguments.empty() ? "{}" : call.arguments);
  if (!given) return failure{failure_kind::invalid, "arguments: " + given.error().message};
  simdjson::dom::object fields;
  if (given->get(fields) != simdjson::SUCCESS) return failure{failure_kind::invalid, "arguments must be a JSON object"};
  tool_arguments from(fields);
  auto out = tool->prepare(from, {newer, wall_ms});
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
  return find_tool(tool, false) == nullptr || tool.find("memor") == tool.npos;
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
