#pragma once

/// \file
/// How the actor system is set up (DESIGN §5): policy `sharing`, one worker
/// per core, at most 50 messages per turn of an actor, no log of CAF's own, no
/// command line. Nothing is read from files or the environment.
///
/// Ownership: must outlive the actor system made of it.

#include <caf/actor_system_config.hpp>

namespace troupe {

enum class scheduling {
  threads,  ///< CAF workers
  stepped,  ///< one thread and a fake clock, moved on by tests
};

class system_config : public caf::actor_system_config {
 public:
  explicit system_config(scheduling how = scheduling::threads);

  /// Loads CAF's I/O, needed only when clustering. Call before the system is made.
  system_config& with_middleman();
};

}  // namespace troupe
