#pragma once

/// \file
/// `troupe characters list|validate|show`: a look at the files of
/// CHARACTER_SCHEMAS_DIR, without a server.
///
/// All print to standard output. Exit status (contracts/character.md §2.2):
/// `list` 0 whatever it finds; `validate` and `show` 0, or 1 for an unknown or
/// invalid character. Warnings alone fail nothing.
/// Thread safety: none needed. Cost: reads the files.

#include "config/settings.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace troupe::cli {

int list_characters(const config::settings& settings, bool json);
int validate_character(const config::settings& settings, const std::string& id);
int show_character(const config::settings& settings, const std::string& id, bool json);

void add_characters(CLI::App& app, std::function<int(const config::settings&)>& chosen);

}  // namespace troupe::cli
