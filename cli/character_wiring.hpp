#pragma once

/// \file
/// Characters behind the server: the routes of their clients, and the one that
/// is loaded before the ports open (contracts/character.md §2.3).
///
/// Thread safety: called once each, by `serve`.

#include "runtime/failure.hpp"

namespace troupe::net {
class router;
}

namespace troupe::cli {

class node;

/// Characters' events become frames of their clients' protocol, and the one that
/// the setting CHARACTER names is checked and loaded; blocks until it is there.
/// Errors: what is wrong with it, one sentence. REQUIRES: no character is awake.
expected<void> prepare_characters(node& node);

void add_character_routes(net::router& routes, node& node);

}  // namespace troupe::cli
