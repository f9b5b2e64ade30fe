#pragma once

/// \file
/// What the network layer tells a connection actor (DESIGN §4.1). The way
/// back is the `transport` port.

#include "runtime/message_macros.hpp"
#include "runtime/shared_bytes.hpp"

#include <string>

namespace troupe {

/// One whole text frame, valid UTF-8, within the dialect's size limit.
struct frame_received {
  shared_bytes text;
  bool operator==(const frame_received&) const = default;
};
TROUPE_MESSAGE(frame_received, text)

/// A frame that is no text: the dialect decides (Luna skips it).
struct binary_received {
  std::uint64_t bytes = 0;
  bool operator==(const binary_received&) const = default;
};
TROUPE_MESSAGE(binary_received, bytes)

/// A server's own route → a client's connection actor, urgent (so that a full
/// mailbox never loses it): pass this frame on and tell the route's registry,
/// if it `waits` the client's answer of the same `request_id`, else at once.
struct client_relay {
  std::string request_id;
  shared_bytes frame;
  bool waits = true;
  bool operator==(const client_relay&) const = default;
};
TROUPE_MESSAGE(client_relay, request_id, frame, waits)

/// The server is ending → a connection actor: close the transport with this
/// code. Not urgent, so that the ends of turns that came before leave before.
struct connection_shut_down {
  std::uint16_t code = 0;
  std::string reason;
  bool operator==(const connection_shut_down&) const = default;
};
TROUPE_MESSAGE(connection_shut_down, code, reason)

/// The socket is gone; the last message a connection actor gets.
struct connection_closed {
  std::uint16_t code = 0;
  std::string reason;
  bool operator==(const connection_closed&) const = default;
};
TROUPE_MESSAGE(connection_closed, code, reason)

}  // namespace troupe
