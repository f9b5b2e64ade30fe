#pragma once

/// \file
/// Fake ports: a clock that a test moves, seeded randomness, a blocking pool
/// whose work runs as steps of the test.

#include "runtime/ports/blocking_pool.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/random.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <utility>

namespace troupe {

/// Starts at 2026-01-01T00:00Z. Moved by `test_node::advance`, or by hand
/// when used without a node.
class test_clock final : public clock_port {
 public:
  std::int64_t wall_ms() const override { return 1'767'225'600'000 + elapsed_ns_.load() / 1'000'000; }
  std::int64_t monotonic_ns() const override { return 1'000'000'000 + elapsed_ns_.load(); }
  std::int64_t elapsed_ns() const { return elapsed_ns_.load(); }
  void move(std::int64_t nanoseconds) { elapsed_ns_.fetch_add(nanoseconds); }

 private:
  std::atomic<std::int64_t> elapsed_ns_{0};
};

class test_random final : public random_port {
 public:
  explicit test_random(std::uint64_t seed = 1) : engine_(seed) {}
  void fill(void* bytes, std::size_t size) override {
    auto* out = static_cast<unsigned char*>(bytes);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(engine_() >> 56);
  }
  /// From 0 to `bound - 1`. The same on every standard library.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }

 private:
  std::mt19937_64 engine_;
};

class test_pool final : public blocking_pool {
 public:
  [[nodiscard]] bool submit(std::function<void()> work) override {
    if (queue_.size() >= bound) return false;
    queue_.push_back(std::move(work));
    return true;
  }
  std::size_t queued() const { return queue_.size(); }
  /// Runs the n-th piece of work.
  void run_one(std::size_t which = 0) {
    auto work = std::move(queue_[which]);
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(which));
    work();
  }
  void clear() { queue_.clear(); }

  std::size_t bound = 1024;  ///< 0 makes every `submit` fail

 private:
  std::deque<std::function<void()>> queue_;
};

}  // namespace troupe
