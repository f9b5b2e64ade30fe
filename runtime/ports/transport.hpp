#pragma once

#include "runtime/shared_bytes.hpp"

#include <cstdint>
#include <string>

namespace troupe {

/// A connection actor's way out: one client's socket, or a test's recorder.
///
/// Thread safety: called from one actor at a time; implementations hand over
/// to their I/O thread. No call blocks. After `close`, or once the socket is
/// gone, every call is a no-op.
///
/// Bounds: an implementation bounds the bytes it queues. Over the bound, or
/// when the peer reads nothing for the dialect's time, it closes the socket
/// with 1008 and sends the actor `connection_closed`.
class transport {
 public:
  virtual ~transport() = default;

  /// Queues one text frame. `turn` is the turn it belongs to, 0 for frames
  /// that a stop must not drop.
  virtual void send(shared_bytes frame, std::uint64_t turn) = 0;

  /// Drops the frames of `turn` of which no byte is written yet.
  virtual void drop_turn(std::uint64_t turn) = 0;

  /// Writes what is queued, then closes with a WebSocket close code.
  virtual void close(std::uint16_t code, std::string reason) = 0;

  /// Bytes queued and not yet taken by the kernel.
  virtual std::size_t queued_bytes() const = 0;
};

}  // namespace troupe
