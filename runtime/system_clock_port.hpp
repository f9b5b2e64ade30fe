#pragma once

#include "runtime/ports/clock.hpp"

namespace troupe {

/// The operating system's clocks. Thread safety: any thread, no state.
class system_clock_port final : public clock_port {
 public:
  std::int64_t wall_ms() const override;
  std::int64_t monotonic_ns() const override;
  std::int64_t coarse_ns() const override;
};

}  // namespace troupe
