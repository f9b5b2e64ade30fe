#pragma once

/// \file
/// The runner: the agent at work on one turn (DESIGN §3, §4): recall, prompt,
/// model call, deltas to the session, tool calls and the model again, one end.
/// The session spawns it with the turn and ends it with the turn
/// (`run_cancel`), so that an idle conversation has no agent in RAM and a
/// cancelled turn needs no record of its own.
///
/// Tools. A round is the calls of one model answer, run side by side. Each is
/// journaled before it is begun and when it has finished (DESIGN §4.6); then
/// the model is called again with the results. Whatever goes wrong with a call
/// is a result for the model to read, so a turn never waits for a tool longer
/// than `call_limit`. With an `approver` each call is asked for first, before it
/// is journaled; one that is not allowed within `approval_limit` is not begun.
/// A model that runs in circles, or through `max_rounds`, is
/// asked once more without tools.
///
/// Invariants
///   1. `run_turn` is answered with exactly one `run_ended`, unless it was
///      cancelled, also when memory, the model, a tool or this actor fails.
///   2. Recall and the lists of tools never hold a turn up longer than
///      `recall_limit`.
///   3. A call is begun at most once, and only after it is durable that it may have been.

#include "actors/delta_credit.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/memory.hpp"
#include "runtime/messages/model.hpp"
#include "runtime/messages/tool.hpp"
#include "runtime/messages/turn.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <vector>

namespace troupe {

struct tool_limits {
  std::uint32_t max_rounds = 16;
  std::size_t max_calls = 32;            ///< of one round
  std::size_t max_repeats = 2;           ///< of one call with the same arguments in a turn
  std::size_t result_bytes = 64 * 1024;  ///< of one result that the model gets
  std::chrono::milliseconds call_limit{60000};
  std::chrono::milliseconds approval_limit{300000};
};

struct runner_deps {
  caf::actor session;
  caf::actor model;
  caf::actor approver;  ///< answers `approval_query`; none: every call is allowed
  recall_options recall;
  std::chrono::milliseconds recall_limit{2000};
  tool_limits tools;
};

struct runner_state {
  using self_pointer = role<runner_state>*;
  static constexpr const char* name = "runner";

  explicit runner_state(self_pointer self) : self_(self) {}
  ~runner_state();
  caf::behavior start(runner_deps deps);
  std::string to_json() const;

 private:
  struct asked_memory {
    caf::actor source;  ///< none: it has answered
    std::vector<memory_hit> hits;
  };
  struct pending_call {
    tool_call call;
    caf::actor source;  ///< none: it is not begun
    std::optional<tool_result> result;
    bool saved = false;   ///< the result is durable
    bool asking = false;  ///< whether it may be begun
  };

  // runner.cpp: the turn and its model calls
  void run(run_turn& turn);
  void gathered(std::size_t waited);
  void ask_for_memories();
  void recalled(std::size_t memory, std::vector<memory_hit> hits);
  void forget_memories();
  void take_memories();
  void call_model();
  void delta(model_delta& message);
  void take_credit();
  void model_done(model_ended& message);
  void give_up();
  static failure model_gone();
  void end(failure error);
  bool current(const turn_ref& ref) const { return turn_ && turn_->ref.turn == ref.turn; }

  // runner_tools.cpp: rounds of tool calls
  void ask_for_tools();
  void tools_listed_by(const caf::actor& source, tools_listed& answer);
  void called(model_called& message);
  void begin_round(std::string opaque);
  std::optional<std::string> refusal(const tool_call& call);
  void ask_for_approval();
  void approved(std::size_t index, const approval_given& answer);
  void begin_calls();
  void start_calls();
  void finish(std::size_t index, tool_result result);
  void round_if_done();
  void out_of_time(const tools_deadline& message);

  self_pointer self_;
  runner_deps deps_;
  std::optional<run_turn> turn_;
  model_request request_;
  std::vector<asked_memory> memories_;
  std::map<std::string, caf::actor> sources_;  ///< whose a tool is
  std::vector<caf::actor> observers_;
  std::size_t gathering_ = 0;  ///< answers of memory and tool sources that are waited for
  bool begun_ = false;         ///< the model has been called
  bool model_gone_ = false;
  delta_credit credit_;      ///< of the call under way
  std::uint32_t round_ = 0;  ///< rounds that are over
  std::uint64_t tokens_in_ = 0, tokens_out_ = 0;
  std::size_t refused_repeats_ = 0;
  std::map<std::pair<std::string, std::string>, std::size_t> made_;  ///< times a call was made, by name and arguments
  std::string said_;                                                 ///< by the model in this round
  bool said_before_ = false;  ///< in an earlier round, without a space at its end
  std::vector<pending_call> calls_;
};

using runner_role = role<runner_state>;

}  // namespace troupe
