#include "cli/chat/chat_commands.hpp"

#include "cli/chat/file_writing.hpp"
#include "cli/chat/json_fields.hpp"
#include "cli/chat/network_text.hpp"
#include "cli/chat/pending_replies.hpp"
#include "cli/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace troupe::chat {

namespace json = boost::json;

namespace {

using c = chat_commands;

constexpr std::array<chat_commands::command, 20> table = {{
    {"help", "", "list the commands", true, c::help},
    {"vitals", "", "levels, mood and energy in detail", false, c::vitals},
    {"mood", "", "how the character feels", false, c::mood},
    {"goals", "", "what it wants", false, c::goals},
    {"memory", "[query]", "up to 5 memories that fit", false, c::memory},
    {"status", "", "name, mood, messages and trust", false, c::status},
    {"save", "[name]", "save the character", false, c::save},
    {"load", "name", "load a save", false, c::load},
    {"reset", "[all]", "begin anew; 'all' forgets the conversation, too", false, c::reset},
    {"export", "[name]", "write the conversation to a file", false, c::export_conversation},
    {"clear", "", "clear the shown conversation", false, c::clear},
    {"debug", "", "show how replies come about, or no longer", true, c::debug},
    {"stream", "[on|off]", "show replies as they come, or whole", false, c::stream},
    {"history", "[n]", "the last n messages (50)", false, c::history},
    {"conversations", "", "your conversations", false, c::conversations},
    {"scroll", "up|down|top|bottom", "scroll the conversation", true, c::scroll},
    {"autoscroll", "", "follow the conversation, or no longer", true, c::autoscroll},
    {"pane", "next|prev|conversation|vitals|input|status", "change or show the active pane", true, c::pane},
    {"exit", "", "leave", true, c::leave},
    {"quit", "", "leave", true, c::leave},
}};

constexpr const char* no_panes = "there are no panes here: this is the plain chat";

std::vector<cli::text_line> lines_of(const std::vector<std::string>& texts) {
  std::vector<cli::text_line> out;
  for (auto& text : texts) out.push_back(cli::line_of(text));
  return out;
}

std::string date_and_time() {
  const auto now = std::time(nullptr);
  tm parts{};
  ::localtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d_%H%M%S", &parts);
  return text;
}

}  // namespace

std::span<const chat_commands::command> chat_commands::all() {
  return table;
}

const chat_commands::command* chat_commands::find(std::string_view name) {
  const auto found = std::ranges::find(table, name, &command::name);
  return found == table.end() ? nullptr : &*found;
}

void chat_commands::help(chat_session& in, const std::string&) {
  std::vector<cli::text_line> lines;
  for (auto& each : table) {
    const auto usage = "/" + std::string(each.name) + (each.arguments.empty() ? "" : " ") + std::string(each.arguments);
    // The one with the longest arguments stands over its help.
    if (cli::columns_of(usage) > 24) {
      lines.push_back({{usage, cli::tint::bold}});
      lines.push_back({{std::string(26, ' ') + std::string(each.help)}});
    } else {
      lines.push_back({{cli::fitted(usage, 26), cli::tint::bold}, {std::string(each.help)}});
    }
  }
  in.ports_.display.show(lines);
}

void chat_commands::debug(chat_session& in, const std::string&) {
  in.options_.debug = !in.options_.debug;
  in.notice(in.options_.debug ? "debug mode is on" : "debug mode is off");
}

void chat_commands::vitals(chat_session& in, const std::string&) {
  in.status([&in](auto answer) {
    if (!answer) return in.error(answer.error().message);
    const auto now = read_vitals(*answer);
    in.ports_.display.show(detailed_vitals(now));
    in.ports_.display.learned(now, in.latest_);
  });
}

void chat_commands::mood(chat_session& in, const std::string&) {
  in.status([&in](auto answer) {
    if (!answer) return in.error(answer.error().message);
    in.ports_.display.show(mood_lines(read_vitals(*answer)));
  });
}

void chat_commands::goals(chat_session& in, const std::string&) {
  in.status([&in](auto answer) {
    if (!answer) return in.error(answer.error().message);
    in.ports_.display.show(goal_lines(read_vitals(*answer), in.ports_.display.columns()));
  });
}

void chat_commands::status(chat_session& in, const std::string&) {
  in.status([&in](auto answer) {
    if (!answer) return in.error(answer.error().message);
    auto now = read_vitals(*answer);
    if (now.name.empty()) now.name = in.options_.name;
    if (now.character_id.empty()) now.character_id = in.options_.character_id;
    in.ports_.display.show(status_lines(now));
  });
}

void chat_commands::memory(chat_session& in, const std::string& argument) {
  const std::string query = argument.empty() ? "recent experiences" : argument;
  in.ask_link({{"message_type", "memory_search_request"}, {"query", query}, {"limit", 5}}, "memory_search_response",
              [&in, query](auto answer) {
                if (!answer) return in.error(answer.error().message);
                const auto& found = array_field(*answer, "memories");
                std::vector<std::string> lines;
                for (auto& each : found) {
                  if (!each.is_object() || lines.size() == 10) continue;
                  const auto& memory = each.get_object();
                  char similarity[32];
                  std::snprintf(similarity, sizeof similarity, "%.3f", number_field(memory, "similarity").value_or(0));
                  lines.push_back(std::string(similarity) + "  " + one_line(text_field(memory, "timestamp")));
                  lines.push_back("  " + first_characters(one_line(text_field(memory, "description")), 200));
                }
                if (lines.empty()) return in.notice("no memories of '" + one_line(query) + "'");
                in.ports_.display.show(lines_of(lines));
              });
}

void chat_commands::save(chat_session& in, const std::string& argument) {
  json::object fields{{"message_type", "save_request"}, {"filename", nullptr}};
  if (!argument.empty()) fields["filename"] = argument.ends_with(".json") ? argument : argument + ".json";
  in.ask_link(std::move(fields), "save_response", [&in](auto answer) {
    if (!answer) return in.error(answer.error().message);
    in.notice("saved as " + one_line(text_field(*answer, "filename")));
  });
}

void chat_commands::load(chat_session& in, const std::string& argument) {
  if (argument.empty()) return in.error("/load needs the name of a save: /load NAME");
  in.ask_link({{"message_type", "load_request"}, {"filename", argument}}, "load_response", [&in](auto answer) {
    if (!answer) return in.error(answer.error().message);
    const auto& info = object_field(*answer, "character_info");
    in.options_.character_id = text_field(info, "character_id", in.options_.character_id);
    in.options_.name = one_line(text_field(info, "name", in.options_.name));
    in.options_.archetype = one_line(text_field(info, "archetype", in.options_.archetype));
    in.notice("loaded: " + in.options_.name);
    if (in.options_.follow_vitals) in.refresh_vitals();
  });
}

void chat_commands::reset(chat_session& in, const std::string& argument) {
  if (!argument.empty() && argument != "all") return in.error("/reset takes nothing or 'all'");
  const bool all = argument == "all";
  in.question(all ? "Begin anew and forget the conversation?" : "Begin anew?", [&in, all] {
    in.ask_link({{"message_type", "reset_request"}, {"preserve_memories", !all}}, "reset_response", [&in](auto answer) {
      if (!answer) return in.error(answer.error().message);
      in.notice(in.options_.name + " begins anew");
      if (in.options_.follow_vitals) in.refresh_vitals();
    });
  });
}

void chat_commands::export_conversation(chat_session& in, const std::string& argument) {
  auto name = json_file_name(argument.empty() ? "conversation_" + date_and_time() : argument);
  if (!name) return in.error(name.error().message);
  in.status(
      [&in, file = in.options_.data / "exports" / *name](auto answer) {
        if (!answer) return in.error(answer.error().message);
        const auto& summary = object_field(*answer, "character_summary");
        const auto& given = object_field(*answer, "vitals");
        const auto pick = [&](const char* key) {
          const auto& first = object_field(given, key);
          return first.empty() ? object_field(summary, key) : first;
        };
        const auto& info = object_field(summary, "character_info");
        const json::object out{{"timestamp", local_timestamp()},
                               {"character_id", text_field(info, "character_id", in.options_.character_id)},
                               {"character_name", text_field(info, "name", in.options_.name)},
                               {"conversation_history", array_field(*answer, "conversation_history")},
                               {"neurochemical_levels", pick("neurochemical_state")},
                               {"mood_state", pick("mood_state")},
                               {"relationship_state", pick("relationship_state")}};
        if (auto written = write_whole(file, indented(out)); !written) return in.error(written.error().message);
        in.notice("exported to " + one_line(file.string()));
      },
      true);
}

void chat_commands::clear(chat_session& in, const std::string&) {
  in.question("Clear the shown conversation?", [&in] {
    in.ports_.display.clear();
    in.notice("cleared");
  });
}

void chat_commands::scroll(chat_session& in, const std::string& argument) {
  static constexpr std::string_view ways[] = {"up", "down", "top", "bottom"};
  if (std::ranges::find(ways, argument) == std::end(ways)) return in.error("/scroll takes up, down, top or bottom");
  if (!in.ports_.display.scroll(argument)) in.notice(no_panes);
}

void chat_commands::autoscroll(chat_session& in, const std::string&) {
  if (!in.ports_.display.toggle_autoscroll()) in.notice(no_panes);
}

void chat_commands::pane(chat_session& in, const std::string& argument) {
  static constexpr std::string_view names[] = {"", "next", "prev", "conversation", "vitals", "input", "status"};
  if (std::ranges::find(names, argument) == std::end(names))
    return in.error("/pane takes next, prev, conversation, vitals, input or status");
  if (!in.ports_.display.choose_pane(argument)) in.notice(no_panes);
}

void chat_commands::stream(chat_session& in, const std::string& argument) {
  if (!argument.empty() && argument != "on" && argument != "off") return in.error("/stream takes on or off");
  const bool on = argument.empty() ? !in.options_.stream : argument == "on";
  in.options_.stream = in.ports_.display.stream(on);
  if (!in.options_.stream) return in.notice("replies are shown whole");
  const auto tell = [&in] {
    in.notice(in.subscribed_ ? "replies are shown as they come" : "this server sends replies whole");
  };
  if (in.subscribed_) return tell();
  in.subscribe(tell);
}

void chat_commands::conversations(chat_session& in, const std::string&) {
  if (in.ports_.kept == nullptr) return in.notice("no transcripts are kept; --user-id keeps them");
  const auto all = in.ports_.kept->conversations();
  if (all.empty()) return in.notice("no conversations yet");
  cli::terminal_table table({{"CHARACTER"}, {"MESSAGES", true}, {"LAST"}});
  for (auto& each : all) table.add({each.character, std::to_string(each.messages), each.last_updated});
  in.ports_.display.show(table.lines(in.ports_.display.columns()));
}

void chat_commands::history(chat_session& in, const std::string& argument) {
  std::size_t count = 50;
  const auto* const end = argument.data() + argument.size();
  if (!argument.empty()) {
    const auto [at, bad] = std::from_chars(argument.data(), end, count);
    if (bad != std::errc{} || at != end || count < 1 || count > 10000)
      return in.error("/history takes how many messages: 1 to 10000");
  }
  if (in.ports_.kept == nullptr) return in.notice("no transcripts are kept; --user-id keeps them");
  const auto messages = in.ports_.kept->newest(count);
  if (messages.empty()) return in.notice("nothing has been said yet");
  for (auto& each : messages) {
    const bool users = each.role == "user";
    in.ports_.display.show({users ? speaker::user : speaker::character, users ? "You" : in.options_.name, each.text});
  }
}

void chat_commands::leave(chat_session& in, const std::string&) {
  in.question("Leave the chat?", [&in] { in.leave(); });
}

}  // namespace troupe::chat
