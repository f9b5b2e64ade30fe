#include "bench/load/frames.hpp"

namespace troupe::bench {

std::string masked_frame(std::string_view payload, opcode kind) {
  static constexpr unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  std::string frame;
  frame += static_cast<char>(0x80 | static_cast<unsigned>(kind));
  const auto size = payload.size();
  const int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  frame += static_cast<char>(0x80 | (length_bytes == 0 ? size : length_bytes == 2 ? 126u : 127u));
  for (int i = length_bytes - 1; i >= 0; --i) frame += static_cast<char>(size >> (8 * i));
  frame.append(reinterpret_cast<const char*>(mask), 4);
  for (std::size_t i = 0; i < size; ++i) frame += static_cast<char>(payload[i] ^ mask[i % 4]);
  return frame;
}

server_frame next_frame(std::string_view input) {
  server_frame frame;
  if (input.size() < 2) return frame;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(input[i]); };
  frame.final = (byte(0) & 0x80) != 0;
  frame.kind = static_cast<opcode>(byte(0) & 0x0f);
  std::size_t header = 2;
  std::uint64_t size = byte(1) & 0x7f;
  if (size >= 126) {
    const std::size_t length_bytes = size == 126 ? 2 : 8;
    if (input.size() < 2 + length_bytes) return frame;
    size = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) size = size << 8 | byte(2 + i);
    header += length_bytes;
  }
  if (input.size() - header < size) return frame;
  frame.payload = input.substr(header, size);
  frame.size = header + size;
  return frame;
}

}  // namespace troupe::bench
