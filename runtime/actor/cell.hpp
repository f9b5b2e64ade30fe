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
/// Times are up to some milliseconds late until somebody looks.
/// Cost: senders write one cache line and the actor another; a message costs
/// one atomic addition and one read of the coarse clock, one more when it finds
/// the mailbox empty. Histogram and ring are made when somebody looks, and stay
/// as long as the cell: the actor may be using them at any time.

#include "runtime/inspection/handling_histogram.hpp"
#include "runtime/inspection/message_ring.hpp"
#include "runtime/log_scope.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <typeinfo>
#include <utility>

namespace troupe {

struct actor_cell {
  actor_cell() = default;
  actor_cell(const actor_cell&) = delete;
  actor_cell& operator=(const actor_cell&) = delete;
  ~actor_cell() {
    delete histogram.load(std::memory_order_relaxed);
    delete ring.load(std::memory_order_relaxed);
  }

  // -- set once, before the actor starts --------------------------------------

  std::uint64_t number = 0;  ///< the actor's number in its system
  std::string id;            ///< the same as text
  std::string role;          ///< "journal"
  std::string label;         ///< what tells it from others of its role; never users' content
  std::string parent;        ///< id of the actor it was spawned for, or empty
  std::uint64_t mailbox_bound = 0;
  std::uint64_t object_bytes = 0;  ///< size of the actor itself

  // -- set when somebody looks ------------------------------------------------

  mutable std::atomic<handling_histogram*> histogram{nullptr};
  mutable std::atomic<message_ring*> ring{nullptr};
  mutable log::actor_scope log_scope;

  handling_histogram& measured() const { return made(histogram); }
  message_ring& recorded() const { return made(ring); }

  // -- written by senders -----------------------------------------------------

  alignas(64) std::atomic<std::uint64_t> enqueued{0};
  std::atomic<std::uint64_t> shed{0};  ///< not taken since the mailbox was full
  /// When a message last found nothing before it but one in a handler.
  std::atomic<std::int64_t> waiting_since_ns{0};

  // -- written by the actor ---------------------------------------------------

  alignas(64) std::atomic<std::uint64_t> handled{0};
  std::atomic<std::uint64_t> restarts{0};
  std::atomic<std::int64_t> busy_since_ns{0};  ///< 0: idle
  std::atomic<std::int64_t> idle_since_ns{0};  ///< end of the last handler
  std::atomic<std::int64_t> handling_ns{0};    ///< time spent in handlers so far
  std::atomic<const std::type_info*> last_type{nullptr};
  std::atomic<std::uint16_t> last_type_number{0};  ///< of a type that CAF builds in
  std::atomic<bool> paused{false};
  std::atomic<bool> ended{false};

  // -- written by the role, as far as it has such things ------------------------

  std::atomic<std::uint64_t> kept_bytes{0};  ///< what its state holds beside the actor itself
  std::atomic<std::uint64_t> tokens_in{0};
  std::atomic<std::uint64_t> tokens_out{0};
  std::atomic<std::uint64_t> in_flight{0};  ///< calls, turns or requests under way
  std::atomic<std::uint64_t> linked{0};     ///< number of the actor it is attached to (a client's session)

  /// Messages taken and not yet handled, those held by a pause included.
  std::uint64_t mailbox_length() const noexcept {
    const auto out = handled.load(std::memory_order_relaxed);
    const auto in = enqueued.load(std::memory_order_relaxed);
    return in > out ? in - out : 0;
  }

  /// How long the oldest waiting message has waited at least; `now` on the monotonic clock.
  std::int64_t oldest_wait_ns(std::int64_t now) const noexcept {
    const auto busy = busy_since_ns.load(std::memory_order_relaxed);
    if (mailbox_length() <= (busy != 0 ? 1u : 0u)) return 0;
    const auto since = waiting_since_ns.load(std::memory_order_relaxed);
    const auto moved = busy != 0 ? busy : idle_since_ns.load(std::memory_order_relaxed);
    const auto from = since > moved ? since : moved;
    return from == 0 || now < from ? 0 : now - from;
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
  template <class T>
  static T& made(std::atomic<T*>& where) {
    if (auto* there = where.load(std::memory_order_acquire)) return *there;
    auto* fresh = new T;
    T* expected = nullptr;
    if (where.compare_exchange_strong(expected, fresh, std::memory_order_acq_rel)) return *fresh;
    delete fresh;
    return *expected;
  }

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
