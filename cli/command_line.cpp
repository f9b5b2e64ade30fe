#include "cli/chat/chat_options.hpp"
#include "cli/commands.hpp"
#include "cli/commands_characters.hpp"
#include "cli/commands_console.hpp"
#include "cli/run_character_server.hpp"
#include "cli/version.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>
#include <map>

namespace troupe::cli {
namespace {

/// `--set NAME=VALUE` and a flag for every setting.
class setting_flags {
 public:
  void add_to(CLI::App& app) {
    app.add_option("--config", config_file_, "Read this file instead of ./troupe.toml");
    app.add_option("--set", assignments_, "Set NAME=VALUE; may be given several times")->take_all();
    for (auto& setting : config::all_settings()) {
      auto& slot = flags_[std::string(setting.name)];
      app.add_option(setting.flag(), slot, std::string(setting.help))->group("Settings");
    }
    app.add_option_function<std::string>(
           "--like", [this](const std::string& value) { flags_["TROUPE_LIKE"] = value; }, "The same as --troupe-like")
        ->group("Settings");
  }

  /// Empty, and the problems on standard error, if a value is bad.
  std::optional<config::settings> load() const {
    auto inputs = config::load_inputs::of_process();
    if (!config_file_.empty()) inputs.config_file = config_file_;
    for (auto& [name, value] : flags_)
      if (!value.empty()) inputs.command_line[name] = value;
    for (auto& assignment : assignments_) {
      const auto equals = assignment.find('=');
      if (equals == assignment.npos) {
        std::fprintf(stderr, "--set: '%s' must be NAME=VALUE\n", assignment.c_str());
        return std::nullopt;
      }
      inputs.command_line[assignment.substr(0, equals)] = assignment.substr(equals + 1);
    }
    auto loaded = config::load(inputs);
    if (auto* error = std::get_if<config::settings_error>(&loaded)) {
      std::fprintf(stderr, "%s\n", error->text().c_str());
      return std::nullopt;
    }
    return std::get<config::settings>(std::move(loaded));
  }

 private:
  std::string config_file_;
  std::vector<std::string> assignments_;
  std::map<std::string, std::string> flags_;
};

struct arguments {
  bool json = false;
  bool force = false;
  remote where;
  memory_call memory;
  std::string folder;
  std::string name;
  std::uint32_t number = 0;
  std::string scope;
};

using command = std::function<int(const config::settings&)>;

void add_memory(CLI::App& app, arguments& given, command& chosen) {
  auto* group = app.add_subcommand("memory", "Look into and change what agents remember");
  group->require_subcommand(1);
  auto add = [&](memory_verb verb, const char* name, const char* help) {
    auto* sub = group->add_subcommand(name, help);
    sub->add_option("--space", given.memory.space, "Memory space, e.g. default or token:NAME")->required();
    sub->add_flag("--json", given.json, "Print JSON");
    sub->callback([&given, &chosen, verb] {
      given.memory.verb = verb;
      chosen = [&given](auto& settings) { return memory(settings, given.memory, given.json); };
    });
    return sub;
  };
  auto* remember = add(memory_verb::add, "add", "Remember a text");
  remember->add_option("text", given.memory.text)->required();
  remember->add_option("--importance", given.memory.importance, "0 to 1");
  auto* recall = add(memory_verb::recall, "recall", "Ask for what fits a text");
  recall->add_option("text", given.memory.text)->required();
  recall->add_option("--k", given.memory.k, "How many at most (1 to 1000)");
  auto* list = add(memory_verb::list, "list", "List records, newest first");
  list->add_option("--k", given.memory.k, "How many at most (1 to 1000)");
  list->preparse_callback([&given](std::size_t) { given.memory.k = 100; });
  auto* forget = add(memory_verb::forget, "forget", "Forget one record, or all of the space");
  forget->add_option("id", given.memory.id, "Number of the record");
  forget->add_flag("--all", given.memory.all, "Forget everything in the space");
}

void add_store(CLI::App& app, arguments& given, command& chosen) {
  auto* save = app.add_subcommand("backup", "Back up the running server's store, or a stopped one's");
  save->add_option("folder", given.folder, "Where backups are kept")->required();
  save->callback([&] { chosen = [&given](auto& settings) { return backup(settings, given.folder); }; });
  auto* bring_back = app.add_subcommand("restore", "Restore the store of a stopped server");
  bring_back->add_option("folder", given.folder, "Where backups are kept")->required();
  bring_back->add_option("--number", given.number, "Which backup; the latest if not given");
  bring_back->add_flag("--force", given.force, "Replace a store that is there");
  bring_back->callback([&] {
    chosen = [&given](auto& settings) {
      return restore(settings, given.folder, given.number == 0 ? std::nullopt : std::optional(given.number),
                     given.force);
    };
  });
  auto* verify = app.add_subcommand("check", "Check the store of a stopped server");
  verify->add_flag("--json", given.json, "Print JSON");
  verify->callback([&] { chosen = [&given](auto& settings) { return check(settings, given.json); }; });
}

void add_tokens(CLI::App& app, arguments& given, command& chosen) {
  auto* group = app.add_subcommand("token", "Access tokens of clients and operators");
  group->require_subcommand(1);
  auto* add = group->add_subcommand("add", "Make a token and print it once");
  add->add_option("name", given.name, "Name of the token")->required();
  add->add_option("--scope", given.scope, "An operator's token: read sees, act may also act; without it a client's")
      ->check(CLI::IsMember({"read", "act"}));
  add->callback([&] {
    chosen = [&given](auto& settings) {
      return token_add(settings, given.name, token_scope_of(given.scope).value_or(token_scope::client));
    };
  });
  auto* remove = group->add_subcommand("remove", "Make a token invalid");
  remove->add_option("name", given.name, "Name of the token")->required();
  remove->callback([&] { chosen = [&given](auto& settings) { return token_remove(settings, given.name); }; });
  group->add_subcommand("list", "List the names and scopes of tokens")->callback([&chosen] {
    chosen = [](auto& settings) { return token_list(settings); };
  });
}

}  // namespace

int run(int argc, char** argv) {
  if (argc > 0 && is_run_character_server(argv[0])) return run_character_server(argc, argv);
  CLI::App app{"Troupe, an agent server", "troupe"};
  app.set_version_flag("--version", std::string("troupe ") + version);
  app.require_subcommand(1);
  app.fallthrough();
  setting_flags flags;
  flags.add_to(app);
  arguments given;
  command chosen;
  app.add_subcommand("serve", "Run the server")->callback([&] {
    chosen = [](auto& settings) { return serve(settings); };
  });
  auto* show = app.add_subcommand("config", "Print every setting, its value and where it came from");
  show->add_flag("--json", given.json, "Print JSON");
  show->callback([&] { chosen = [&given](auto& settings) { return print_config(settings, given.json); }; });
  auto* ask = app.add_subcommand("health", "Ask a running server how it is; exit status 0 means healthy");
  ask->add_flag("--json", given.json, "Print JSON");
  ask->add_option("--url", given.where.url, "A server elsewhere, e.g. http://host:8765");
  ask->add_option("--token", given.where.token, "Access token for --url");
  ask->callback([&] { chosen = [&given](auto& settings) { return health(settings, given.where, given.json); }; });
  add_characters(app, chosen);
  add_memory(app, given, chosen);
  add_store(app, given, chosen);
  add_tokens(app, given, chosen);
  add_console(app, chosen);
  chat::add_chat(app, chosen);
  std::vector<char*> words(argv, argv + argc);
  std::string chat = "chat";
  if (argc > 0 && chat::is_run_chat(argv[0])) words.insert(words.begin() + 1, chat.data());
  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::Success& shown) {
    return app.exit(shown);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return 2;
  }
  auto settings = flags.load();
  if (!settings) return 1;
  return chosen(*settings);
}

}  // namespace troupe::cli
