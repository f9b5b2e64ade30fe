#pragma once

/// \file
/// The commands of the program. Each gets the settings and its own arguments
/// and returns the exit status: 0 done, 1 failed, 2 wrong usage.

#include "cli/memory_service.hpp"
#include "config/settings.hpp"
#include "runtime/token_scope.hpp"

#include <optional>
#include <string>

namespace troupe::cli {

int serve(const config::settings& settings);
int print_config(const config::settings& settings, bool json);

/// Asks the server of DATA_DIR, or the one at `url` with `token`.
struct remote {
  std::string url;
  std::string token;
};
int health(const config::settings& settings, const remote& where, bool json);
int memory(const config::settings& settings, const memory_call& call, bool json);
int backup(const config::settings& settings, const std::string& folder);
int restore(const config::settings& settings, const std::string& folder, std::optional<std::uint32_t> number,
            bool force);
int check(const config::settings& settings, bool json);
int token_add(const config::settings& settings, const std::string& name, token_scope scope);
int token_list(const config::settings& settings);
int token_remove(const config::settings& settings, const std::string& name);

/// The whole program.
int run(int argc, char** argv);

}  // namespace troupe::cli
