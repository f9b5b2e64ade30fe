#pragma once

/// \file
/// Collects what the sources say about each setting, the later over the
/// earlier, as text with its place. Used by `load` only.
///
/// Errors: appended to `problems`. Cost: reads troupe.toml and .env.

#include "config/mcp_servers.hpp"
#include "config/presets.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::config {

struct given_value {
  std::string text;
  std::string source;
};

struct given_values {
  std::map<std::string, given_value, std::less<>> by_name;
  std::vector<mcp_server_settings> mcp_servers;  ///< of troupe.toml
  std::vector<std::string> problems;
};

given_values read_sources(const load_inputs& inputs);

}  // namespace troupe::config
