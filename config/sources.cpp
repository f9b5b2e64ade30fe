#include "config/sources.hpp"

#include "config/dotenv.hpp"
#include "config/nearest_name.hpp"
#include "config/quote.hpp"
#include "config/settings.hpp"
#include "config/toml_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

namespace troupe::config {
namespace {

constexpr std::uintmax_t largest_file = 1 << 20;

/// The file's text; nothing, with a problem appended, when it cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& path, const std::string& name, given_values& out) {
  std::ifstream stream(path, std::ios::binary);
  std::error_code error;
  auto size = std::filesystem::file_size(path, error);
  if (!stream || error) {
    out.problems.push_back(name + ": cannot be read: " + (error ? error.message() : std::strerror(errno)));
    return std::nullopt;
  }
  if (size > largest_file) {
    out.problems.push_back(name + ": is larger than 1 MiB");
    return std::nullopt;
  }
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// A directory of that name is no settings file: Python environments are called .env, too.
bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) && !std::filesystem::is_directory(path, ignored);
}

void add_toml(const load_inputs& inputs, given_values& out) {
  auto path = inputs.working_directory / inputs.config_file.value_or("troupe.toml");
  if (!inputs.config_file && !is_there(path)) return;
  auto name = inputs.config_file ? inputs.config_file->string() : "troupe.toml";
  if (auto text = read_file(path, name, out)) read_toml(*text, name, out);
}

void add_dotenv(const load_inputs& inputs, given_values& out) {
  auto path = inputs.working_directory / ".env";
  if (!is_there(path)) return;
  auto text = read_file(path, ".env", out);
  if (!text) return;
  auto parsed = parse_dotenv(*text);
  if (auto problem = std::get_if<dotenv_problem>(&parsed)) {
    out.problems.push_back(".env:" + std::to_string(problem->line) + ": " + problem->what);
    return;
  }
  for (auto& entry : std::get<std::vector<dotenv_entry>>(parsed))
    if (!entry.value.empty() && find_setting(entry.name))
      out.by_name[entry.name] = {std::move(entry.value), ".env:" + std::to_string(entry.line)};
}

void add_environment(const load_inputs& inputs, given_values& out) {
  for (const auto& info : all_settings()) {
    auto found = inputs.environment.find(std::string(info.name));
    if (found != inputs.environment.end() && !found->second.empty())
      out.by_name[found->first] = {found->second, "environment"};
  }
}

void add_command_line(const load_inputs& inputs, given_values& out) {
  for (const auto& [name, text] : inputs.command_line) {
    if (find_setting(name)) {
      out.by_name[name] = {text, "command line"};
      continue;
    }
    std::vector<std::string> names;
    for (const auto& info : all_settings()) names.emplace_back(info.name);
    auto nearest = nearest_name(name, names);
    auto problem = "command line: unknown setting " + in_quotes(name);
    if (!nearest.empty()) problem += ", did you mean '" + std::string(nearest) + "'?";
    out.problems.push_back(std::move(problem));
  }
}

}  // namespace

given_values read_sources(const load_inputs& inputs) {
  given_values out;
  add_toml(inputs, out);
  add_dotenv(inputs, out);
  add_environment(inputs, out);
  add_command_line(inputs, out);
  return out;
}

}  // namespace troupe::config
