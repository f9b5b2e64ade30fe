#include "runtime/inspection/trace_context.hpp"

#include "runtime/ports/random.hpp"

#include <array>

namespace troupe {
namespace {

constexpr std::size_t whole = 55;  ///< length of version 00

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

trace_context trace_context::make(random_port& random) {
  std::array<std::uint64_t, 2> id{};
  while (id[0] == 0 || id[1] == 0) random.fill(id.data(), sizeof id);
  return {id[0], id[1], 0, true};
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  if (text.empty() || text.size() > 16) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto four = digit(c);
    if (four < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(four);
  }
  return value;
}

void append_hex(std::string& out, std::uint64_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  char text[16];
  for (int i = 15; i >= 0; --i, value >>= 4) text[i] = digits[value & 15];
  out.append(text, sizeof text);
}

std::optional<trace_context> parse_traceparent(std::string_view text) {
  if (text.size() < whole || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto version = parse_hex(text.substr(0, 2)), flags = parse_hex(text.substr(53, 2));
  if (!version || !flags || *version == 0xff) return std::nullopt;
  // A later version may have more behind, never less.
  if (text.size() > whole && (*version == 0 || text[whole] != '-')) return std::nullopt;
  const auto high = parse_hex(text.substr(3, 16)), low = parse_hex(text.substr(19, 16));
  const auto parent = parse_hex(text.substr(36, 16));
  if (!high || !low || !parent || (*high == 0 && *low == 0) || *parent == 0) return std::nullopt;
  return trace_context{*high, *low, *parent, (*flags & 1) != 0};
}

std::string format_traceparent(const trace_context& context, std::uint64_t span) {
  std::string out;
  out.reserve(whole);
  out += "00-";
  append_hex(out, context.high);
  append_hex(out, context.low);
  out += '-';
  append_hex(out, span);
  return out += context.sampled ? "-01" : "-00";
}

std::uint64_t span_id(std::uint64_t turn, std::uint64_t number) noexcept {
  // The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable
  // Pseudorandom Number Generators, 2014): one to one, so a turn's never meet.
  auto x = turn + (number + 1) * 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  x ^= x >> 31;
  return x != 0 ? x : 1;
}

}  // namespace troupe
