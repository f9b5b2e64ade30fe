#pragma once

/// \file
/// The settings of one server, typed, each with the place it came from.
///
/// Sources in rising precedence: defaults, `troupe.toml` (in the working
/// directory, or the file of `--config`), `.env` in the working directory, the
/// environment, the command line. An empty value in `.env` or the environment
/// counts as not set. Unknown names in troupe.toml and on the command line are
/// errors; in `.env` and the environment they belong to someone else.
///
/// Ownership: a value. Thread safety: immutable after `load`. Units: sizes in
/// bytes, times in the chrono type. Errors: `load` returns every problem it
/// finds, each a whole sentence "NAME: 'value' breaks this rule (from
/// source)"; secrets are masked. Cost: reads two small files, once at start.
/// Source: DESIGN §2, §6 (DATA_DIR), §9; contracts/luna.md §2.

#include "config/mcp_servers.hpp"
#include "config/presets.hpp"
#include "config/rules.hpp"
#include "config/settings_table.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::config {

/// What stands for a secret's value wherever settings are shown.
inline constexpr std::string_view mask = "********";

/// One row of the table, without its C++ type.
struct setting_info {
  std::string_view name;
  std::string default_text;  ///< as printed; words where it depends on the machine; empty: unset
  bool computed = false;     ///< default_text is words
  std::string_view unit;
  std::string range;
  std::string_view part;
  std::string_view help;
  bool secret = false;

  std::string toml_key() const;  ///< "log_level"
  std::string flag() const;      ///< "--log-level"
};

/// All settings in the order of the table. Thread-safe, made once.
std::span<const setting_info> all_settings();

/// The row with that name ("PORT"), or null.
const setting_info* find_setting(std::string_view name);

struct values {
#define TROUPE_FIELD(FIELD, NAME, RULE, ...) decltype(RULE)::value_type FIELD{};
  TROUPE_SETTINGS(TROUPE_FIELD)
#undef TROUPE_FIELD
};

struct settings : values {
  std::vector<std::string> sources;  ///< in the order of the table
  /// `[mcp.NAME]` of troupe.toml, then MCP_PORTS; names are unique.
  std::vector<mcp_server_settings> mcp_servers;

  /// "default", "troupe.toml:3", ".env:7", "environment" or "command line";
  /// empty for an unknown name.
  std::string_view source_of(std::string_view name) const;

  /// PORT, then those of LISTEN, each once; 0 may come several times.
  std::vector<std::uint16_t> ports_to_open() const;

  /// LOG_FILE, or where LOG_TO_FILE writes.
  std::filesystem::path log_file() const {
    return log_file_path.empty() ? data_dir / "troupe.log" : std::filesystem::path(log_file_path);
  }
  bool logs_to_file() const { return log_to_file || !log_file_path.empty(); }

  /// SAVES_DIR, or its place in DATA_DIR.
  std::filesystem::path saves_folder() const {
    return saves_dir.empty() ? data_dir / "saves" : std::filesystem::path(saves_dir);
  }
};

struct settings_error {
  std::vector<std::string> problems;  ///< never empty

  /// One problem per line.
  std::string text() const;
};

std::variant<settings, settings_error> load(const load_inputs& inputs);

}  // namespace troupe::config
