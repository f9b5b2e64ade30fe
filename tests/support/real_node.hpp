#pragma once

/// \file
/// A node on real threads, for tests of what the stepping one cannot show.
///
/// Ownership: owns the actor system, whose end waits for every actor.

#include "runtime/actor/registry.hpp"
#include "runtime/node_services.hpp"
#include "runtime/system_clock_port.hpp"
#include "runtime/system_config.hpp"
#include "runtime/system_random.hpp"
#include "runtime/thread_pool.hpp"

#include <caf/actor_system.hpp>

namespace troupe {

struct real_node {
  /// `workers` 0: as many as a node has by itself.
  explicit real_node(std::size_t workers = 0) : system(with_workers(config, workers)) {}

  static system_config& with_workers(system_config& config, std::size_t workers) {
    if (workers > 0) config.set("scheduler.max-threads", workers);
    return config;
  }

  system_config config;
  system_clock_port clock;
  system_random random;
  thread_pool pool{1, 10};
  actor_registry registry;
  caf::actor_system system;
  node_services services{system, clock, random, pool, registry, false};
};

}  // namespace troupe
