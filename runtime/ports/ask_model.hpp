#pragma once

/// \file
/// Asking the default language model something outside of any turn, for parts
/// that know no actors of models (a dialect that learns from a client's log).
///
/// The answer comes to `asker` as one `model_answered` with the same `ref`,
/// whose `turn` must be nobody else's. An empty function: there is no model
/// that takes instructions. Thread safety: may be called from any thread.

#include "runtime/messages/turn.hpp"

#include <caf/actor.hpp>

#include <functional>
#include <string>

namespace troupe {

using ask_model_function =
    std::function<void(const caf::actor& asker, turn_ref ref, std::string system, std::string text)>;

}  // namespace troupe
