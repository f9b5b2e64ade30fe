#pragma once

/// \file
/// The characters of the client's own folder: the list and the menu
/// (contracts/character.md §3.1, §3.2 point 3).
///
/// Thread safety: free functions. Errors: none; a file that cannot be loaded is
/// listed as "Unknown". Cost: reads every file once.

#include "cli/terminal_table.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::chat {

struct character_choice {
  std::string id;
  std::string name;
  std::string archetype;
  std::string description;
};

/// In ascending order of ids; `.yaml` wins over `.yml`.
std::vector<character_choice> characters_in_folder(const std::filesystem::path& folder);

std::vector<cli::text_line> list_of(const std::vector<character_choice>& all);

/// What somebody typed at the menu: nothing for `q`, an error's text for what is neither.
struct menu_answer {
  std::optional<std::string> id;
  bool quit = false;
  std::string error;
};
menu_answer chosen_from(const std::vector<character_choice>& all, std::string_view typed);

}  // namespace troupe::chat
