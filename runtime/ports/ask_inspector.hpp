#pragma once

/// \file
/// The way from the console's routes to the node's inspector.
///
/// Thread safety: callable from any thread, does not block. The answer comes
/// once, on the inspector's own thread (so also while every scheduler worker
/// is stuck in a handler), or at once with 503 when too many questions wait.

#include "runtime/messages/inspect.hpp"

#include <functional>

namespace troupe {

using ask_inspector_function = std::function<void(inspect_query, std::function<void(inspect_answer)>)>;

}  // namespace troupe
