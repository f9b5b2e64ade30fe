#include "runtime/system_clock_port.hpp"

#include <chrono>

#include <time.h>

namespace troupe {

std::int64_t system_clock_port::wall_ms() const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::int64_t system_clock_port::monotonic_ns() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

std::int64_t system_clock_port::coarse_ns() const {
  // The clock behind `steady_clock`, as of the last timer interrupt.
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

}  // namespace troupe
