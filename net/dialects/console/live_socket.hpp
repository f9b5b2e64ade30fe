#pragma once

/// \file
/// The console's WebSocket (docs/console.md, Live): asks the inspector what its
/// client watches, again at each interval, and sends what has changed.
///
/// No actor, unlike other clients' connections: the console must go on while
/// every scheduler worker is stuck in a handler. Everything of one socket runs
/// on its I/O thread, timers included; the inspector's answers are posted there.
///
/// Bounds: 16 questions under way, one per watch: a slow inspector is asked
/// less often. An answer that meets more than 256 KiB unsent is not sent; the
/// watch is asked again at the next interval, so a slow reader gets the newest
/// and misses what lay between. 100 sockets; over it 1013.
/// Faults: a message that breaks a rule is answered with `{"detail"}`, and what
/// was watched goes on. Who logs out or whose token is removed is closed with
/// 1008 at the next interval.

#include "net/dialects/console/gatekeeper.hpp"
#include "net/ws/handler.hpp"
#include "runtime/ports/ask_inspector.hpp"

#include <memory>

namespace troupe::console {

inline constexpr std::size_t live_message_limit = 64 * 1024;

/// The handler for everybody who passes `gate`, which it keeps.
net::websocket_factory live_sockets(ask_inspector_function ask, std::shared_ptr<gatekeeper> gate);

}  // namespace troupe::console
