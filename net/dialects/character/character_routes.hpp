#pragma once

/// \file
/// Where character clients come in: WebSockets at `/` and `/character`
/// (contracts/character.md §2.4, DESIGN §9).
///
/// Thread safety: called once, before the server starts. What `services` names
/// must outlive the server.

#include "net/dialects/character/character_connection.hpp"
#include "net/http/router.hpp"
#include "runtime/metrics.hpp"

#include <functional>
#include <string>

namespace troupe::character_dialect {

struct services {
  node_services* node = nullptr;
  metrics* counters = nullptr;
  caf::actor characters;  ///< keeper
  library_actor library;
  std::string character;  ///< clients are with it from the start; empty: with none
  bool any_path = false;  ///< `--like character`: whatever no other dialect has taken
};

void add_routes(net::router& routes, services with);

}  // namespace troupe::character_dialect
