#pragma once

/// \file
/// What every actor of a node stands on. One per process (one per node in
/// tests of clusters).
///
/// Ownership: references only; whoever makes it keeps what it names, and the
/// struct itself, alive longer than the actor system.
/// Thread safety: read-only after it is made; the parts are safe from any thread.

namespace caf {
class actor_system;
}

namespace troupe {

class actor_registry;
class blocking_pool;
class clock_port;
class random_port;
class turn_traces;

struct node_services {
  caf::actor_system& system;
  clock_port& clock;
  random_port& random;
  blocking_pool& pool;
  actor_registry& registry;
  /// Under the stepping scheduler of tests: no actor gets a thread of its own.
  bool deterministic = false;
  /// Where roles note what a turn went through; none: nobody keeps traces.
  turn_traces* traces = nullptr;
};

}  // namespace troupe
