/// \file
/// Arbitrary bytes as what a WebSocket client sends (RFC 6455 §5). The same
/// bytes fed whole and in pieces must give the same events, and what is given
/// out as text is valid UTF-8 within the limit.

#include "net/json.hpp"
#include "net/ws/frame_reader.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using troupe::net::frame_reader;

constexpr std::size_t limit = 1000;

std::vector<std::string> read_all(std::string_view bytes, std::size_t piece) {
  frame_reader reader(limit);
  std::vector<std::string> seen;
  while (!bytes.empty()) {
    auto input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    for (;;) {
      const auto event = reader.next(input);
      if (event == frame_reader::event::need_more) break;
      auto line = std::to_string(static_cast<int>(event));
      if (event == frame_reader::event::error) {
        seen.push_back(line + " " + std::to_string(reader.close_code()));
        return seen;
      }
      if (event == frame_reader::event::text) {
        const auto text = reader.take();
        if (text.size() > limit || !troupe::net::is_valid_utf8(text)) std::abort();
        line += " " + text;
      }
      if (event == frame_reader::event::binary) line += " " + std::to_string(reader.size());
      seen.push_back(std::move(line));
    }
    if (reader.held() > 4 * limit) std::abort();
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (read_all(bytes, bytes.size() + 1) != read_all(bytes, 1 + data[0] % 17)) {
    std::fputs("websocket_frames: the pieces change what is read\n", stderr);
    std::abort();
  }
  return 0;
}
