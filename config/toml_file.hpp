#pragma once

/// \file
/// Reads troupe.toml: flat keys, each a setting's name in lower case, with a
/// string, number, boolean or array of those; and the tables `[mcp.NAME]`
/// (mcp_servers.hpp).
///
/// Errors: a syntax error gives line and column only, since the text there may
/// be a secret that lacks its quotes. Cost: linear.

#include "config/sources.hpp"

#include <string_view>

namespace troupe::config {

/// Adds what `text` sets to `out`; `file` is how problems and sources call it.
void read_toml(std::string_view text, const std::string& file, given_values& out);

}  // namespace troupe::config
