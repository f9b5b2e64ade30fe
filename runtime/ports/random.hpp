#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe {

/// Where randomness enters. The real one is the operating system's generator;
/// a test's is seeded.
///
/// Thread safety: implementations may be called from any thread.
class random_port {
 public:
  virtual ~random_port() = default;
  virtual void fill(void* bytes, std::size_t size) = 0;

  /// A number that is never 0.
  std::uint64_t number();
  /// `2 * bytes` lower-case hex digits.
  std::string hex(std::size_t bytes);
  /// A version 4 UUID (RFC 9562 §5.4).
  std::string uuid();
};

}  // namespace troupe
