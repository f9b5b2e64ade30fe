#pragma once

/// \file
/// What `troupe chat` can be told (contracts/character.md §3.1, §4): its flags
/// and what it reads from the environment and `.env` besides the settings.
///
/// Thread safety: values. Errors: `invalid`, naming the variable and the rule.

#include "config/presets.hpp"
#include "config/settings.hpp"
#include "runtime/failure.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace troupe::chat {

struct chat_flags {
  bool remote = false;
  std::string server_url = "ws://localhost:8765";
  bool no_fallback = false;
  std::string character, activate;
  bool vitals_only = false;
  bool plain = false;
  bool debug = false;
  bool list_characters = false;
  std::string save_dir;
  std::string user_id;  ///< empty: none was named
};

struct selftest_flags {
  std::string character;  ///< empty: m-playful
  std::string url;        ///< empty: in this process
};

/// `troupe chat` and `troupe selftest`.
using chosen_command = std::function<int(const config::settings&)>;
void add_chat(CLI::App& app, chosen_command& chosen);

/// AGENT_TIMEOUT, DEBUG and the folders, whose names may be in any case.
struct client_environment {
  std::chrono::milliseconds request_limit{30'000};
  bool debug = false;  ///< no keepalive pings then
  std::optional<std::filesystem::path> saves, schemas, data;
  std::string ollama_model;

  static expected<client_environment> of(const config::load_inputs& inputs);
};

/// Where things are kept: ./data, unless DATA_DIR says otherwise.
struct client_folders {
  std::filesystem::path data, saves, schemas;
};
client_folders folders_of(const config::settings& settings, const client_environment& environment,
                          const chat_flags& flags);

/// Whether a program started under that name is the chat ("/usr/bin/run_chat").
bool is_run_chat(std::string_view program);

}  // namespace troupe::chat
