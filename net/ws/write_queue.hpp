#pragma once

/// \file
/// Frames on their way to one socket. Many small ones leave in one system
/// call; frames of a stopped turn are dropped up to the one already begun.
///
/// Thread safety: none; its session guards it. Cost: 56 bytes a frame; empty,
/// it keeps no heap memory beyond a few entries.

#include "net/ws/frame_reader.hpp"
#include "runtime/shared_bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::net {

class write_queue {
 public:
  enum class outcome { drained, blocked, failed };

  void push_raw(std::string bytes);
  void push(opcode code, shared_bytes payload, std::uint64_t turn = 0);
  /// Ahead of everything not begun: pings and pongs.
  void push_front(opcode code, shared_bytes payload);
  void drop_turn(std::uint64_t turn);
  /// Everything that is not begun.
  void drop_all();

  /// Writes until empty or the kernel takes no more. REQUIRES: a non-blocking
  /// descriptor. `progress` becomes true if any byte went out.
  outcome flush(int descriptor, bool& progress);

  bool empty() const { return head_ == entries_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t frames() const { return entries_.size() - head_; }

 private:
  struct entry {
    shared_bytes payload;
    std::uint64_t turn = 0;
    std::uint8_t header_size = 0;
    char header[10] = {};
    std::size_t size() const { return header_size + payload.size(); }
  };

  static entry make(opcode code, shared_bytes payload, std::uint64_t turn);
  std::size_t first_unbegun() const { return head_ + (begun_ > 0 ? 1 : 0); }
  void advance(std::size_t written);
  void recount();

  std::vector<entry> entries_;
  std::size_t head_ = 0;
  std::size_t begun_ = 0;  ///< bytes of the first entry already written
  std::size_t bytes_ = 0;
};

/// The payload of a close frame; a reason too long for one is cut between characters.
std::string close_payload(std::uint16_t code, std::string_view reason);

}  // namespace troupe::net
