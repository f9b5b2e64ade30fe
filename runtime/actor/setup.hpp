#pragma once

/// \file
/// What `spawn` hands to an inspected actor's constructor.

#include "runtime/actor/cell.hpp"
#include "runtime/node_services.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace troupe {

/// More faults than `count` within `window` end the actor instead of
/// restarting it.
struct restart_limit {
  std::uint32_t count = 5;
  std::chrono::nanoseconds window = std::chrono::seconds(10);
};

struct actor_setup {
  node_services* node = nullptr;
  std::shared_ptr<actor_cell> cell;
  restart_limit restarts;
};

}  // namespace troupe
