#pragma once

/// \file
/// Makes the inspector's question of a request target below /console/api/.
///
/// Thread safety: pure. Errors: `not_found` no path of the interface;
/// `invalid` a parameter, named. A parameter `token` is never passed on.

#include "net/http/message.hpp"
#include "runtime/failure.hpp"
#include "runtime/messages/inspect.hpp"

namespace troupe::console {

/// Fills `path` and `parameters`; the rest is the caller's.
expected<inspect_query> query_of(const net::request_target& target);

}  // namespace troupe::console
