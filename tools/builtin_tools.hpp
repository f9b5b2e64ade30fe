#pragma once

/// \file
/// The tool actor of what is built in (DESIGN §3 "tool", §4.6). Answers
/// `tools_query` and `tool_start` at once; arguments are checked against the
/// tool's schema first, and what is wrong with them is a result for the model.
///
/// Ownership: the actor owns its tools. Thread safety: as any actor.
/// Errors: a call of a tool it has not is answered `not_found` (never begun).

#include "runtime/actor/role.hpp"
#include "runtime/messages/tool.hpp"
#include "tools/builtin/builtin_tool.hpp"
#include "tools/cancelled_calls.hpp"

#include <vector>

namespace troupe {

class clock_port;

namespace tools {

/// Every tool that is built in. `clock` must outlive them.
std::vector<builtin_tool> standard_tools(const clock_port& clock);

}  // namespace tools

struct builtin_tools_deps {
  std::vector<tools::builtin_tool> tools;
};

struct builtin_tools_state {
  using self_pointer = role<builtin_tools_state>*;
  static constexpr const char* name = "builtin_tools";

  explicit builtin_tools_state(self_pointer self) : self_(self) {}
  caf::behavior start(builtin_tools_deps deps);
  std::string to_json() const;

 private:
  caf::result<tool_result> run(const tool_start& message);

  self_pointer self_;
  builtin_tools_deps deps_;
  tools::cancelled_calls cancelled_;
  std::uint64_t served_ = 0;
};

using builtin_tools_role = role<builtin_tools_state>;

}  // namespace troupe
