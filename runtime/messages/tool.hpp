#pragma once

/// \file
/// Messages between runners and tool actors (DESIGN §3, §4.6). A tool source
/// (the built-in set, an MCP server, one client's tools) is one actor.

#include "runtime/message_macros.hpp"
#include "runtime/messages/chat.hpp"
#include "runtime/messages/turn.hpp"

#include <string>
#include <vector>

namespace troupe {

/// Request → `tools_listed`. Answered at once with what is known now; a source
/// that is not connected lists nothing.
struct tools_query {
  bool operator==(const tools_query&) const = default;
};
TROUPE_SIGNAL(tools_query)

struct tools_listed {
  std::vector<tool_spec> tools;
  bool observes = false;  ///< wants a `tool_observed` of each call that another source ran
  bool operator==(const tools_listed&) const = default;
};
TROUPE_MESSAGE(tools_listed, tools, observes)

/// Request → `tool_result`, always: a source's own time-out, a dead process and
/// bad arguments are results with `is_error`, for the model to read. An error
/// answer means that the call was never begun.
struct tool_start {
  turn_ref ref;
  tool_call call;
  bool operator==(const tool_start&) const = default;
};
TROUPE_MESSAGE(tool_start, ref, call)

/// Urgent: the turn is over; nobody waits for this call's result any more.
/// `id` empty: every call of the turn.
struct tool_cancel {
  turn_ref ref;
  std::string id;
  bool operator==(const tool_cancel&) const = default;
};
TROUPE_MESSAGE(tool_cancel, ref, id)

/// Runner → approver, request → `approval_given`: may this call be begun?
struct approval_query {
  turn_ref ref;
  tool_call call;
  bool operator==(const approval_query&) const = default;
};
TROUPE_MESSAGE(approval_query, ref, call)

struct approval_given {
  bool allowed = false;
  std::string reason;  ///< why not, for the model to read
  bool operator==(const approval_given&) const = default;
};
TROUPE_MESSAGE(approval_given, allowed, reason)

/// Runner → the sources that want to know: a call that another source ran has
/// come to its end. Luna's newer clients keep a log of them (contracts/luna.md 10.3).
struct tool_observed {
  turn_ref ref;
  tool_call call;
  tool_result result;
  bool operator==(const tool_observed&) const = default;
};
TROUPE_MESSAGE(tool_observed, ref, call, result)

/// Tool source → itself, and a connection's wake-up: this connection may have
/// something. `connection` tells it from an earlier one's.
struct tool_ready {
  std::uint64_t connection = 0;
  bool operator==(const tool_ready&) const = default;
};
TROUPE_MESSAGE(tool_ready, connection)

/// Tool source → itself: something's time may be over.
struct tool_sweep {
  std::uint64_t timer = 0;
  bool operator==(const tool_sweep&) const = default;
};
TROUPE_MESSAGE(tool_sweep, timer)

}  // namespace troupe
