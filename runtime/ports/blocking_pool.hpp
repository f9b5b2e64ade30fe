#pragma once

#include <functional>

namespace troupe {

/// Where work goes that blocks: reading a store, hashing a password, waiting
/// for a process (DESIGN §1.3). The real one is a bounded set of threads; a
/// test's runs the work as a step of its own.
///
/// Thread safety: any thread. Bounds: returns false when its queue is full;
/// the caller then answers `busy`.
class blocking_pool {
 public:
  virtual ~blocking_pool() = default;
  [[nodiscard]] virtual bool submit(std::function<void()> work) = 0;
};

}  // namespace troupe
