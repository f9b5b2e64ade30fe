#pragma once

/// \file
/// The tools of a Luna client (contract luna.md 10.1, 11.1 to 11.3): what a
/// model is told of them, which request each call makes, and what the model
/// reads of the client's answer. Pure translation: no state, no I/O.
///
/// The canonical (C) and the newer (N) protocol differ: N has no
/// `search_memory` and no `get_workspace_stats`, launches workspaces by id, and
/// waits for every answer.
///
/// Thread safety: pure functions; JSON is read with the calling thread's
/// parser. Errors: `invalid`, naming the argument and the rule it breaks, for
/// the model to read; `not_found` for a tool that is none of these.
/// Bounds: arguments `tool_arguments_limit`, results `tool_result_limit` bytes.

#include "runtime/failure.hpp"
#include "runtime/messages/memory.hpp"
#include "runtime/messages/tool.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::luna {

inline constexpr std::size_t tool_arguments_limit = 1024 * 1024;
inline constexpr std::size_t tool_result_limit = 1024 * 1024;

/// How the client's `data` is told to the model.
enum class answer_shape : std::uint8_t {
  raw,           ///< as it came
  memory_lines,  ///< one line per memory, or `no_memories`
  memories,      ///< `memories` and `count`
  reminders,     ///< `reminders`
  workspaces,    ///< `workspaces` and `total`
};

/// A checked call: the request to make, or what is known without one.
struct client_call {
  std::string type;    ///< "memory_request"; empty: nobody is asked, `told` is the result
  std::string action;  ///< "search"
  std::string data;    ///< a JSON object
  bool waits = true;   ///< the result is the client's answer; else success, at once
  answer_shape shape = answer_shape::raw;
  std::string told;
};

/// What a client answered: one `*_response` frame (contract 11.3).
struct client_response {
  std::string request_id;
  std::string status;   ///< the flat form's; empty: it had none
  std::string message;  ///< likewise
  std::string data;     ///< the field `data` as JSON; empty: null or missing
};

const std::vector<tool_spec>& client_tools(bool newer);

/// `wall_ms` is now: a reminder must not be in the past.
expected<client_call> prepare_call(const tool_call& call, bool newer, std::int64_t wall_ms);

/// The request that asks a client for what fits a turn (DESIGN §7).
client_call recall_call(std::string_view query);

/// 10.3: what a client that keeps a log of tool calls is told of one.
bool is_logged(std::string_view tool);
client_call log_call(const tool_call& call, const std::string& result);

/// `{"type","action","data","request_id"}`.
std::string encode_request(const client_call& call, std::string_view request_id);
/// 11.4. `body` is JSON and is passed on as it stands.
std::string encode_mcp_request(std::string_view mcp_name, std::string_view body, std::string_view request_id);

/// For the model; `is_error` unless the client said `success`.
tool_result read_result(const tool_call& call, answer_shape shape, const client_response& response);
tool_result error_result(const tool_call& call, std::string_view message);
tool_result sent_result(const tool_call& call);

/// Whether the client said `success`, in either form.
bool succeeded(const client_response& response);
/// The memories of a `search`, best first; none of an error.
std::vector<memory_hit> read_memories(const client_response& response, std::size_t limit);

/// A list of the client's as a JSON array; empty: the client had no success or sent none.
std::string list_json(const client_response& response, std::string_view name);

// -- 10.3: what a newer client's log of calls teaches (luna_learning.cpp) --------

inline constexpr std::size_t calls_per_lesson = 10;

/// The client's memories and its log, as `list_json` gave them.
struct learning_material {
  std::string memories;
  std::string log;
};
client_call list_memories_call();
client_call list_log_call();
std::string learning_instruction();
std::string learning_question(const learning_material& material);
/// The changes to the client's memories that a model's answer asks for. Left
/// out is what names no memory of `material`, has no text or is no JSON.
std::vector<client_call> learned_changes(std::string_view answer, const learning_material& material);

}  // namespace troupe::luna
