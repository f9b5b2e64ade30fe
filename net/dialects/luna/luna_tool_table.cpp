// What a model is told of a Luna client's tools (contract luna.md 11.1).

#include "net/dialects/luna/luna_tool_arguments.hpp"
#include "net/dialects/luna/luna_tools.hpp"

namespace troupe::luna {
namespace {

enum class takes : std::uint8_t { text, fraction, texts, repeat, changes, object };
enum class told_to : std::uint8_t { both, canonical, newer };

struct argument {
  const char* name;
  takes kind;
  bool required;
  const char* description;
};

struct tool_entry {
  const char* name;
  told_to whom;
  const char* description;
  std::vector<argument> arguments;
};

constexpr auto required = true, optional = false;
constexpr auto memory_id =
    argument{"memory_id", takes::text, required, "The memory's id, as get_all_memories tells it"};
constexpr auto reminder_id = argument{"reminder_id", takes::text, required, "Its id, as get_reminders tells it"};
constexpr auto query = argument{"query", takes::text, required, "Words to look for"};

std::vector<argument> reminder_fields(bool needed) {
  return {{"title", takes::text, needed, "A few words"},
          {"description", takes::text, needed, "What it is about"},
          {"trigger_time", takes::text, needed, "ISO 8601 in UTC, like 2031-05-02T07:00:00Z"},
          {"repeat_pattern", takes::repeat, optional, "Leave out for a reminder that comes once"}};
}

std::vector<tool_entry> memory_tools() {
  return {
      {"search_memory",
       told_to::canonical,
       "Searches what is remembered about the user. Use it before answering personal questions.",
       {query}},
      {"get_all_memories",
       told_to::both,
       "Lists everything that is remembered about the user, with ids and confidence.",
       {}},
      {"save_memory",
       told_to::both,
       "Remembers a noteworthy fact about the user.",
       {{"text", takes::text, required, "The fact, one sentence"}}},
      {"modify_memory",
       told_to::both,
       "Changes a memory's text or its confidence.",
       {memory_id,
        {"new_text", takes::text, optional, "The text from now on"},
        {"new_confidence", takes::fraction, optional, "The confidence from now on"}}},
      {"reinforce_memory",
       told_to::both,
       "Makes a memory more certain, because it proved right.",
       {memory_id, {"factor", takes::fraction, optional, "How much; 0.1 unless given"}}},
      {"weaken_memory",
       told_to::both,
       "Makes a memory less certain, because it may be wrong; a very uncertain one is deleted.",
       {memory_id,
        {"factor", takes::fraction, optional, "How much"},
        {"auto_cleanup_threshold", takes::fraction, optional, "Below it the memory is deleted"}}},
      {"delete_memory", told_to::both, "Deletes a memory.", {memory_id}},
      {"clear_all_memories", told_to::both, "Deletes every memory. Only if the user has asked for exactly that.", {}},
  };
}

std::vector<tool_entry> reminder_tools() {
  return {
      {"save_reminder", told_to::both,
       "Sets a reminder. Ask for the date first, to turn a relative time into an absolute one.",
       reminder_fields(required)},
      {"get_reminders", told_to::both, "Lists the reminders with their ids.", {}},
      {"update_reminder",
       told_to::both,
       "Changes a reminder.",
       {reminder_id,
        {"updates", takes::changes, required, "The fields that change"},
        {"original_reminder", takes::object, optional, "The reminder as get_reminders told it"}}},
      {"delete_reminder", told_to::both, "Deletes a reminder.", {reminder_id}},
  };
}

std::vector<tool_entry> workspace_tools() {
  return {
      {"create_workspace",
       told_to::both,
       "Makes a workspace: programs and links that are opened together.",
       {{"name", takes::text, required, "Its name, unique"},
        {"programs", takes::texts, optional, "Programs to start"},
        {"description", takes::text, optional, "What it is for"},
        {"links", takes::texts, optional, "Addresses to open"}}},
      {"launch_workspace",
       told_to::canonical,
       "Opens a workspace: its programs and links.",
       {{"name", takes::text, required, "Its name"}}},
      {"launch_workspace",
       told_to::newer,
       "Opens a workspace: its programs and links.",
       {{"id", takes::text, required, "Its id, as list_workspaces tells it"}}},
      {"list_workspaces", told_to::both, "Lists the workspaces.", {}},
      {"search_workspaces", told_to::both, "Searches the workspaces.", {query}},
      {"delete_workspace", told_to::both, "Deletes a workspace.", {{"name", takes::text, required, "Its name"}}},
      {"clear_all_workspaces",
       told_to::both,
       "Deletes every workspace. Only if the user has asked for exactly that.",
       {}},
      {"get_workspace_stats", told_to::canonical, "Tells how many workspaces there are and how they are used.", {}},
      {"end_conversation_session", told_to::both, "Ends the conversation, when the user says goodbye.", {}},
  };
}

std::string schema_of(const std::vector<argument>& arguments);

std::string schema_of(const argument& of) {
  object_writer out;
  switch (of.kind) {
    case takes::text: out.text("type", "string"); break;
    case takes::fraction: out.text("type", "number").json("minimum", "0").json("maximum", "1"); break;
    case takes::texts: out.text("type", "array").json("items", R"({"type":"string"})"); break;
    case takes::repeat: out.text("type", "string").json("enum", R"(["daily","weekly","monthly"])"); break;
    case takes::changes: return schema_of(reminder_fields(optional));
    case takes::object: out.text("type", "object"); break;
  }
  return out.text("description", of.description).done();
}

std::string schema_of(const std::vector<argument>& arguments) {
  object_writer properties;
  std::string needed;
  for (auto& each : arguments) {
    properties.json(each.name, schema_of(each));
    if (!each.required) continue;
    if (!needed.empty()) needed += ',';
    net::append_json_string(needed, each.name);
  }
  object_writer out;
  out.text("type", "object").json("properties", properties.done());
  if (!needed.empty()) out.json("required", '[' + needed + ']');  // empty, older drafts refuse it
  return out.done();
}

std::vector<tool_spec> make_specs(bool newer) {
  std::vector<tool_spec> out;
  const auto other = newer ? told_to::canonical : told_to::newer;
  for (auto& group : {memory_tools(), reminder_tools(), workspace_tools()})
    for (auto& each : group)
      if (each.whom != other) out.push_back({each.name, each.description, schema_of(each.arguments)});
  return out;
}

}  // namespace

const std::vector<tool_spec>& client_tools(bool newer) {
  static const auto canonical_specs = make_specs(false);
  static const auto newer_specs = make_specs(true);
  return newer ? newer_specs : canonical_specs;
}

}  // namespace troupe::luna
