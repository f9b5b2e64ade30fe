#pragma once

/// \file
/// The terminal console: `troupe actors`, `actor`, `turns`, `turn`, `log`,
/// `clients`, `client`, `audit` (docs/console.md, "The terminal console").
///
/// They ask the server of DATA_DIR through its control socket and return a
/// `console_exit`. With `json` they print what the server sent, one line.
/// What goes wrong is told on standard error.

#include "config/settings.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace troupe::cli {

/// The arguments of all of them; empty: not given.
struct console_call {
  bool json = false;
  bool descending = false;
  bool ascending = false;
  bool follow = false;
  std::string id;
  std::string act;
  std::string sort;
  std::string text;
  std::string role;
  std::string state;
  std::string actor;
  std::string level;
  std::string limit;
  unsigned every_ms = 1000;
};

int list_actors(const config::settings& settings, const console_call& call);
/// Full screen, until q is pressed.
int top_actors(const config::settings& settings, const console_call& call);
int one_actor(const config::settings& settings, const console_call& call);
int list_turns(const config::settings& settings, const console_call& call);
int one_turn(const config::settings& settings, const console_call& call);
int list_log(const config::settings& settings, const console_call& call);
int list_clients(const config::settings& settings, const console_call& call);
int one_client(const config::settings& settings, const console_call& call);
int list_audit(const config::settings& settings, const console_call& call);

using console_command = std::function<int(const config::settings&)>;

/// Adds the commands; the one that was given is in `chosen`, which must live as
/// long as `app`.
void add_console(CLI::App& app, console_command& chosen);

}  // namespace troupe::cli
