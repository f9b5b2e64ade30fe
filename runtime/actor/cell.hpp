#pragma once

/// \file
/// What the inspector may read of an actor without asking it, since a stuck
/// actor cannot answer (DESIGN §10).
///
/// Ownership: shared by the actor and the registry; outlives the actor.
/// Thread safety: the strings are set once, before the actor starts. Counters
/// are relaxed atomics: each is right, but two of them read together may be a
/// message apart. `last_error` is guarded by a leaf mutex.
/// Units: nanoseconds of `clock_port::monotonic_ns`.
/// Cost: senders write one cache line and the actor another; a message costs
/// one atomic addition and one read of the clock.

#include <caf/fwd.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <typeinfo>
#include <utility>

namespace troupe {

struct actor_cell {
  // -- set once, before the actor starts --------------------------------------

  std::uint64_t number = 0;  ///< the actor's number in its system
  std::string id;            ///< the same as text
  std::string role;          ///< "journal"
  std::string label;         ///< what tells it from others of its role; never users' content
  std::string parent;        ///< id of the actor it was spawned for, or empty
  std::uint64_t mailbox_bound = 0;

  // -- written by senders -----------------------------------------------------

  alignas(64) std::atomic<std::uint64_t> enqueued{0};
  std::atomic<std::uint64_t> shed{0};  ///< not taken since the mailbox was full

  // -- written by the actor ---------------------------------------------------

  alignas(64) std::atomic<std::uint64_t> handled{0};
  std::atomic<std::uint64_t> restarts{0};
  std::atomic<std::int64_t> busy_since_ns{0};  ///< 0: idle
  std::atomic<std::int64_t> handling_ns{0};    ///< time spent in handlers so far
  std::atomic<const std::type_info*> last_type{nullptr};
  std::atomic<std::uint16_t> last_type_number{0};  ///< of a type that CAF builds in
  std::atomic<bool> paused{false};
  std::atomic<bool> ended{false};

  /// Messages taken and not yet handled, those held by a pause included.
  std::uint64_t mailbox_length() const noexcept {
    const auto out = handled.load(std::memory_order_relaxed);
    const auto in = enqueued.load(std::memory_order_relaxed);
    return in > out ? in - out : 0;
  }

  /// Name of the type of the last message, empty before the first.
  std::string last_message(const caf::actor_system& system) const;

  /// What the last caught exception said.
  std::string last_error() const {
    std::lock_guard guard(error_mutex_);
    return last_error_;
  }
  void set_last_error(std::string text) {
    std::lock_guard guard(error_mutex_);
    last_error_ = std::move(text);
  }

 private:
  mutable std::mutex error_mutex_;
  std::string last_error_;
};

/// Adds to a counter that only one thread at a time writes: no locked
/// instruction, unlike `fetch_add`.
template <class Number>
void add_owned(std::atomic<Number>& counter, Number amount) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

}  // namespace troupe
