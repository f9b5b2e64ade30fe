#include "cli/commands_characters.hpp"

#include "characters/definition.hpp"
#include "characters/document.hpp"
#include "storage/saves_folder.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

namespace troupe::cli {
namespace {

using characters::definition;
using characters::document;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// A character's file as it is, and what it says.
struct loaded_file {
  std::string text;
  std::string path;
  definition who;
};

expected<loaded_file> load(const config::settings& settings, const std::string& id) {
  const storage::definitions_folder folder(settings.character_schemas_dir);
  // What cannot be an id names no file: the folder then says which there are.
  auto file = folder.read(is_character_id(id) ? id : std::string("?"), characters::largest_definition);
  if (!file && file.error().kind == failure_kind::not_found && !is_character_id(id))
    return failure{
        failure_kind::not_found,
        "an id is 1 to 64 letters, digits, '-', '_' and '.', and does not begin with a dot; " + file.error().message};
  if (!file) return file.error();
  loaded_file made{std::move(file->text), (settings.character_schemas_dir / file->name).string(), {}};
  auto who = definition::from_yaml(id, made.text, made.path, now_us());
  if (!who) return who.error();
  made.who = std::move(*who);
  return made;
}

/// File names may hold anything; what is printed may not.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

std::string one_line(const std::string& text) {
  auto line = printable(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

bool has(const document& mapping, std::string_view key) {
  return std::any_of(mapping.members.begin(), mapping.members.end(),
                     [&](auto& each) { return each.key == key && each.value.is != document::kind::null; });
}

/// Whether the file itself gives all of the Big Five, not the defaults.
std::string big_five_of(const document& top) {
  for (auto& each : top.members) {
    if (each.key != "personality") continue;
    for (auto& part : each.value.members)
      if (part.key == "big_five") return std::to_string(part.value.members.size()) + " of 5";
  }
  return "none, 0.5 each";
}

void print_entry(const boost::json::object& entry) {
  const auto text = [&](const char* key) { return std::string(entry.at(key).as_string()); };
  std::printf("%s\n  name: %s\n  type: %s\n", text("id").c_str(), text("name").c_str(), text("archetype").c_str());
  if (!text("description").empty()) std::printf("  description: %s\n", one_line(text("description")).c_str());
  if (entry.contains("error")) std::printf("  cannot be loaded: %s\n", text("error").c_str());
}

boost::json::object entry_of(const config::settings& settings, const std::string& id) {
  boost::json::object entry;
  entry["id"] = printable(id);
  auto file = load(settings, id);
  entry["name"] = file ? file->who.name : "Unknown";
  entry["archetype"] = file ? file->who.archetype : "unknown";
  entry["description"] = file ? file->who.description : "";
  if (file)
    entry["warnings"] = file->who.warnings.size();
  else
    entry["error"] = printable(file.error().message);
  return entry;
}

void print_texts(const char* title, const boost::json::value& list, const char* key = nullptr) {
  if (list.as_array().empty()) return;
  std::printf("%s\n", title);
  for (auto& each : list.as_array()) {
    const auto& text = key == nullptr ? each.as_string() : each.as_object().at(key).as_string();
    std::printf("  - %s\n", std::string(text).c_str());
  }
}

void print_definition(const definition& who) {
  std::printf("%s: %s (%s)\n", who.id.c_str(), who.name.c_str(), who.archetype.c_str());
  if (!who.description.empty()) std::printf("%s\n", who.description.c_str());
  std::printf("\nlevels at the start, and how strongly they answer\n");
  for (std::size_t i = 0; i < characters::neurochemical_count; ++i)
    std::printf("  %-12s %5.1f  x %.2f\n", std::string(characters::neurochemical_names[i]).c_str(), who.baseline[i],
                who.sensitivity[i]);
  std::printf(
      "personality\n  openness %.2f, conscientiousness %.2f, extraversion %.2f, agreeableness %.2f, "
      "neuroticism %.2f\n",
      who.big_five.openness, who.big_five.conscientiousness, who.big_five.extraversion, who.big_five.agreeableness,
      who.big_five.neuroticism);
  const auto& personality = who.config.at("personality").as_object();
  print_texts("traits", personality.at("behavioral_traits"), "trait");
  print_texts("values", personality.at("core_values"), "value");
  print_texts("quirks", personality.at("quirks"));
  print_texts("goals", who.config.at("initial_goals"), "description");
  const std::string backstory(who.config.at("backstory").as_string());
  if (!backstory.empty()) std::printf("backstory\n%s\n", backstory.c_str());
}

}  // namespace

int list_characters(const config::settings& settings, bool json) {
  const auto folder = settings.character_schemas_dir.string();
  boost::json::array entries;
  std::string problem;
  if (auto ids = storage::definitions_folder(folder).ids())
    for (auto& id : *ids) entries.push_back(entry_of(settings, id));
  else
    problem = " (" + ids.error().message + ")";
  if (json) {
    const auto total = entries.size();
    boost::json::object all{{"folder", folder}, {"characters", std::move(entries)}, {"total", total}};
    std::printf("%s\n", boost::json::serialize(all).c_str());
    return 0;
  }
  for (auto& entry : entries) print_entry(entry.as_object());
  if (entries.empty())
    std::printf("no characters were found in %s%s\n", folder.c_str(), problem.c_str());
  else
    std::printf("%zu character%s in %s\n", entries.size(), entries.size() == 1 ? "" : "s", folder.c_str());
  return 0;
}

int validate_character(const config::settings& settings, const std::string& id) {
  std::printf("validating character %s\n", printable(id).c_str());
  const auto file = load(settings, id);
  if (!file) {
    std::printf("invalid: %s\n", printable(file.error().message).c_str());
    return 1;
  }
  const auto top = characters::read_yaml(file->text, file->path);
  const auto there = [&](const char* key) { return has(*top, key) ? "present" : "not given, defaults are used"; };
  std::printf("loaded: %s\n  name: %s\n  archetype: %s\n", file->path.c_str(), file->who.name.c_str(),
              file->who.archetype.c_str());
  std::printf("fields\n  name: %s\n  archetype: %s\n  personality: %s\n  Big Five traits: %s\n", there("name"),
              there("archetype"), there("personality"), big_five_of(*top).c_str());
  for (auto& warning : file->who.warnings) std::printf("warning: %s\n", printable(warning).c_str());
  std::printf("valid: %s, %zu warning%s\n", id.c_str(), file->who.warnings.size(),
              file->who.warnings.size() == 1 ? "" : "s");
  return 0;
}

int show_character(const config::settings& settings, const std::string& id, bool json) {
  const auto file = load(settings, id);
  if (!file) {
    std::fprintf(stderr, "error: %s\n", printable(file.error().message).c_str());
    return 1;
  }
  if (json)
    std::printf("%s\n", boost::json::serialize(file->who.config).c_str());
  else
    print_definition(file->who);
  return 0;
}

void add_characters(CLI::App& app, std::function<int(const config::settings&)>& chosen) {
  struct arguments {
    bool json = false;
    std::string id;
  };
  auto given = std::make_shared<arguments>();
  auto* group = app.add_subcommand("characters", "Look at the files of characters in CHARACTER_SCHEMAS_DIR");
  group->require_subcommand(1);
  auto* list = group->add_subcommand("list", "List them, with name, archetype and description");
  list->add_flag("--json", given->json, "Print JSON");
  list->callback(
      [&chosen, given] { chosen = [given](auto& settings) { return list_characters(settings, given->json); }; });
  auto* validate = group->add_subcommand("validate", "Check one; exit status 1 if it breaks a rule");
  validate->add_option("id", given->id, "The file's name without .yaml")->required();
  validate->callback(
      [&chosen, given] { chosen = [given](auto& settings) { return validate_character(settings, given->id); }; });
  auto* show = group->add_subcommand("show", "Show one, with defaults filled in");
  show->add_option("id", given->id, "The file's name without .yaml")->required();
  show->add_flag("--json", given->json, "Print JSON, as it stands in save files");
  show->callback([&chosen, given] {
    chosen = [given](auto& settings) { return show_character(settings, given->id, given->json); };
  });
}

}  // namespace troupe::cli
