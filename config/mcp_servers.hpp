#pragma once

/// \file
/// The MCP servers to connect to: `[mcp.NAME]` tables of troupe.toml and the
/// pairs of MCP_PORTS.
///
///     [mcp.files]
///     command = ["mcp-server-files", "/srv/docs"]   # no shell
///     env = { TOKEN = "..." }                       # besides PATH, HOME and LANG
///
///     [mcp.search]
///     url = "https://example.org/mcp"
///     headers = { Authorization = "Bearer ..." }
///     timeout_ms = 30000                            # of one call
///     protocol = "auto"                             # or a revision, "2025-11-25"
///     prefix = true                                 # tools are called search__NAME
///
/// `env` and `headers` may hold secrets: never print their values.
///
/// Ownership: values. Thread safety: immutable after `load`. Errors: sentences
/// "troupe.toml:3: mcp.files: ..." that name key and rule, never a value of env or headers.
/// Source: DESIGN §12 "MCP"; contracts/luna.md §2 (MCP_PORTS), 11.4.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace troupe::config {

struct mcp_server_settings {
  std::string name;                  ///< 1 to 32 of a-z A-Z 0-9 _ -
  std::vector<std::string> command;  ///< program and arguments; empty: by `url`
  std::map<std::string, std::string> env;
  std::string url;  ///< http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds timeout{30000};         ///< of one call, until its answer begins
  std::chrono::milliseconds stream_timeout{30000};  ///< between signs of life once it streams
  std::string protocol = "auto";
  bool prefix = false;
  bool keep_session = false;  ///< over HTTP: the session is not deleted at the end

  bool operator==(const mcp_server_settings&) const = default;
};

/// A pair of MCP_PORTS: streamable HTTP at http://localhost:PORT/mcp, with the
/// time-outs of contracts/luna.md 11.4.
mcp_server_settings mcp_server_at_port(const std::string& name, std::uint16_t port);

}  // namespace troupe::config
