#include "net/ws/frame_reader.hpp"

#include "net/json.hpp"

#include <algorithm>
#include <cstring>

namespace troupe::net {
namespace {

bool is_control(opcode code) {
  return static_cast<std::uint8_t>(code) >= 8;
}

/// Unmasks in place; `offset` is the position of `data[0]` in the frame.
void unmask(char* data, std::size_t size, const std::array<char, 4>& mask, std::uint64_t offset) {
  std::array<char, 8> turned;
  for (std::size_t i = 0; i < 8; ++i) turned[i] = mask[(offset + i) & 3];
  std::uint64_t key;
  std::memcpy(&key, turned.data(), 8);
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, data + i, 8);
    word ^= key;
    std::memcpy(data + i, &word, 8);
  }
  for (; i < size; ++i) data[i] = static_cast<char>(data[i] ^ turned[i & 7]);
}

/// RFC 6455 §7.4 and the registry: what a peer may send.
bool may_be_sent(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

frame_reader::event frame_reader::fail(std::uint16_t code, const char* text) {
  refuse(code, text);
  return event::error;
}

bool frame_reader::refuse(std::uint16_t code, const char* text) {
  code_ = code;
  error_ = text;
  message_ = std::string();
  header_size_ = 0;
  in_payload_ = message_open_ = false;
  return false;
}

frame_reader::event frame_reader::next(std::string_view& input) {
  for (;;) {
    if (!in_payload_) {
      if (!read_header(input)) return event::need_more;
      if (!check_header()) return event::error;
      in_payload_ = true;
      frame_done_ = 0;
    }
    read_payload(input);
    if (frame_done_ < frame_size_) return event::need_more;
    in_payload_ = false;
    const auto result = end_of_frame();
    if (result != event::need_more) return result;
  }
}

bool frame_reader::read_header(std::string_view& input) {
  for (;;) {
    const std::size_t part = std::min<std::size_t>(header_need_ - header_size_, input.size());
    std::memcpy(header_.data() + header_size_, input.data(), part);
    header_size_ = static_cast<std::uint8_t>(header_size_ + part);
    input.remove_prefix(part);
    if (header_size_ < header_need_) return false;
    if (header_need_ > 2) break;
    const auto length = header_[1] & 0x7F;
    // An unmasked frame has no key to wait for: it is refused as it stands.
    const int key = header_[1] & 0x80 ? 4 : 0;
    header_need_ = static_cast<std::uint8_t>(2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + key);
    if (header_need_ == 2 || key == 0) break;
  }
  header_need_ = 2;
  header_size_ = 0;
  return true;
}

bool frame_reader::check_header() {
  const bool final = header_[0] & 0x80;
  const auto code = static_cast<opcode>(header_[0] & 0x0F);
  if (header_[0] & 0x70) return refuse(1002, "reserved bits are set and no extension was agreed on");
  if (!(header_[1] & 0x80)) return refuse(1002, "a client's frames must be masked");
  std::uint64_t length = header_[1] & 0x7F;
  std::size_t at = 2;
  if (length >= 126) {
    const std::size_t bytes = length == 126 ? 2 : 8;
    length = 0;
    for (; at < 2 + bytes; ++at) length = length << 8 | header_[at];
    if (length < (bytes == 2 ? 126u : 65536u)) return refuse(1002, "a frame's length is not in its shortest form");
    if (length >> 63) return refuse(1002, "a frame's length has its highest bit set");
  }
  std::memcpy(mask_.data(), header_.data() + at, 4);
  frame_ = code;
  final_ = final;
  frame_size_ = length;
  if (!is_control(code)) return check_data_frame(code, final);
  if (code != opcode::close && code != opcode::ping && code != opcode::pong) return refuse(1002, "unknown opcode");
  if (!final || length > 125) return refuse(1002, "control frames must be whole and at most 125 bytes long");
  control_.clear();
  return true;
}

bool frame_reader::check_data_frame(opcode code, bool final) {
  if (code == opcode::continuation) {
    if (!message_open_) return refuse(1002, "a continuation without a message");
  } else {
    if (code != opcode::text && code != opcode::binary) return refuse(1002, "unknown opcode");
    if (message_open_) return refuse(1002, "a new message inside a fragmented one");
    message_kind_ = code;
    message_open_ = true;
    size_ = 0;
    message_.clear();
  }
  if (frame_size_ > limit_ || size_ + frame_size_ > limit_) return refuse(1009, "message too big");
  return true;
}

void frame_reader::read_payload(std::string_view& input) {
  const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(frame_size_ - frame_done_, input.size()));
  if (is_control(frame_) || message_kind_ == opcode::text || binary_as_text_) {
    auto& target = is_control(frame_) ? control_ : message_;
    // One allocation for a message that is here whole; doubling for others.
    if (&target == &message_ && final_ && message_.empty() && part == frame_size_) message_.reserve(part);
    const auto before = target.size();
    target.append(input.data(), part);
    unmask(target.data() + before, part, mask_, frame_done_);
  }
  frame_done_ += part;
  input.remove_prefix(part);
}

frame_reader::event frame_reader::end_of_frame() {
  switch (frame_) {
    case opcode::ping: return event::ping;
    case opcode::pong: return event::pong;
    case opcode::close: return end_of_close();
    default: break;
  }
  size_ += frame_size_;
  return final_ ? end_of_message() : event::need_more;
}

frame_reader::event frame_reader::end_of_message() {
  message_open_ = false;
  ++finished_;
  if (message_kind_ == opcode::binary) {
    if (binary_as_text_ && is_valid_utf8(message_)) return event::text;
    message_ = std::string();
    return event::binary;
  }
  if (!is_valid_utf8(message_)) return fail(1007, "text is not valid UTF-8");
  return event::text;
}

frame_reader::event frame_reader::end_of_close() {
  if (control_.empty()) {
    code_ = 1005;
    return event::close;
  }
  if (control_.size() == 1) return fail(1002, "a close frame of one byte");
  const unsigned code = static_cast<std::uint8_t>(control_[0]) << 8 | static_cast<std::uint8_t>(control_[1]);
  if (!may_be_sent(code)) return fail(1002, "a close code that may not be sent");
  control_.erase(0, 2);
  if (!is_valid_utf8(control_)) return fail(1007, "a close reason that is not valid UTF-8");
  code_ = static_cast<std::uint16_t>(code);
  return event::close;
}

}  // namespace troupe::net
