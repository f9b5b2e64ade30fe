#include "cli/chat/chat_options.hpp"

#include "config/dotenv.hpp"
#include "config/quote.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

namespace troupe::chat {

namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

/// By upper-case name; an empty value counts as not set. The environment wins
/// over `.env`, and a name in capitals over another.
std::map<std::string, std::string> variables_of(const config::load_inputs& inputs) {
  std::map<std::string, std::string> out;
  std::ifstream in(inputs.working_directory / ".env", std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  const auto parsed = config::parse_dotenv(text.str());
  // A broken file is the settings' to complain about.
  if (const auto* entries = std::get_if<std::vector<config::dotenv_entry>>(&parsed))
    for (auto& each : *entries)
      if (!each.value.empty()) out[upper(each.name)] = each.value;
  for (auto& [name, value] : inputs.environment)
    if (!value.empty() && upper(name) != name) out[upper(name)] = value;
  for (auto& [name, value] : inputs.environment)
    if (!value.empty() && upper(name) == name) out[name] = value;
  return out;
}

}  // namespace

expected<client_environment> client_environment::of(const config::load_inputs& inputs) {
  const auto all = variables_of(inputs);
  const auto value = [&](const char* name) -> std::string {
    const auto found = all.find(name);
    return found == all.end() ? std::string() : found->second;
  };
  const auto folder = [&](const char* name) -> std::optional<std::filesystem::path> {
    const auto given = value(name);
    return given.empty() ? std::nullopt : std::optional(inputs.working_directory / given);
  };
  client_environment out;
  if (const auto given = value("AGENT_TIMEOUT"); !given.empty()) {
    double seconds = 0;
    const auto* const end = given.data() + given.size();
    const auto [at, bad] = std::from_chars(given.data(), end, seconds);
    if (bad != std::errc{} || at != end || !(seconds >= 0.001 && seconds <= 86400))
      return failure{failure_kind::invalid,
                     "AGENT_TIMEOUT: " + config::in_quotes(given) + " must be a number of seconds from 0.001 to 86400"};
    out.request_limit = std::chrono::milliseconds(std::llround(seconds * 1000));
  }
  const auto debug = upper(value("DEBUG"));
  out.debug = debug == "TRUE" || debug == "1" || debug == "YES";
  out.saves = folder("SAVES_DIR");
  out.schemas = folder("CHARACTER_SCHEMAS_DIR");
  out.data = folder("DATA_DIR");
  out.ollama_model = value("OLLAMA_MODEL");
  return out;
}

client_folders folders_of(const config::settings& settings, const client_environment& environment,
                          const chat_flags& flags) {
  const auto given = [&](const char* name) { return settings.source_of(name) != "default"; };
  client_folders out;
  out.data = given("DATA_DIR") ? settings.data_dir : environment.data.value_or("data");
  if (!flags.save_dir.empty())
    out.saves = flags.save_dir;
  else if (given("SAVES_DIR"))
    out.saves = std::filesystem::path(settings.saves_dir);
  else
    out.saves = environment.saves.value_or(out.data / "saves");
  out.schemas = given("CHARACTER_SCHEMAS_DIR") ? settings.character_schemas_dir
                                               : environment.schemas.value_or(settings.character_schemas_dir);
  return out;
}

bool is_run_chat(std::string_view program) {
  const auto slash = program.rfind('/');
  return (slash == program.npos ? program : program.substr(slash + 1)) == "run_chat";
}

}  // namespace troupe::chat
