#pragma once

/// \file
/// What a WebSocket peer may do, and how long it may take (DESIGN §9, Hostile
/// peers; Luna contract §4 and §14). Times in milliseconds, sizes in bytes.

#include <atomic>
#include <chrono>
#include <cstddef>

namespace troupe::net {

struct websocket_limits {
  using milliseconds = std::chrono::milliseconds;
  milliseconds message_deadline{30'000};  ///< from a message's first byte to its last
  milliseconds ping_interval{20'000};
  milliseconds pong_timeout{20'000};
  std::size_t write_queue = 4 * 1024 * 1024;         ///< unsent bytes; one larger frame may pass when it is alone
  milliseconds write_stall{30'000};                  ///< without the peer taking a byte
  milliseconds close_timeout{5'000};                 ///< for the peer's half of the closing handshake
  milliseconds abort_after{1'000};                   ///< for a peer that is closed because it does not read
  std::size_t half_read_budget = 256 * 1024 * 1024;  ///< of unfinished messages, all connections together
};

/// Bytes of unfinished messages of all connections. Thread safety: atomic.
/// Over the budget the connection that grows is closed, unless it holds little:
/// one with a small message must not pay for others' large ones.
class half_read_budget {
 public:
  static constexpr std::size_t always_granted = 64 * 1024;

  explicit half_read_budget(std::size_t limit) : limit_(limit) {}

  /// Replaces a connection's share; false if it may not hold that much.
  bool change(std::size_t from, std::size_t to) {
    const auto total = total_.fetch_add(to - from, std::memory_order_relaxed) + (to - from);
    return to <= from || to <= always_granted || total <= limit_;
  }
  std::size_t total() const { return total_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> total_{0};
};

}  // namespace troupe::net
