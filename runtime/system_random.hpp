#pragma once

#include "runtime/ports/random.hpp"

namespace troupe {

/// The operating system's generator (getrandom(2)), fit for secrets. Thread
/// safety: any thread, no state. Throws `std::system_error` if the kernel has
/// no generator: nothing can go on without one.
class system_random final : public random_port {
 public:
  void fill(void* bytes, std::size_t size) override;
};

}  // namespace troupe
