#pragma once

/// \file
/// Slows down whoever tries operator tokens (docs/console.md, Who may): five
/// failures are free, then each makes its peer wait twice as long as the one
/// before, 1 s to 15 min. Fifteen quiet minutes after a wait it is forgotten.
///
/// Peers are told apart by address, IPv6 ones by their network of 64 bits,
/// within which a single machine may take any address.
///
/// Thread safety: a leaf, any thread. Two attempts at the same instant may both
/// be looked at, so a peer gains at most one guess per I/O thread.
/// Bounds: `limit` peers; over it the one that failed longest ago is forgotten.
/// Cost: a lock and a hash; at the bound a failure looks at all entries.

#include "runtime/ports/clock.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe::console {

class login_throttle {
 public:
  static constexpr unsigned free_failures = 5;
  static constexpr std::int64_t longest_wait_s = 15 * 60;

  explicit login_throttle(const clock_port& clock, std::size_t limit = 4096) : clock_(clock), limit_(limit) {}

  /// Seconds, rounded up, until this peer may try again; 0: now.
  std::int64_t wait_s(std::string_view peer) const;
  void failed(std::string_view peer);
  void succeeded(std::string_view peer);
  std::size_t size() const;

 private:
  struct entry {
    unsigned failures = 0;
    std::int64_t failed_ns = 0;
    std::int64_t free_ns = 0;  ///< when the next attempt is looked at
  };
  static bool forgotten(const entry& known, std::int64_t now_ns);
  void make_room(std::int64_t now_ns);

  const clock_port& clock_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, entry> entries_;
};

/// What a peer is counted under.
std::string throttle_key(std::string_view address);

}  // namespace troupe::console
