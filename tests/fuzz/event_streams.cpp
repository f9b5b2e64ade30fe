/// \file
/// Arbitrary bytes as an upstream's stream of events (server-sent events) or of
/// lines (newline-delimited JSON). However the bytes are cut, what is read must
/// be the same, and nothing read is above the limit.

#include "net/upstream/line_reader.hpp"
#include "net/upstream/sse_reader.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using troupe::upstream::line_reader;
using troupe::upstream::sse_reader;

constexpr std::size_t limit = 200;

std::string text_of(const troupe::upstream::sse_event& event) {
  if (event.data.size() > limit || event.type.size() > limit || event.id.size() > limit) std::abort();
  return event.type + '\1' + event.data + '\1' + event.id;
}

std::string text_of(const std::string& line) {
  if (line.empty() || line.size() > limit || line.find('\n') != std::string::npos) std::abort();
  return line;
}

/// `cuts` chooses the length of each piece; 0: everything at once.
template <class Reader>
std::vector<std::string> read_all(std::string_view bytes, std::uint32_t cuts) {
  Reader reader(limit);
  std::vector<std::string> seen;
  while (!bytes.empty()) {
    cuts = cuts == 0 ? 0 : cuts * 1664525u + 1013904223u;
    const auto piece = bytes.substr(0, cuts == 0 ? bytes.size() : 1 + (cuts >> 16) % 23);
    bytes.remove_prefix(piece.size());
    reader.feed(piece);
    for (;;) {
      auto next = reader.next();
      if (!next) {
        seen.push_back("failed");
        return seen;
      }
      if (!*next) break;
      seen.push_back(text_of(**next));
    }
  }
  return seen;
}

template <class Reader>
void compare(const char* name, std::string_view bytes, std::uint32_t cuts) {
  if (read_all<Reader>(bytes, 0) == read_all<Reader>(bytes, cuts)) return;
  std::fprintf(stderr, "event_streams: the pieces change what is read as %s\n", name);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::uint32_t cuts = 1u + data[0];
  compare<sse_reader>("events", bytes, cuts);
  compare<line_reader>("lines", bytes, cuts);
  return 0;
}
