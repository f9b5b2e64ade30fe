#pragma once

/// \file
/// The last messages of one actor that somebody looks at, or that has failed
/// (docs/console.md): what came from whom, how long it waited, how long its
/// handler took. Contents only if somebody asked for them.
///
/// Thread safety: a leaf; `arrived` from senders, `begun` and `handled` from
/// the actor, the rest from the inspector. Bounds: 64 messages, 4,096 arrivals
/// remembered, contents cut after 2 KiB. Cost: nothing once `record_until` has
/// passed; else a lock and a hash table entry per message.

#include <caf/fwd.hpp>
#include <caf/rtti_pair.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

class message_ring {
 public:
  struct entry {
    std::int64_t began_ns = 0;  ///< monotonic
    caf::rtti_pair type{0, nullptr};
    std::uint64_t sender = 0;  ///< its number, 0 for none
    std::optional<std::int64_t> wait_ns;
    std::int64_t handling_ns = 0;
    std::string contents;
  };
  static constexpr std::size_t kept = 64;
  static constexpr std::size_t arrivals_kept = 4096;
  static constexpr std::size_t contents_limit = 2048;

  bool recording(std::int64_t now_ns) const noexcept { return now_ns < until_.load(std::memory_order_relaxed); }
  bool wants_contents(std::int64_t now_ns) const noexcept {
    return now_ns < contents_until_.load(std::memory_order_relaxed);
  }
  /// Never ends earlier than it was to. What arrived in an earlier recording and was
  /// not seen to be taken is forgotten.
  void record_until(std::int64_t until_ns, std::int64_t now_ns);
  void contents_until(std::int64_t until_ns) noexcept { contents_until_.store(until_ns, std::memory_order_relaxed); }

  /// `message` is only an address, never followed.
  void arrived(const void* message, std::int64_t now_ns);
  /// When it arrived, forgotten by that.
  std::optional<std::int64_t> taken(const void* message);
  void handled(entry one);

  /// Oldest first.
  std::vector<entry> recent() const;

 private:
  std::atomic<std::int64_t> until_{0};
  std::atomic<std::int64_t> contents_until_{0};
  mutable std::mutex mutex_;
  std::unordered_map<const void*, std::int64_t> arrivals_;
  std::deque<entry> entries_;
};

}  // namespace troupe
