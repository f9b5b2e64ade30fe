#pragma once

/// \file
/// Joins the console's routes with the node they show, the tokens that open
/// them and the pages in the binary (docs/console.md).
///
/// Thread safety: called once, before the server starts.

#include "cli/access_tokens.hpp"
#include "cli/node.hpp"
#include "net/http/router.hpp"

namespace troupe::cli {

/// `node` and `tokens` must outlive the server whose routes these are.
void add_console_routes(net::router& routes, node& node, const access_tokens& tokens);

}  // namespace troupe::cli
