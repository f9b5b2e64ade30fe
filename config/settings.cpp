#include "config/settings.hpp"

#include "config/quote.hpp"
#include "config/sources.hpp"

#include <algorithm>

namespace troupe::config {
namespace {

std::string lower_with(std::string_view name, char underscore) {
  std::string out(name);
  for (char& c : out) c = c == '_' ? underscore : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

template <class Rule>
setting_info info_of(std::string_view name, const Rule& rule, const preset& default_value, std::string_view unit,
                     std::string_view part, std::string_view help) {
  setting_info info;
  info.name = name;
  info.computed = default_value.compute != nullptr;
  info.default_text = info.computed ? default_value.words : default_value.text;
  info.unit = unit;
  info.range = range_of(rule);
  info.part = part;
  info.help = help;
  info.secret = Rule::secret;
  return info;
}

/// Reads one setting from what was given, or from its default.
template <class Rule, class Value>
void read_setting(std::string_view name, const Rule& rule, const preset& default_value, const load_inputs& inputs,
                  given_values& given, Value& out, std::vector<std::string>& sources) {
  auto found = given.by_name.find(name);
  bool is_default = found == given.by_name.end();
  auto text = !is_default             ? found->second.text
              : default_value.compute ? default_value.compute(inputs)
                                      : std::string(default_value.text);
  sources.push_back(is_default ? "default" : found->second.source);
  auto problem = parse(rule, text, out);
  if (problem.empty()) return;
  auto shown = Rule::secret ? std::string(mask) : in_quotes(text);
  given.problems.push_back(std::string(name) + ": " + shown + " " + problem + " (from " + sources.back() + ")");
}

/// Those of troupe.toml and of MCP_PORTS in one list.
void gather_mcp_servers(settings& loaded, given_values& given) {
  loaded.mcp_servers = std::move(given.mcp_servers);
  const auto from_file = loaded.mcp_servers.size();
  for (auto& [name, port] : loaded.mcp_ports) {
    for (std::size_t i = 0; i < from_file; ++i)
      if (loaded.mcp_servers[i].name == name)
        given.problems.push_back("MCP_PORTS: " + in_quotes(name) + " is also [mcp." + name + "] of troupe.toml (from "
                                 + std::string(loaded.source_of("MCP_PORTS")) + ")");
    loaded.mcp_servers.push_back(mcp_server_at_port(name, port));
  }
}

std::filesystem::path resolved(const std::filesystem::path& path, const load_inputs& inputs) {
  auto text = path.string();
  auto home = home_of(inputs);
  // Shells expand ~ but nobody does so in .env, and a directory called ~ surprises.
  if (!home.empty() && text == "~") return home;
  if (!home.empty() && text.starts_with("~/")) return home / text.substr(2);
  return (inputs.working_directory / path).lexically_normal();
}

void check_together(const settings& loaded, given_values& given) {
  if (loaded.max_partial_bytes >= loaded.max_message_bytes) return;
  given.problems.push_back("MAX_PARTIAL_BYTES: '" + std::to_string(loaded.max_partial_bytes)
                           + "' is below MAX_MESSAGE_BYTES, " + std::to_string(loaded.max_message_bytes) + " (from "
                           + std::string(loaded.source_of("MAX_PARTIAL_BYTES")) + ")");
}

}  // namespace

std::string setting_info::toml_key() const {
  return lower_with(name, '_');
}
std::string setting_info::flag() const {
  return "--" + lower_with(name, '-');
}

std::span<const setting_info> all_settings() {
#define TROUPE_INFO(FIELD, NAME, RULE, PRESET, UNIT, PART, HELP) info_of(NAME, RULE, PRESET, UNIT, PART, HELP),
  static const std::vector<setting_info> table = {TROUPE_SETTINGS(TROUPE_INFO)};
#undef TROUPE_INFO
  return table;
}

const setting_info* find_setting(std::string_view name) {
  auto table = all_settings();
  auto found = std::find_if(table.begin(), table.end(), [&](const auto& info) { return info.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string_view settings::source_of(std::string_view name) const {
  auto info = find_setting(name);
  auto index = info ? static_cast<std::size_t>(info - all_settings().data()) : sources.size();
  return index < sources.size() ? std::string_view(sources[index]) : std::string_view();
}

std::vector<std::uint16_t> settings::ports_to_open() const {
  std::vector<std::uint16_t> out{port};
  for (auto further : listen)
    if (further == 0 || std::find(out.begin(), out.end(), further) == out.end()) out.push_back(further);
  return out;
}

std::string settings_error::text() const {
  std::string out;
  for (const auto& problem : problems) out += problem + "\n";
  return out;
}

std::variant<settings, settings_error> load(const load_inputs& inputs) {
  auto given = read_sources(inputs);
  settings out;
#define TROUPE_READ(FIELD, NAME, RULE, PRESET, ...) \
  read_setting(NAME, RULE, PRESET, inputs, given, out.FIELD, out.sources);
  TROUPE_SETTINGS(TROUPE_READ)
#undef TROUPE_READ
  if (given.problems.empty()) check_together(out, given);
  gather_mcp_servers(out, given);
  if (!given.problems.empty()) return settings_error{std::move(given.problems)};
  out.data_dir = resolved(out.data_dir, inputs);
  return out;
}

}  // namespace troupe::config
