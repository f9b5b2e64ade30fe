#include "characters/md5.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace troupe::characters {
namespace {

using words = std::array<std::uint32_t, 4>;

/// RFC 1321 §3.4: the integer part of 4294967296 times abs(sin(i + 1)).
std::array<std::uint32_t, 64> sines() {
  std::array<std::uint32_t, 64> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<std::uint32_t>(std::floor(4294967296.0 * std::abs(std::sin(static_cast<double>(i + 1)))));
  return table;
}

void digest_block(words& state, std::string_view block) {
  static const std::array<std::uint32_t, 64> table = sines();
  constexpr int rotations[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  std::array<std::uint32_t, 16> input{};
  for (std::size_t i = 0; i < block.size(); ++i)
    input[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(block[i])) << (8 * (i % 4));
  auto [a, b, c, d] = state;
  for (std::uint32_t i = 0; i < 64; ++i) {
    std::uint32_t mixed = 0;
    std::uint32_t place = 0;
    switch (i / 16) {
      case 0:
        mixed = (b & c) | (~b & d);
        place = i;
        break;
      case 1:
        mixed = (d & b) | (~d & c);
        place = (5 * i + 1) % 16;
        break;
      case 2:
        mixed = b ^ c ^ d;
        place = (3 * i + 5) % 16;
        break;
      default:
        mixed = c ^ (b | ~d);
        place = (7 * i) % 16;
        break;
    }
    const std::uint32_t turned = std::rotl(a + mixed + table[i] + input[place], rotations[i / 16][i % 4]);
    a = d;
    d = c;
    c = b;
    b += turned;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

}  // namespace

std::string md5_hex(std::string_view text) {
  std::string padded(text);
  padded += '\x80';
  while (padded.size() % 64 != 56) padded += '\0';
  const std::uint64_t bits = static_cast<std::uint64_t>(text.size()) * 8;
  for (int i = 0; i < 8; ++i) padded += static_cast<char>((bits >> (8 * i)) & 0xFF);
  words state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  for (std::size_t at = 0; at < padded.size(); at += 64) digest_block(state, std::string_view(padded).substr(at, 64));
  std::string hex;
  for (std::uint32_t word : state)
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t byte = (word >> (8 * i)) & 0xFF;
      hex += "0123456789abcdef"[byte >> 4];
      hex += "0123456789abcdef"[byte & 15];
    }
  return hex;
}

}  // namespace troupe::characters
