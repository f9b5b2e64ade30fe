#pragma once

/// \file
/// The connection actor of a Luna client (contract luna.md 4, 5.2 to 5.4, 6,
/// 7, 12): translates its frames to turns of one text session and the
/// session's events to frames.
///
/// Invariants
///   1. `client_registered` is the first frame.
///   2. Every text request gets exactly one end: its result, `complete` or an
///      error; none only if it was cancelled by a stop or by a newer `text`.
///   3. Nothing is sent for a turn after its end.
///   4. Nothing of a connection survives it but memories, unless the client
///      asked for numbers: such a session may be resumed.
///
/// Ownership: one per socket, ends with it. Bounds: `max_queued_turns` requests
/// without an answer, then the request's error form says so.

#include "net/dialects/luna/luna_protocol.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/connection.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/metrics.hpp"
#include "runtime/node_services.hpp"
#include "runtime/ports/transport.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <set>

namespace troupe::luna {

struct connection_deps {
  std::string client_id;  ///< UUID, for logs only
  std::string principal;  ///< who the client is; names its memory space
  node_services* node = nullptr;
  metrics* counters = nullptr;
  std::shared_ptr<transport> out;
  caf::actor sessions;  ///< keeper
  std::size_t max_queued_turns = 16;
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
  void submit(turn_submit message);
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

  self_pointer self_;
  connection_deps deps_;
  std::optional<text_session> text_;
  std::deque<owed_answer> owed_;
  std::set<std::string> said_faults_;
  bool newer_ = false;
};

using connection_role = role<connection_state>;

}  // namespace troupe::luna
