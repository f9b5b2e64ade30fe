#pragma once

/// \file
/// What a dialect is to a WebSocket session: the one who reads it.

#include "net/http/message.hpp"
#include "runtime/ports/transport.hpp"
#include "runtime/shared_bytes.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace troupe::net {

/// Called on the connection's I/O thread, one call at a time, so it must not
/// block. Owned by the session, which destroys it after `on_close`, the last
/// call. Reading goes on while the dialect is busy: what piles up is bounded by
/// the mailbox behind the handler.
class websocket_handler {
 public:
  virtual ~websocket_handler() = default;
  /// One whole message, valid UTF-8, within the route's limit.
  virtual void on_text(shared_bytes text) = 0;
  /// A binary message; its bytes are not kept. Not called for one that the
  /// route takes for text (`websocket_route_options::binary_as_text`).
  virtual void on_binary(std::uint64_t size) = 0;
  /// The server is ending. True: the dialect closes the transport with `code`
  /// itself, behind what its actors still have to say (at once, or the socket
  /// is closed without them). False: the session closes now.
  virtual bool on_shut_down(std::uint16_t code, const std::string& reason) {
    (void)code, (void)reason;
    return false;
  }
  /// The connection is over (RFC 6455 §7.4 codes; 1005 and 1006 if there was none).
  virtual void on_close(std::uint16_t code, std::string reason) = 0;
};

/// Called on the I/O thread when a client was admitted. What it sends at once
/// follows the handshake. Returning nothing closes with 1013.
using websocket_factory =
    std::function<std::unique_ptr<websocket_handler>(std::shared_ptr<transport>, const upgrade_request&)>;

}  // namespace troupe::net
