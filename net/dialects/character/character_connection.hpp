#pragma once

/// \file
/// The connection actor of a character client (contracts/character.md §2.4,
/// §2.5, §5, §9): its requests, one after another, to the one character it is
/// bound to, and the answers back in the order of the requests.
///
/// Bound to a character by `init_request`, `load_request` or the setting
/// CHARACTER. A binding is an id first; the character itself is opened (a lease
/// from the keeper, then into its company) at the first request that needs it,
/// and again at the next request after it was lost.
///
/// Invariants
///   1. Every request gets exactly one reply, in the order of the requests, but
///      `stop_request`, which overtakes.
///   2. One request is at work at a time; the others wait.
///   3. A request that fails leaves the binding as it was.
///
/// Ownership: one per socket, ends with it; the character's turns go on.
/// Bounds: `max_waiting` requests and `max_waiting_bytes` of them wait, then
/// BUSY in its place; a client with `max_refused` of those unsent is disconnected (1008).
/// Thread safety: as any actor. Errors: as replies (contract 5.6).

#include "net/dialects/character/character_protocol.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/inspection/trace_context.hpp"
#include "runtime/messages/character.hpp"
#include "runtime/messages/connection.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/node_services.hpp"
#include "runtime/ports/transport.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace troupe::character_dialect {

struct connection_deps {
  std::string client_id;               ///< UUID, for logs
  std::string principal;               ///< who the client is, for the operator
  std::string peer;                    ///< its address, likewise
  std::optional<trace_context> trace;  ///< of the upgrade
  node_services* node = nullptr;
  std::shared_ptr<transport> out;
  caf::actor characters;  ///< keeper
  library_actor library;  ///< whose saves they are
  std::string character;  ///< bound to from the start; empty: none
  std::size_t max_waiting = 64;
  std::size_t max_waiting_bytes = 4 * frame_limit;
  std::size_t max_refused = 1000;
};

struct connection_state {
  using self_pointer = role<connection_state>*;
  static constexpr const char* name = "character_connection";

  explicit connection_state(self_pointer self) : self_(self) {}
  ~connection_state();
  caf::behavior start(connection_deps deps);
  std::string to_json() const;

 private:
  /// The character this client is with.
  struct binding {
    std::string id;         ///< as the client knows it
    std::string keeper_id;  ///< of a private one another than `id`
    std::string config;     ///< of a private one
    caf::actor handle;      ///< none: not open
  };
  struct waiting_request {
    incoming message;
    std::size_t bytes = 0;
    bool counted = true;               ///< not over the bound
    std::optional<request_kind> busy;  ///< it was over the bound: what it asked for
  };
  /// The request at work.
  struct current_request {
    std::uint64_t serial = 0;
    request_kind kind = request_kind::ping;
    std::optional<std::string> message_id;
    bool asked = false;    ///< it waits for the answer of `bound_`
    turn_ref ref;          ///< of a turn that the character has been given
    bool stopped = false;  ///< by `stop_request`, before it was given
  };

  // character_connection.cpp: frames and the order of replies
  void frame(const frame_received& message);
  void wait(waiting_request entry);
  void pump();
  void begin(waiting_request entry);
  void succeed(std::string_view body);
  void fail(const request_failure& why);
  void stop(const incoming& message);
  void event(const character_event& message);
  void send(std::string frame, std::uint64_t turn = 0);
  reply_head head(const std::optional<std::string>& message_id) const;

  // character_requests.cpp: what each request asks of whom
  void handle(init_request& asked);
  void handle(chat_request& asked);
  void handle(status_request& asked);
  void handle(save_request& asked);
  void handle(load_request& asked);
  void handle(reset_request& asked);
  void handle(search_request& asked);
  void handle(ping_request& asked);
  void handle(subscribe_request& asked);
  void handle(stop_request&) {}  // has overtaken
  void handle(refused&) {}       // has been answered
  void restore(save_found& found);
  void begin_trace(turn_ref& ref);
  void end_trace(const failure& why);

  // character_binding.cpp: to and from the character
  void with_character(std::function<void()> then);
  template <class Answer, class Message>
  void request(const caf::actor& to, Message message, std::function<void(Answer&)> then);
  template <class Message>
  void ask(Message message);
  template <class Answer, class Message>
  void enter(binding target, Message message, int attempts, std::function<void(Answer&)> then);
  void adopt();
  void drop_opening();
  void leave(binding& from);
  void lost(const caf::actor_addr& who);
  void subscribe();
  caf::actor me() const;
  bool at_work(std::uint64_t serial) const { return current_ && current_->serial == serial; }

  self_pointer self_;
  connection_deps deps_;
  std::optional<binding> bound_;
  std::optional<binding> opening_;  ///< on its way to be `bound_`
  std::optional<current_request> current_;
  std::deque<waiting_request> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t waiting_count_ = 0;  ///< without those refused
  bool pumping_ = false;
  bool subscribed_ = false;
  std::uint64_t serial_ = 0;
  std::int64_t since_ = 0;  ///< wall clock, ms
  std::uint64_t frames_in_ = 0;
  std::uint64_t turns_begun_ = 0;
};

using connection_role = role<connection_state>;

}  // namespace troupe::character_dialect
