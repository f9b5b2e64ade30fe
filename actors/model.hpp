#pragma once

/// \file
/// A model actor: all calls to one language model (DESIGN §3, §8). It pulls
/// each call's stream while the runner has credit left and yields between
/// portions, so that a cancel (urgent) is never behind more than one portion.
///
/// A call that fails before it has said anything is tried again, with a pause
/// that doubles and jitter (not after a key, a bad request or a filter refused
/// it; after a rate limit only when the provider says when to come back). Where
/// calls fail in a row the circuit breaker opens: calls end at once with
/// `overload`, and after a pause one is let through to see.
///
/// One sweep a second ends calls over `call_limit`: a timer per call would keep
/// its message and its actor alive long after a short turn is over.
///
/// Bounds: as many calls at once as the model takes (`most_calls`), then up to
/// `max_waiting` wait in order, the next ends at once with `busy`; at most
/// `model_initial_credit` unread deltas per call.

#include "actors/recent_ids.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/model.hpp"
#include "runtime/ports/language_model.hpp"
#include "runtime/ports/random.hpp"

#include <caf/actor_clock.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

namespace troupe {

struct model_deps {
  std::shared_ptr<language_model> model;
  random_port* random = nullptr;  ///< for jitter; none: no jitter
  std::size_t max_waiting = 10000;
  std::chrono::milliseconds call_limit{120000};  ///< from open to end
  unsigned attempts = 3;
  std::chrono::milliseconds first_pause{500};
  std::chrono::milliseconds longest_pause{10000};
  unsigned breaker_failures = 5;  ///< in a row, until the breaker opens
  std::chrono::milliseconds breaker_pause{10000};
};

struct model_state {
  using self_pointer = role<model_state>*;
  static constexpr const char* name = "model";

  explicit model_state(self_pointer self) : self_(self) {}
  ~model_state();
  caf::behavior start(model_deps deps);
  std::string to_json() const;

 private:
  struct call {
    turn_ref ref;
    caf::actor runner;
    model_request request;                 ///< until something was said: for another attempt
    std::unique_ptr<model_stream> stream;  ///< none: it waits for its turn, or for its next attempt
    bool started = false;                  ///< it counts among those in flight
    bool said = false;                     ///< the runner has got something of it
    std::int64_t said_ns = 0;              ///< when that was
    unsigned attempt = 0;
    std::int64_t opened = 0;                            ///< clock port, ns
    std::int64_t waited = 0;                            ///< for room, ns
    std::optional<caf::actor_clock::time_point> again;  ///< when the next attempt is due
    std::uint32_t credit = model_initial_credit;
    caf::actor_clock::time_point deadline;
    caf::actor_clock::time_point timer;  ///< when a `model_ready` is due, if that is to come
  };

  void open(model_open& message);
  void start_waiting();
  void attempt(call& entry);
  bool try_again(call& entry, const model_event& event);
  void count_outcome(const failure& error);
  void forget(std::uint64_t turn);
  void pump(std::uint64_t turn);
  void end(std::uint64_t turn, model_ended message);
  void note_end(const call& entry, const model_usage& usage, const char* error);
  void poll_later(call& entry, std::chrono::nanoseconds delay);
  void sweep();
  void schedule_sweep();

  self_pointer self_;
  model_deps deps_;
  std::string name_;  ///< of the model
  std::unordered_map<std::uint64_t, call> calls_;
  recent_ids cancelled_;
  std::deque<std::uint64_t> waiting_;  ///< turns; those that ended meanwhile are skipped
  std::size_t in_flight_ = 0;
  unsigned failures_ = 0;                                   ///< in a row
  std::optional<caf::actor_clock::time_point> open_until_;  ///< the breaker is open
  bool probing_ = false;
  bool starting_ = false;
  std::uint64_t served_ = 0;
  std::uint64_t retries_ = 0;
  bool sweep_scheduled_ = false;
};

using model_role = role<model_state>;

}  // namespace troupe
