#pragma once

/// \file
/// The server's reading half of RFC 6455 framing: bytes in, messages out. Pure.
///
/// Why not Beast's stream: it tells nothing of a composed write's progress and
/// lets no two frames share a write, its buffers stay with an idle connection,
/// and its own control frames would run into ours. Beast reads the handshake;
/// the framing is here, and Beast's client is the tests' independent peer.
///
/// Strict: unmasked frames, reserved bits and opcodes, broken fragmentation,
/// lengths not in shortest form and forbidden close codes are 1002; a message
/// over the limit is 1009 as soon as its header is read; text and close
/// reasons that are no UTF-8 are 1007 (§8.1). Binary payload is counted, not
/// kept, unless the reader is told to take it for text. Memory grows with what has arrived, not with what a header
/// promises.
///
/// Thread safety: none. Cost: one copy of each payload byte.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::net {

enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

class frame_reader {
 public:
  enum class event {
    need_more,  ///< the input is used up
    text,       ///< `take()` is the message
    binary,     ///< `size()` is its length
    ping,       ///< `control()` is the payload
    pong,
    close,  ///< `close_code()`, `control()` is the reason
    error,  ///< `close_code()` and `error_text()`; nothing may be fed any more
  };

  /// `binary_as_text`: a binary message that is UTF-8 is `event::text`.
  explicit frame_reader(std::size_t message_limit, bool binary_as_text = false)
      : limit_(message_limit), binary_as_text_(binary_as_text) {}

  /// Uses up bytes of `input` until something is whole.
  event next(std::string_view& input);

  std::string take() { return std::move(message_); }
  std::uint64_t size() const { return size_; }
  const std::string& control() const { return control_; }
  std::uint16_t close_code() const { return code_; }
  const char* error_text() const { return error_; }

  /// A frame or a fragmented message is under way.
  bool busy() const { return header_size_ > 0 || in_payload_ || message_open_; }
  /// Heap bytes held for the message under way.
  std::size_t held() const { return message_.capacity() > sizeof(std::string) ? message_.capacity() : 0; }
  /// Data messages finished so far.
  std::uint64_t finished() const { return finished_; }

 private:
  bool read_header(std::string_view& input);
  bool check_header();
  bool check_data_frame(opcode code, bool final);
  void read_payload(std::string_view& input);
  event end_of_frame();
  event end_of_message();
  event end_of_close();
  event fail(std::uint16_t code, const char* text);
  bool refuse(std::uint16_t code, const char* text);

  std::size_t limit_;
  bool binary_as_text_ = false;
  std::array<std::uint8_t, 14> header_{};
  std::uint8_t header_size_ = 0;
  std::uint8_t header_need_ = 2;
  opcode frame_ = opcode::continuation;
  opcode message_kind_ = opcode::continuation;
  bool final_ = false;
  bool in_payload_ = false;
  bool message_open_ = false;
  std::array<char, 4> mask_{};
  std::uint64_t frame_size_ = 0;
  std::uint64_t frame_done_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t finished_ = 0;
  std::string message_;
  std::string control_;
  std::uint16_t code_ = 0;
  const char* error_ = "";
};

}  // namespace troupe::net
