#pragma once

/// \file
/// The live actors of a node, for the inspector (DESIGN §10).
///
/// Ownership: holds each cell strongly and each actor weakly; an actor that
/// ends takes itself out. Weak references do not leave the registry: CAF frees
/// an actor's memory with the last of them, so a listing that somebody keeps
/// would keep the memory of every actor in it.
/// Thread safety: any thread. The locks are leaves: nothing is called while
/// one is held. Sharded, so that spawning on several workers does not meet at
/// one lock.
/// Cost: adding and removing one hash table entry; a listing copies pointers.

#include "runtime/actor/cell.hpp"

#include <caf/actor.hpp>
#include <caf/actor_control_block.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

class actor_registry {
 public:
  struct entry {
    std::shared_ptr<const actor_cell> cell;
    const actor_registry* registry = nullptr;
    std::uint64_t number = 0;  ///< the cell's, read without touching it

    /// The actor, for sending it an `actor_command`; invalid once it has ended.
    caf::actor handle() const { return registry->handle(number); }
  };

  actor_registry() = default;
  actor_registry(const actor_registry&) = delete;
  actor_registry& operator=(const actor_registry&) = delete;

  void add(std::shared_ptr<const actor_cell> cell, caf::weak_actor_ptr address);
  void remove(std::uint64_t number) noexcept;

  /// Every live actor, oldest first.
  std::vector<entry> snapshot() const;

  std::optional<entry> find(std::uint64_t number) const;
  /// By the id as it stands in the cell; a text that is no id finds nothing.
  std::optional<entry> find(std::string_view id) const;

  /// The live actor of this number; invalid if there is none.
  caf::actor handle(std::uint64_t number) const;

  std::size_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  struct kept {
    std::shared_ptr<const actor_cell> cell;
    caf::weak_actor_ptr address;
  };
  struct shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, kept> entries;
  };

  shard& shard_of(std::uint64_t number) noexcept { return shards_[number % shards_.size()]; }
  const shard& shard_of(std::uint64_t number) const noexcept { return shards_[number % shards_.size()]; }

  std::array<shard, 16> shards_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace troupe
