#pragma once

/// \file
/// The opening handshake's answer (RFC 6455 §4.2.2).

#include <optional>
#include <string>
#include <string_view>

namespace troupe::net {

/// `Sec-WebSocket-Accept` for a key; nothing if the key is no base64 of 16 bytes.
std::optional<std::string> websocket_accept(std::string_view key);

/// The whole 101 response.
std::string switching_protocols(std::string_view accept);

}  // namespace troupe::net
