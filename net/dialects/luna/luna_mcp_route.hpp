#pragma once

/// \file
/// The route of contract luna.md 11.4: an MCP client on this machine reaches
/// the MCP servers of a Luna client through that client's WebSocket.
///
/// Only for peers on this machine. What the client answers is passed on as it
/// is; answers are matched by request id.
///
/// Thread safety: called once, before the server starts.

#include "net/dialects/luna/client_relays.hpp"
#include "net/http/router.hpp"

namespace troupe {
class random_port;
}

namespace troupe::luna {

/// `random` must outlive the server.
void add_mcp_route(net::router& routes, std::shared_ptr<client_relays> relays, random_port& random,
                   std::size_t body_limit);

}  // namespace troupe::luna
