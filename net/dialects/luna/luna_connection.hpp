#pragma once

/// \file
/// The connection actor of a Luna client (contract luna.md 4, 5.2 to 5.4, 6,
/// 7, 10.3, 11, 12): translates its frames to turns of one text session and
/// the session's events to frames. It is also the tool source of its client:
/// a call becomes a request over the socket, the answer its result.
///
/// Invariants
///   1. `client_registered` is the first frame.
///   2. Every text request gets exactly one end: its result, `complete` or an
///      error; none only if it was cancelled by a stop or by a newer `text`.
///   3. Nothing is sent for a turn after its end.
///   4. Nothing of a connection survives it but memories, unless the client
///      asked for numbers: such a session may be resumed.
///   5. Every call and every relay gets one end: the client's answer, its
///      time-out, or at once an error when the session stops or the client goes.
///
/// Ownership: one per socket, ends with it. Bounds: `max_queued_turns` requests
/// without an answer, then the request's error form says so;
/// `max_waiting_requests` to the client, then `busy`.
///
/// A client that let a call time out is not asked again for anything that waits
/// (DESIGN §7): such calls end at once and say why. Its memories are asked for
/// a turn only once it has answered some call: a client that knows no requests
/// would make every first turn wait, and be sent what it did not ask for.

#include "net/dialects/luna/client_relays.hpp"
#include "net/dialects/luna/luna_protocol.hpp"
#include "net/dialects/luna/luna_tools.hpp"
#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/inspection/trace_context.hpp"
#include "runtime/messages/connection.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/messages/turn.hpp"
#include "runtime/metrics.hpp"
#include "runtime/node_services.hpp"
#include "runtime/ports/ask_model.hpp"
#include "runtime/ports/transport.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace troupe::luna {

struct connection_deps {
  std::string client_id;               ///< UUID, for logs and the internal MCP route
  std::string principal;               ///< who the client is; names its memory space
  std::optional<trace_context> trace;  ///< of the upgrade: turns belong to it unless they name their own
  node_services* node = nullptr;
  metrics* counters = nullptr;
  std::shared_ptr<transport> out;
  caf::actor sessions;  ///< keeper
  std::size_t max_queued_turns = 16;
  std::shared_ptr<client_relays> relays;  ///< none: no MCP route
  std::size_t max_waiting_requests = 64;
  ask_model_function ask_model;                  ///< none: nothing is learnt from logs
  std::chrono::milliseconds call_limit{15000};   ///< contract 11.2
  std::chrono::milliseconds relay_limit{30000};  ///< contract 11.4
  std::chrono::milliseconds recall_limit{2000};  ///< DESIGN §7
};

struct connection_state {
  using self_pointer = role<connection_state>*;
  static constexpr const char* name = "luna_connection";

  explicit connection_state(self_pointer self) : self_(self) {}
  ~connection_state();
  caf::behavior start(connection_deps deps);
  std::string to_json() const;

 private:
  /// What is still owed, in the order of the requests: `error` also ends a
  /// streamed answer (contract 6, guarantee 5), so an answer that is ready
  /// early waits for those before it.
  struct owed_answer {
    std::uint64_t turn = 0;  ///< 0: a refusal that is ready
    text_form form = text_form::stream;
    std::string action;
    bool numbered = false;
    std::optional<std::string> end;  ///< the frame that ends it; empty: none is sent
  };
  enum class link : std::uint8_t { down, opening, up };

  /// The connection's one text session.
  struct text_session {
    session_spec spec;
    link state = link::down;
    caf::actor handle;
    std::vector<turn_submit> waiting;  ///< until the session is open
    std::optional<resume_request> resuming;
    bool create = true;
  };

  /// A request to the client that waits for its answer.
  enum class waiting_for : std::uint8_t { call, recall, log, memories, log_list, relay };
  struct waiting_request {
    waiting_for what = waiting_for::call;
    std::int64_t deadline = 0;  ///< monotonic, ns
    turn_ref ref;
    tool_call call;
    answer_shape shape = answer_shape::raw;
    std::size_t limit = 0;  ///< memories wanted
    pending_answer<tool_result> result;
    pending_answer<memory_recalled> recalled;
  };
  using waiting_requests = std::map<std::string, waiting_request>;  // by request_id

  // luna_connection.cpp: frames
  void frame(const frame_received& message);
  void say_fault(const std::string& kind, const std::string& error);
  void send(std::string frame, std::uint64_t turn = 0);

  // luna_text.cpp: the text session
  void request(text_request&& message);
  void resume(const resume_request& message);
  void reject(const rejected_request& message);
  void open_session();
  void attach();
  void attached(session_attached& state);
  void attach_failed(const failure& error);
  void begin_trace(turn_ref& ref, const std::string& traceparent);
  void submit(turn_submit message);
  void drop_waiting(event_kind kind, failure_kind error = failure_kind::none);
  void started(const turn_started& message);
  void delta(const turn_delta& message);
  void ended(const turn_ended& message);
  owed_answer* owed(std::uint64_t turn);
  void finish(std::uint64_t turn, std::string frame);
  void fail_all(const failure& error);
  void send_in_turn(std::string frame);
  void send_ready();
  std::size_t turns_owed() const;
  void session_lost();
  void cancel_turns();
  void stop_text();
  void let_go();
  bool is_session(const std::string& id) const { return text_ && text_->spec.id == id; }

  // luna_client_requests.cpp: the client's tools
  caf::result<tool_result> begin_call(const tool_start& message);
  caf::result<memory_recalled> recall(const memory_recall& message);
  void cancel_calls(const tool_cancel& message);
  bool was_cancelled(const turn_ref& ref, const std::string& id) const;
  void log_execution(const tool_call& call, const tool_result& result);
  void logged();
  void learn();
  void learn_from(learning_material material);
  void learnt(const model_answered& answer);
  void relay(const client_relay& message);
  void answered(const client_response& response);
  void ask_client(const client_call& call, waiting_request entry);
  void wait_for(std::string request_id, waiting_request entry);
  void end_call(waiting_request& entry, tool_result result);
  void fail_calls(const std::string& why);
  void sweep(std::uint64_t timer);
  void time_out(const std::string& request_id, waiting_request& entry);
  void set_timer();

  self_pointer self_;
  connection_deps deps_;
  std::optional<text_session> text_;
  std::deque<owed_answer> owed_;
  std::set<std::string> said_faults_;
  bool newer_ = false;

  waiting_requests waiting_;
  std::vector<tool_cancel> cancelled_;  ///< the last 32: one may overtake its call
  std::size_t next_cancelled_ = 0;
  std::int64_t timer_at_ = 0;  ///< when the next sweep is due; 0: none is
  std::uint64_t timer_ = 0;
  std::uint64_t logged_ = 0;  ///< calls the client has in its log
  std::uint64_t lesson_ = 0;  ///< the question to the model that is out; 0: none
  learning_material material_;
  bool answers_calls_ = true;   ///< no call has timed out
  bool has_answered_ = false;   ///< a call or a recall
  bool answers_recall_ = true;  ///< no recall has timed out
  bool answers_log_ = true;
};

using connection_role = role<connection_state>;

}  // namespace troupe::luna
