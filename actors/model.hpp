#pragma once

/// \file
/// A model actor: all calls to one language model (DESIGN §3, §8). It pulls
/// each call's stream while the runner has credit left and yields between
/// portions, so that a cancel (urgent) is never behind more than one portion.
///
/// One sweep a second ends calls over `call_limit`: a timer per call would keep
/// its message and its actor alive long after a short turn is over.
///
/// Bounds: `max_calls` in flight, the next ends at once with `busy`; at most
/// `model_initial_credit` unread deltas per call.

#include "actors/recent_ids.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/model.hpp"
#include "runtime/ports/language_model.hpp"

#include <caf/actor_clock.hpp>

#include <chrono>
#include <memory>
#include <unordered_map>

namespace troupe {

struct model_deps {
  std::shared_ptr<language_model> model;
  std::size_t max_calls = 10000;
  std::chrono::milliseconds call_limit{120000};  ///< from open to end
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
    std::unique_ptr<model_stream> stream;
    std::uint32_t credit = model_initial_credit;
    caf::actor_clock::time_point deadline;
    caf::actor_clock::time_point timer;  ///< when a `model_ready` is due, if that is to come
  };

  void open(model_open& message);
  void pump(std::uint64_t turn);
  void end(std::uint64_t turn, model_ended message);
  void poll_later(call& entry, std::chrono::nanoseconds delay);
  void sweep();
  void schedule_sweep();

  self_pointer self_;
  model_deps deps_;
  std::unordered_map<std::uint64_t, call> calls_;
  recent_ids cancelled_;
  std::uint64_t served_ = 0;
  bool sweep_scheduled_ = false;
};

using model_role = role<model_state>;

}  // namespace troupe
