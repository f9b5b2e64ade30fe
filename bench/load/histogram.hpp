#pragma once

/// \file
/// Latencies, counted in log-linear buckets: 128 steps to each power of two,
/// so a percentile is within 0.8 % of the value, whatever its size.
///
/// Ownership: a value of 60 KB. Thread safety: none. Units: nanoseconds, or
/// whatever is recorded. Cost: an increment.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace troupe::bench {

class histogram {
 public:
  void record(std::uint64_t value) {
    ++counts_[bucket(value)];
    ++count_;
    if (value > max_) max_ = value;
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }

  /// The value below which the share `part` (0 to 1) lies; 0 if there is none.
  std::uint64_t percentile(double part) const {
    const auto rank = static_cast<std::uint64_t>(part * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if ((seen += counts_[i]) > rank) return middle(i);
    return max_;
  }

 private:
  static constexpr unsigned step_bits = 7;
  static constexpr std::uint64_t steps = 1u << step_bits;

  static std::size_t bucket(std::uint64_t value) {
    if (value < steps) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - step_bits;
    return (shift + 1) * steps + (value >> shift) - steps;
  }
  static std::uint64_t middle(std::size_t bucket) {
    if (bucket < steps) return bucket;
    const auto shift = bucket / steps - 1;
    return ((bucket % steps + steps) << shift) + ((std::uint64_t{1} << shift) / 2);
  }

  std::array<std::uint64_t, (64 - step_bits + 1) * steps> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace troupe::bench
