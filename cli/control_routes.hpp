#pragma once

/// \file
/// What the local control socket offers to the commands of this machine:
/// `/control/...` (DESIGN §6). Answered only to the same user, 404 to others.
///
/// Thread safety: handlers run on I/O threads and block none: work goes to
/// actors or to the blocking pool, whose answers respond.

#include "cli/access_tokens.hpp"
#include "cli/node.hpp"
#include "net/http/router.hpp"

namespace troupe::cli {

/// `node` and `tokens` must outlive the server whose routes these are.
void add_control_routes(net::router& routes, node& node, access_tokens& tokens);

}  // namespace troupe::cli
