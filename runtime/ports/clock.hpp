#pragma once

#include <cstdint>

namespace troupe {

/// Where time enters (DESIGN §1.9). Timers are the actor system's own delayed
/// messages; a test makes both the same fake clock.
///
/// Thread safety: implementations may be called from any thread.
class clock_port {
 public:
  virtual ~clock_port() = default;
  /// Wall clock, milliseconds since 1970-01-01T00:00Z.
  virtual std::int64_t wall_ms() const = 0;
  /// Monotonic, nanoseconds from an arbitrary start.
  virtual std::int64_t monotonic_ns() const = 0;
  /// The same, up to some milliseconds late and several times cheaper to read.
  virtual std::int64_t coarse_ns() const { return monotonic_ns(); }
};

}  // namespace troupe
