#pragma once

/// \file
/// `GET /metrics`: the server's figures in Prometheus' text format (version
/// 0.0.4). docs/console.md lists them.
///
/// Thread safety: any thread. Cost: reads every actor's cell once, and asks
/// nobody. Cardinality: one series a role, never one an actor or client.

#include "cli/node.hpp"

#include <string>

namespace troupe::cli {

std::string metrics_text(const node& node);

}  // namespace troupe::cli
