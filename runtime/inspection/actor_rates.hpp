#pragma once

/// \file
/// How fast each actor has been over the last 1, 10 and 60 seconds, as long as
/// somebody looks (docs/console.md).
///
/// Ownership and thread safety: one thread's, the inspector's. Cost: a `tick`
/// reads two counters of each actor (0.1 µs), and 330 bytes are kept of each.

#include "runtime/actor/registry.hpp"

#include <array>
#include <cstdint>
#include <unordered_map>

namespace troupe {

class actor_rates {
 public:
  struct rate {
    double messages_per_second = 0;
    double busy_share = 0;
  };

  /// REQUIRES: called about once a second; more often it does nothing.
  void tick(std::int64_t now_ns, const std::vector<actor_registry::entry>& actors);
  /// Forgets everything: nobody looks any more.
  void clear();

  /// Over the last `window` seconds, or since the first tick that saw it.
  rate of(const actor_cell& cell, std::int64_t now_ns, unsigned window) const;

  /// All actors' together.
  double messages_per_second() const { return total_rate_; }

 private:
  struct sample {
    std::int64_t at = 0;
    std::uint64_t handled = 0;
    std::int64_t handling_ns = 0;
  };
  struct history {
    std::int64_t changed_at = 0;     ///< the first tick that saw `last_handled`
    std::uint64_t last_handled = 0;  ///< at the last tick
    std::array<sample, 11> seconds;  ///< ring
    std::array<sample, 7> tens;      ///< ring, a sample each ten ticks
    std::uint64_t ticks = 0;
    std::uint64_t seen = 0;
  };

  std::unordered_map<std::uint64_t, history> actors_;
  std::uint64_t tick_ = 0;
  std::int64_t last_tick_ns_ = 0;
  double total_rate_ = 0;
};

}  // namespace troupe
