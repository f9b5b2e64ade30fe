#pragma once

/// \file
/// WebSocket frames of the client's side (RFC 6455 §5), made once and sent
/// often. The mask is fixed: it guards caches between peers, and there are none.
///
/// Thread safety: pure functions.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::bench {

enum class opcode : std::uint8_t { text = 1, close = 8, ping = 9, pong = 10 };

/// A whole masked frame.
std::string masked_frame(std::string_view payload, opcode kind = opcode::text);

/// One frame of a server, unmasked.
struct server_frame {
  opcode kind = opcode::text;
  bool final = true;
  std::string_view payload;
  std::size_t size = 0;  ///< header and payload; 0: not whole yet
};
server_frame next_frame(std::string_view input);

/// Monotonic time; the same in every process of the machine.
inline std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace troupe::bench
