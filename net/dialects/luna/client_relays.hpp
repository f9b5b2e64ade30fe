#pragma once

/// \file
/// `POST /mcp/{client_id}/{mcp_name}` (contract luna.md 11.4, 12): which
/// connection actor belongs to a client id, and which HTTP callers wait for
/// that client's answers.
///
/// A caller gets exactly one answer: the client's of the same request id, a
/// time-out's, or 404 at once when the client leaves.
///
/// Ownership: shared by the routes and the connection actors; holds a
/// connection's handle from `enter` to `leave`.
/// Thread safety: any thread; the mutex is a leaf, callers are answered
/// outside it. Bounds: `most_waiting` callers per client.
/// Cost: `leave` looks at every waiting caller, the rest at one.

#include "net/http/message.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace troupe::luna {

class client_relays {
 public:
  static constexpr std::size_t most_waiting = 64;

  void enter(const std::string& client_id, caf::actor connection);
  /// Its callers get 404 at once. Harmless when called twice.
  void leave(const std::string& client_id);

  /// The client's connection, or none.
  caf::actor find(const std::string& client_id) const;

  enum class outcome : std::uint8_t { waiting, unknown_client, too_many };
  /// From now on the caller gets an answer whatever happens; `to` is kept only
  /// if the outcome is `waiting`.
  outcome wait(const std::string& client_id, const std::string& request_id, std::shared_ptr<net::http_responder> to);

  /// Answers the caller of this request, if one still waits.
  void finish(const std::string& request_id, net::http_response response);

 private:
  struct client {
    caf::actor connection;
    std::size_t waiting = 0;
  };
  struct caller {
    std::string client_id;
    std::shared_ptr<net::http_responder> to;
  };

  mutable std::mutex mutex_;
  std::map<std::string, client> clients_;
  std::map<std::string, caller> callers_;  ///< by request id
};

/// What the route answers with.
net::http_response client_not_connected();
/// `data`: the client's JSON-RPC reply; empty: it had none.
net::http_response relayed_answer(const std::string& data);
/// Of a message that has no answer.
net::http_response passed_on();
net::http_response late_answer();

}  // namespace troupe::luna
