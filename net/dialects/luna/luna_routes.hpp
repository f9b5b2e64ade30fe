#pragma once

/// \file
/// Where Luna clients come in: `WS /ws`, `GET /`, `GET /health`,
/// `POST /mcp/{client_id}/{mcp_name}` (contract 3.1 to 3.3, 4, 11.4).
///
/// Thread safety: called once, before the server starts. What `services` names
/// must outlive the server.

#include "net/dialects/luna/luna_connection.hpp"
#include "net/http/router.hpp"

#include <functional>
#include <string>

namespace troupe::luna {

struct services {
  node_services* node = nullptr;
  metrics* counters = nullptr;
  caf::actor sessions;
  std::size_t max_queued_turns = 16;
  ask_model_function ask_model;  ///< see `connection_deps`
  std::size_t message_limit = 16 * 1024 * 1024;
  bool exact = false;         ///< `--like luna`: the original's own description of itself
  bool serves_socket = true;  ///< not where another system's paths are taken over
  std::string version;
  /// The memory space of a principal ("local", "token:NAME", "anonymous").
  std::function<std::string(const std::string& principal)> space_of;
};

void add_routes(net::router& routes, services with);

}  // namespace troupe::luna
