#pragma once

/// \file
/// The runner: the agent at work on one turn (DESIGN §3, §4): recall, prompt,
/// model call, deltas to the session, one end. The session spawns it with the
/// turn and ends it with the turn (`run_cancel`), so that an idle conversation
/// has no agent in RAM and a cancelled turn needs no record of its own.
///
/// Invariants
///   1. `run_turn` is answered with exactly one `run_ended`, unless it was
///      cancelled, also when memory, the model or this actor fails.
///   2. Recall never holds a turn up longer than `recall_limit`.

#include "runtime/actor/role.hpp"
#include "runtime/messages/memory.hpp"
#include "runtime/messages/model.hpp"
#include "runtime/messages/turn.hpp"

#include <chrono>
#include <optional>

namespace troupe {

struct runner_deps {
  caf::actor session;
  caf::actor model;
  recall_options recall;
  std::chrono::milliseconds recall_limit{2000};
};

struct runner_state {
  using self_pointer = role<runner_state>*;
  static constexpr const char* name = "runner";

  explicit runner_state(self_pointer self) : self_(self) {}
  ~runner_state();
  caf::behavior start(runner_deps deps);
  std::string to_json() const;

 private:
  void run(run_turn& turn);
  void recalled(std::uint64_t turn, std::vector<memory_hit> hits);
  void give_up();
  static failure model_gone();
  void end(failure error);
  bool current(const turn_ref& ref) const { return turn_ && turn_->ref.turn == ref.turn; }

  self_pointer self_;
  runner_deps deps_;
  std::optional<run_turn> turn_;
  bool recalling_ = false;
  bool model_gone_ = false;
  std::uint32_t unacknowledged_ = 0;
};

using runner_role = role<runner_state>;

}  // namespace troupe
