#include "cli/chat/character_menu.hpp"

#include "characters/definition.hpp"
#include "cli/chat/network_text.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <map>

namespace troupe::chat {

namespace {

expected<characters::definition> read_definition(const std::string& id, const std::filesystem::path& file) {
  std::string text(characters::largest_definition + 1, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.is_open()) return failure{failure_kind::unavailable, "cannot read " + file.string()};
  text.resize(static_cast<std::size_t>(in.gcount()));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return characters::definition::from_yaml(id, text, file.filename().string(),
                                           std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  return begin == text.npos ? std::string()
                            : std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

}  // namespace

std::vector<character_choice> characters_in_folder(const std::filesystem::path& folder) {
  std::map<std::string, std::filesystem::path> files;
  std::error_code code;
  std::filesystem::directory_iterator entry(folder, code);
  for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code)) {
    const auto& file = entry->path();
    const auto id = file.stem().string();
    std::error_code ignored;
    if (!is_character_id(id) || !entry->is_regular_file(ignored)) continue;
    if (file.extension() == ".yaml") files[id] = file;
    if (file.extension() == ".yml") files.emplace(id, file);
  }
  std::vector<character_choice> out;
  for (auto& [id, file] : files) {
    const auto read = read_definition(id, file);
    if (read)
      out.push_back({id, one_line(read->name), one_line(read->archetype), one_line(read->description)});
    else
      out.push_back({id, "Unknown", "unknown", one_line(read.error().message)});
  }
  return out;
}

std::vector<cli::text_line> list_of(const std::vector<character_choice>& all) {
  std::vector<cli::text_line> out;
  std::size_t number = 0;
  for (auto& each : all) {
    out.push_back({{std::to_string(++number) + ". "},
                   {each.id, cli::tint::bold},
                   {"  " + each.name + " (" + each.archetype + ")"}});
    if (!each.description.empty()) out.push_back({{"   " + each.description, cli::tint::dim}});
  }
  return out;
}

menu_answer chosen_from(const std::vector<character_choice>& all, std::string_view typed) {
  const auto word = trimmed(typed);
  if (word == "q" || word == "Q") return {.quit = true};
  if (const auto found = std::ranges::find(all, word, &character_choice::id); found != all.end()) return {found->id};
  std::size_t number = word.empty() ? 1 : 0;
  const auto* const end = word.data() + word.size();
  const auto [at, bad] = std::from_chars(word.data(), end, number);
  const bool is_number = word.empty() || (bad == std::errc{} && at == end);
  if (is_number && number >= 1 && number <= all.size()) return {all[number - 1].id};
  return {.error = "choose a number from 1 to " + std::to_string(all.size()) + ", an id, or q"};
}

}  // namespace troupe::chat
