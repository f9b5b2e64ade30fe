#pragma once

/// \file
/// Process-wide gauges and counters. A plain struct, passed by reference.
///
/// Thread safety: relaxed atomics, any thread.

#include <atomic>
#include <cstdint>

namespace troupe {

struct metrics {
  using number = std::atomic<std::int64_t>;

  // Gauges: what is there now.
  number active_clients{0};
  number active_text_sessions{0};
  number active_voice_sessions{0};

  // Counters: what has happened since the start.
  number clients_accepted{0};
  number frames_in{0};
};

/// Counts something for as long as it lives.
class gauge_guard {
 public:
  explicit gauge_guard(metrics::number& gauge) : gauge_(&gauge) { gauge_->fetch_add(1, std::memory_order_relaxed); }
  gauge_guard(gauge_guard&& other) noexcept : gauge_(other.gauge_) { other.gauge_ = nullptr; }
  gauge_guard(const gauge_guard&) = delete;
  gauge_guard& operator=(const gauge_guard&) = delete;
  gauge_guard& operator=(gauge_guard&&) = delete;
  ~gauge_guard() {
    if (gauge_) gauge_->fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  metrics::number* gauge_;
};

}  // namespace troupe
