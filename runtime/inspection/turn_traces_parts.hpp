#pragma once

/// \file
/// Where `turn_traces` keeps its records. Used by its own sources only.
///
/// A record is owned by its shard, under whose lock it is read and written. The
/// rings say which of those that ended stay; their lock is taken after a
/// shard's, never before.

#include "runtime/inspection/turn_traces.hpp"

#include <deque>
#include <mutex>
#include <unordered_map>

namespace troupe {

struct turn_traces::entry {
  turn_record record;
  std::atomic<std::uint8_t> shown{0};  ///< rings that keep it for readers
  std::uint8_t held = 0;               ///< these, and the exporter's queue; under the rings' lock
  bool listed() const { return record.ended == 0 || shown.load(std::memory_order_relaxed) != 0; }
};

struct alignas(64) turn_traces::shard {
  static constexpr std::size_t most_spare = 64;

  using map = std::unordered_map<std::uint64_t, std::unique_ptr<entry>>;

  std::mutex mutex;
  map turns;
  std::vector<map::node_type> spare;  ///< to be used again, with the memory they have
};

/// Turns that nothing keeps any more: the one that ended, and what it displaced.
struct turn_traces::forgotten {
  std::array<std::uint64_t, 3> turns{};
  std::size_t count = 0;
  void add(std::uint64_t turn) { turns[count++] = turn; }
};

struct turn_traces::locked {
  std::unique_lock<std::mutex> lock;
  entry* found = nullptr;  ///< null: not known

  explicit operator bool() const { return found != nullptr; }
  turn_record* operator->() const { return &found->record; }
  turn_record& operator*() const { return found->record; }
};

struct turn_traces::rings {
  /// The last few, in the order they ended.
  struct ring {
    std::size_t capacity = 0;
    std::size_t next = 0;
    std::vector<entry*> entries;

    /// What had to go for it: null, or itself if there is no room at all.
    entry* push(entry* ended) {
      if (capacity == 0) return ended;
      if (entries.size() < capacity) {
        entries.push_back(ended);
        return nullptr;
      }
      const auto gone = std::exchange(entries[next], ended);
      next = (next + 1) % capacity;
      return gone;
    }
  };

  std::mutex mutex;
  std::uint64_t finished = 0;
  std::uint64_t failed = 0;
  std::uint64_t tokens_in = 0;
  std::uint64_t tokens_out = 0;
  ring recent;
  ring slow;
  std::deque<entry*> exports;
  std::size_t export_batch = 0;  ///< 0: nothing is exported
  std::size_t export_bound = 0;
  std::shared_ptr<const std::function<void()>> export_ready;
};

}  // namespace troupe
