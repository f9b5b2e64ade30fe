#pragma once

/// \file
/// From an MCP server's settings to what its actor needs: how to connect, what
/// to call things. The one place that knows both transports.
///
/// Ownership: what is returned shares `processes`; `http` and `clock` must
/// outlive it. Thread safety: any thread.

#include "config/mcp_servers.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/http_client.hpp"
#include "tools/mcp/process_loop.hpp"
#include "tools/mcp_server.hpp"

namespace troupe {

/// `processes` may be null when no server has a command, `http` when none has a URL.
mcp_server_deps mcp_deps_of(const config::mcp_server_settings& settings, std::string version,
                            std::shared_ptr<mcp::process_loop> processes, http_client* http, const clock_port& clock);

}  // namespace troupe
