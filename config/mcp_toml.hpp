#pragma once

/// \file
/// Reads the `mcp` table of troupe.toml (mcp_servers.hpp). Used by toml_file.cpp only.

#include "config/sources.hpp"

#include <toml++/toml.h>

namespace troupe::config {

/// Adds the servers of `node`, the value of the key "mcp", to `out`.
void read_mcp_table(const toml::node& node, const std::string& file, given_values& out);

}  // namespace troupe::config
