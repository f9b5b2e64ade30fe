#include "cli/run_character_server.hpp"

#include "cli/commands.hpp"
#include "cli/commands_characters.hpp"
#include "models/provider_settings.hpp"
#include "storage/saves_folder.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>

namespace troupe::cli {
namespace {

constexpr auto program_name = "run_character_server";

struct flags {
  std::string host = "localhost";
  int port = 8765;
  std::string character;
  std::string to_validate;
  bool lists = false;
  bool checks_config = false;
  bool is_verbose = false;
};

/// The original reads names of the environment in any case.
void fold_case(config::load_inputs& inputs) {
  const auto given = inputs.environment;
  for (auto& [name, value] : given) {
    auto upper = name;
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    inputs.environment.emplace(upper, value);
  }
}

std::optional<config::settings> load_or_tell(const config::load_inputs& inputs) {
  auto loaded = config::load(inputs);
  if (auto* error = std::get_if<config::settings_error>(&loaded)) {
    std::fprintf(stderr, "%s", error->text().c_str());
    return std::nullopt;
  }
  return std::get<config::settings>(std::move(loaded));
}

/// Settings from everywhere, then this name's own defaults where there were none.
std::optional<config::settings> settings_of(const flags& given, const CLI::App& app) {
  auto inputs = config::load_inputs::of_process();
  fold_case(inputs);
  auto& set = inputs.command_line;
  set["TROUPE_LIKE"] = "character";
  if (app.count("--host") > 0) set["HOST"] = given.host;
  if (app.count("--port") > 0) set["PORT"] = std::to_string(given.port);
  if (!given.character.empty()) set["CHARACTER"] = given.character;
  if (given.is_verbose) set["LOG_LEVEL"] = "debug";
  auto first = load_or_tell(inputs);
  if (!first) return std::nullopt;
  const auto is_unset = [&](const char* name) { return first->source_of(name) == "default"; };
  if (is_unset("HOST")) set["HOST"] = "localhost";
  if (is_unset("DATA_DIR")) set["DATA_DIR"] = "./data";
  if (is_unset("OLLAMA_MODEL")) set["OLLAMA_MODEL"] = "llama3.3:70b";
  if (is_unset("OLLAMA_BASE_URL") && is_unset("OLLAMA_HOST")) set["OLLAMA_BASE_URL"] = "http://localhost:11434";
  auto second = load_or_tell(inputs);
  if (!second) return std::nullopt;
  if (is_unset("MODEL")) set["MODEL"] = "ollama:" + second->ollama_model;
  if (is_unset("LOG_FILE")) set["LOG_FILE"] = (second->data_dir / "logs" / "homunculus.log").string();
  return load_or_tell(inputs);
}

/// False if the settings name no model that there is.
bool print_model(const config::settings& settings) {
  const auto choice = models::choose_model(settings);
  if (!choice) {
    std::fprintf(stderr, "error: %s\n", choice.error().message.c_str());
    return false;
  }
  if (choice->kind != models::provider_kind::ollama) {
    std::printf("model: %s, no Ollama\n", choice->name().c_str());
    return true;
  }
  const auto& url = settings.ollama_base_url.empty() ? settings.ollama_host : settings.ollama_base_url;
  std::printf("Ollama URL: %s\nOllama model: %s\n", url.c_str(), choice->model.c_str());
  return true;
}

int check_config(const config::settings& settings) {
  if (!print_model(settings)) return 1;
  std::error_code ignored;
  const auto there = [&](const std::filesystem::path& folder) {
    return std::filesystem::is_directory(folder, ignored) ? "exists" : "does not exist";
  };
  const auto saves = settings.saves_folder();
  const auto& folder = settings.character_schemas_dir;
  std::printf("save directory: %s, %s\n", saves.c_str(), there(saves));
  std::size_t count = 0;
  std::filesystem::directory_iterator entries(folder, ignored);
  if (!ignored)
    count = static_cast<std::size_t>(std::count_if(
        begin(entries), end(entries), [](const auto& entry) { return entry.path().extension() == ".yaml"; }));
  std::printf("character directory: %s, %s, %zu .yaml file%s\n", folder.c_str(), there(folder), count,
              count == 1 ? "" : "s");
  return 0;
}

int start(const config::settings& settings) {
  if (!print_model(settings)) return 1;
  if (!settings.character.empty() && validate_character(settings, settings.character) != 0) return 1;
  const auto host = settings.host.find(':') == settings.host.npos ? settings.host : "[" + settings.host + "]";
  std::printf("host: %s\nport: %u\naddress: ws://%s:%u\ncharacter to load: %s\n", settings.host.c_str(), settings.port,
              host.c_str(), settings.port, settings.character.empty() ? "none" : settings.character.c_str());
  std::fflush(stdout);
  return serve(settings);
}

}  // namespace

bool is_run_character_server(std::string_view program) {
  const auto slash = program.rfind('/');
  return (slash == program.npos ? program : program.substr(slash + 1)) == program_name;
}

int run_character_server(int argc, char** argv) {
  CLI::App app{"Troupe as a character server", program_name};
  flags given;
  app.add_option("--host", given.host, "Address to listen at (localhost: 127.0.0.1 and ::1)");
  app.add_option("--port,-p", given.port, "TCP port (8765); 0: any")->check(CLI::Range(0, 65535));
  app.add_option("--character,-c", given.character, "Check and load this character before the port opens");
  app.add_flag("--list-characters,-l", given.lists, "List the characters and exit");
  app.add_option("--validate-character", given.to_validate, "Check one character's file and exit");
  app.add_flag("--config-check", given.checks_config, "Show where model, saves and characters are, and exit");
  app.add_flag("--verbose,-v", given.is_verbose, "Log at level debug");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& shown) {
    return app.exit(shown);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return 2;
  }
  const auto settings = settings_of(given, app);
  if (!settings) return 1;
  if (given.lists) return list_characters(*settings, false);
  if (app.count("--validate-character") > 0) return validate_character(*settings, given.to_validate);
  if (given.checks_config) return check_config(*settings);
  return start(*settings);
}

}  // namespace troupe::cli
