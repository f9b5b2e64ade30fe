#pragma once

/// \file
/// The tool actor of one MCP server (DESIGN §3 "tool", §4.6, §12; issue 3).
///
/// It connects when it starts, lists the tools, and again when the server says
/// that they changed. While there is no connection it lists nothing and
/// refuses calls. A lost connection ends every waiting call at once with
/// "outcome unknown" and is made anew after a pause that doubles (with jitter)
/// up to `longest_pause`, and begins small again once a connection lasted `healthy_after`.
///
/// A call ends, whatever the server does: with its answer, or `call_limit`
/// after it began (`stream_limit` after the last progress it told of, but not
/// later than `longest_call`), when it is cancelled, or with the connection.
///
/// Answers to `tool_start`: a `tool_result` for what was begun or has bad
/// arguments, for the model to read; an error for what was never begun
/// (`not_found`, `busy`, `unavailable`, `cancelled`).
/// `drain` ends the connection politely; the answer comes when that is done.
///
/// Ownership: owns its connection. Thread safety: as any actor.
/// Bounds: `most_calls` in flight; messages and tools: client.hpp, transport.hpp.
/// Logs name server, kind and status, never arguments, results or what a process wrote after
/// the first call.

#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/messages/tool.hpp"
#include "tools/cancelled_calls.hpp"
#include "tools/mcp/client.hpp"
#include "tools/mcp/transport.hpp"

#include <caf/actor_clock.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>

namespace troupe {

struct mcp_server_deps {
  mcp::client_options options;
  mcp::connect_function connect;
  std::size_t most_calls = 64;
  std::chrono::milliseconds call_limit{30000};
  std::chrono::milliseconds stream_limit{30000};
  std::chrono::milliseconds longest_call{600000};
  std::chrono::milliseconds probe_limit{5000};   ///< for `server/discover`, over stdio
  std::chrono::milliseconds start_limit{60000};  ///< from connecting to the first list of tools
  std::chrono::milliseconds first_pause{500};
  std::chrono::milliseconds longest_pause{60000};
  std::chrono::milliseconds healthy_after{30000};
  std::vector<std::string> secrets;  ///< masked in what a process wrote to standard error
};

struct mcp_server_state {
  using self_pointer = role<mcp_server_state>*;
  static constexpr const char* name = "mcp_server";

  explicit mcp_server_state(self_pointer self) : self_(self) {}
  ~mcp_server_state();
  caf::behavior start(mcp_server_deps deps);
  std::string to_json() const;

 private:
  using time_point = caf::actor_clock::time_point;
  using duration = std::chrono::milliseconds;

  struct waiting_call {
    turn_ref ref;
    tool_call call;
    pending_answer<tool_result> answer;
    time_point begun;
    time_point deadline;
  };
  using calls = std::map<std::int64_t, waiting_call>;

  // The connection.
  void connect();
  void pump();
  void take(mcp::transport_event event);
  void take_client_events();
  void take(const mcp::client_event& event);
  void flush();
  void poll_soon();
  void lost(const failure& why, const std::string& detail);
  void broken(const failure& why);
  void report_loss(const failure& why, const std::string& detail);
  std::string shown_detail(const std::string& detail) const;
  void reconnect_later();
  duration next_pause();

  // Calls.
  caf::result<tool_result> begin(const tool_start& message);
  void send(waiting_call entry);
  void call_again(std::int64_t request);
  void send_retries();
  void finish(std::int64_t request, std::string content, bool is_error);
  void refuse(std::int64_t request, const failure& why);
  void finish_all_unknown(const std::string& why);
  std::string unknown(const std::string& why) const;
  void cancel(const tool_cancel& message);

  // Time.
  time_point now() const;
  void sweep();
  void expire_calls();
  void set_timer();
  std::optional<time_point> next_deadline() const;

  caf::result<drained> drain_connection(const drain& message);
  void drained_now();

  self_pointer self_;
  mcp_server_deps deps_;
  std::unique_ptr<mcp::transport> transport_;
  mcp::client client_{{}};
  std::uint64_t connection_ = 0;  ///< random: messages of earlier ones never match
  void count_calls();
  calls calls_;
  std::vector<waiting_call> retries_;  ///< the server had forgotten our session; sent again once it is new
  tools::cancelled_calls cancelled_;

  bool connected_ = false;  ///< the tools are listed
  bool called_ = false;     ///< a call went over this connection
  bool pumping_ = false;
  bool polled_soon_ = false;  ///< a `tool_ready` of our own is on its way
  int garbage_ = 0;           ///< messages in a row that were none
  unsigned failures_ = 0;     ///< connections in a row that did not last
  std::string last_error_;
  std::uint64_t connections_made_ = 0;
  std::uint64_t served_ = 0;

  std::optional<time_point> probe_until_;
  std::optional<time_point> start_until_;
  std::optional<time_point> healthy_at_;
  std::optional<time_point> connect_at_;
  std::optional<time_point> refresh_at_;
  std::optional<time_point> poll_at_;
  std::optional<time_point> timer_at_;  ///< when the next `tool_sweep` is due
  std::uint64_t timer_ = 0;

  bool draining_ = false;
  std::optional<time_point> drain_until_;
  pending_answer<drained> drain_answer_;
};

using mcp_server_role = role<mcp_server_state>;

}  // namespace troupe
