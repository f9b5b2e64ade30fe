#pragma once

/// \file
/// Which actor runs on this thread, for the log: its number stands beside each
/// line in the tail, and its own level may let more lines through.
///
/// Thread safety: `level` from any thread. Cost: two writes of a thread-local
/// pointer per turn of an actor on a worker.

#include <atomic>
#include <cstdint>
#include <utility>

namespace troupe::log {

struct actor_scope {
  std::uint64_t number = 0;
  std::atomic<std::int8_t> level{-1};  ///< as `config::log_level`; -1: that of the process
};

namespace detail {
inline constinit thread_local const actor_scope* current_actor = nullptr;
}

class within_actor {
 public:
  explicit within_actor(const actor_scope& scope) noexcept : outer_(std::exchange(detail::current_actor, &scope)) {}
  ~within_actor() { detail::current_actor = outer_; }
  within_actor(const within_actor&) = delete;
  within_actor& operator=(const within_actor&) = delete;

 private:
  const actor_scope* outer_;
};

}  // namespace troupe::log
