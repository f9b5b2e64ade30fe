#include "cli/commands_console.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace troupe::cli {
namespace {

/// The command line's part of one command: its arguments live as long as it.
class described {
 public:
  described(CLI::App& app, console_command& chosen, const char* name, const char* help,
            int (*command)(const config::settings&, const console_call&))
      : app_(app.add_subcommand(name, help)), call_(std::make_shared<console_call>()) {
    app_->callback([app = app_, &chosen, call = call_, command] {
      if (!app->get_subcommands().empty()) return;  // it has chosen already
      chosen = [call, command](const config::settings& settings) { return command(settings, *call); };
    });
  }

  described& json() {
    app_->add_flag("--json", call_->json, "Print what the server sent, one line");
    return *this;
  }
  described& option(const char* name, std::string console_call::*member, const char* help) {
    app_->add_option(name, (*call_).*member, help);
    return *this;
  }
  described& choice(const char* name, std::string console_call::*member, const char* help,
                    std::vector<std::string> values) {
    app_->add_option(name, (*call_).*member, help)->check(CLI::IsMember(std::move(values)));
    return *this;
  }
  described& id(const char* help) {
    app_->add_option("id", call_->id, help)->required()->check([](const std::string& given) {
      return given.empty() ? std::string("must not be empty") : std::string();
    });
    return *this;
  }
  described& flag(const char* name, bool console_call::*member, const char* help) {
    app_->add_flag(name, (*call_).*member, help);
    return *this;
  }
  described& number(const char* name, unsigned console_call::*member, unsigned least, unsigned most, const char* help) {
    app_->add_option(name, (*call_).*member, help)->check(CLI::Range(least, most));
    return *this;
  }
  described& required(const char* name) {
    app_->get_option(name)->required();
    return *this;
  }
  CLI::App& app() { return *app_; }

 private:
  CLI::App* app_;
  std::shared_ptr<console_call> call_;
};

}  // namespace

void add_console(CLI::App& app, console_command& chosen) {
  using call = console_call;
  constexpr auto sort_help = "Column of the interface, e.g. mailbox, busy_share, memory_bytes";
  described actors(app, chosen, "actors", "List the actors of the running server", list_actors);
  actors.json().option("--sort", &call::sort, sort_help).flag("--desc", &call::descending, "Greatest first");
  actors.option("--q", &call::text, "Only those with this in id, role or label");
  actors.option("--role", &call::role, "Only those of this role");
  actors.choice("--state", &call::state, "Only those in this state", {"idle", "busy", "waiting", "paused"});
  actors.option("--limit", &call::limit, "How many at most (1 to 500)");
  described(actors.app(), chosen, "top", "Show the busiest actors, live and full-screen; ? lists its keys", top_actors)
      .number("--every", &call::every_ms, 200, 60'000, "Milliseconds between looks")
      .option("--sort", &call::sort, sort_help)
      .flag("--ascending", &call::ascending, "Smallest first");

  described(app, chosen, "actor", "Show one actor, or act on it", one_actor)
      .json()
      .id("Its number, as `troupe actors` lists it")
      .choice("act", &call::act, "What to do with it", {"pause", "resume", "step", "restart", "stop"});
  described(app, chosen, "turns", "List turns, newest first", list_turns)
      .json()
      .choice("--state", &call::state, "Only those", {"in_flight", "slow", "failed"})
      .option("--q", &call::text, "Only those with this in an id: turn, trace, session, client")
      .option("--limit", &call::limit, "How many at most (1 to 500)");
  described(app, chosen, "turn", "Show where one turn's time went, or interrupt it", one_turn)
      .json()
      .id("Its id, as `troupe turns` lists it")
      .choice("act", &call::act, "What to do with it", {"interrupt"});
  described(app, chosen, "log", "Print the end of the running server's log", list_log)
      .json()
      .option("--actor", &call::actor, "Only lines written in this actor's handlers")
      .choice("--level", &call::level, "Only lines of this level or a graver one",
              {"trace", "debug", "info", "warn", "error"})
      .option("--q", &call::text, "Only lines with this in them")
      .option("--limit", &call::limit, "How many at most (1 to 1000)")
      .flag("--follow", &call::follow, "Go on with the lines that come; with --json each is a JSON line");
  described(app, chosen, "clients", "List the connected clients", list_clients)
      .json()
      .option("--q", &call::text, "Only those with this in their id")
      .option("--limit", &call::limit, "How many at most (1 to 500)");
  described(app, chosen, "client", "Disconnect a client", one_client)
      .json()
      .id("Its id, as `troupe clients` lists it")
      .choice("act", &call::act, "What to do with it", {"disconnect"})
      .required("act");
  described(app, chosen, "audit", "List what operators did, newest first", list_audit)
      .json()
      .option("--limit", &call::limit, "How many at most (1 to 500)");
}

}  // namespace troupe::cli
