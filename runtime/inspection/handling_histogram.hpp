#pragma once

/// \file
/// How long an actor's handlers take: counts in 72 buckets, two per octave
/// from 64 ns to an hour, made for an actor once somebody looks at it.
///
/// Thread safety: `add` from one thread at a time (the actor's); the rest from
/// any, while it goes on. Units: nanoseconds. Errors: a percentile is that of
/// its bucket, at most 41 % above the true one. Cost: 288 bytes, one addition.

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace troupe {

class handling_histogram {
 public:
  void add(std::int64_t ns) noexcept {
    auto& count = counts_[bucket_of(ns)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (auto& count : counts_) sum += count.load(std::memory_order_relaxed);
    return sum;
  }

  /// The upper edge of the bucket that holds it; nothing while empty.
  std::optional<std::int64_t> percentile(double share) const noexcept {
    const auto all = total();
    if (all == 0) return std::nullopt;
    auto left = static_cast<std::uint64_t>(share * static_cast<double>(all - 1)) + 1;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const auto here = counts_[i].load(std::memory_order_relaxed);
      if (here >= left) return upper_edge(i);
      left -= here;
    }
    return upper_edge(counts_.size() - 1);
  }

  static std::size_t bucket_of(std::int64_t ns) noexcept {
    if (ns < 64) return 0;
    const auto value = static_cast<std::uint64_t>(ns);
    const auto octave = static_cast<std::size_t>(std::bit_width(value)) - 7;  // 64 → 0
    const auto half = (value >> (octave + 5)) & 1;
    const auto index = 1 + 2 * octave + half;
    return index < buckets ? index : buckets - 1;
  }
  static std::int64_t upper_edge(std::size_t index) noexcept {
    if (index == 0) return 64;
    const auto octave = (index - 1) / 2;
    const std::int64_t base = std::int64_t{64} << octave;
    return (index - 1) % 2 == 0 ? base + base / 2 : 2 * base;
  }

 private:
  static constexpr std::size_t buckets = 72;
  std::array<std::atomic<std::uint32_t>, buckets> counts_{};
};

}  // namespace troupe
