#include "storage/saves_folder.hpp"

#include <algorithm>

namespace troupe::storage {

expected<std::string> saves_folder::read(std::string_view name) const {
  auto text = folder_.read(name, largest_save);
  if (text || text.error().kind != failure_kind::not_found || name.ends_with(".json")) return text;
  const auto with_ending = std::string(name) + ".json";
  if (with_ending.size() > longest_file_name) return text;
  auto again = folder_.read(with_ending, largest_save);
  // Neither is there: the name as it was given is what the caller knows.
  return !again && again.error().kind == failure_kind::not_found ? text : again;
}

expected<std::string> saves_folder::write(std::string_view name, std::string_view text) const {
  auto file = std::string(name);
  if (!file.ends_with(".json")) file += ".json";
  if (auto valid = check_file_name(name.empty() ? name : std::string_view(file), false, "filename"); !valid)
    return valid.error();
  if (text.size() > largest_save)
    return failure{failure_kind::invalid, "the save is larger than " + std::to_string(largest_save) + " bytes"};
  if (auto written = folder_.write(file, text); !written) return written.error();
  return (folder_.root() / file).string();
}

expected<std::vector<std::string>> definitions_folder::ids() const {
  auto names = folder_.names();
  if (!names) return names.error();
  std::vector<std::string> found;
  for (const auto& name : *names)
    for (const std::string_view ending : {".yaml", ".yml"})
      if (name.ends_with(ending) && name.size() > ending.size() && name.front() != '.')
        found.push_back(name.substr(0, name.size() - ending.size()));
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

expected<definitions_folder::file> definitions_folder::read(std::string_view id, std::size_t largest) const {
  for (const std::string_view ending : {".yaml", ".yml"}) {
    file found{std::string(id) + std::string(ending), {}};
    auto text = folder_.read(found.name, largest);
    if (!text && text.error().kind == failure_kind::not_found) continue;
    if (!text) return text.error();
    found.text = std::move(*text);
    return found;
  }
  constexpr std::size_t most = 50;
  std::string message = "there is no character " + std::string(id) + " in " + folder_.root().string();
  const auto known = ids();
  if (!known) return known.error();
  if (known->empty()) message += ", which has none";
  for (std::size_t i = 0; i < std::min(known->size(), most); ++i)
    message += (i == 0 ? "; available: " : ", ") + (*known)[i];
  if (known->size() > most) message += " and " + std::to_string(known->size() - most) + " more";
  return failure{failure_kind::not_found, std::move(message)};
}

}  // namespace troupe::storage
