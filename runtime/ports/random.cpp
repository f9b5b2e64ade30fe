#include "runtime/ports/random.hpp"

#include <array>
#include <vector>

namespace troupe {
namespace {

void append_hex(std::string& out, unsigned char byte) {
  static constexpr char digits[] = "0123456789abcdef";
  out.push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 15]);
}

}  // namespace

std::uint64_t random_port::number() {
  std::uint64_t value = 0;
  while (value == 0) fill(&value, sizeof value);
  return value;
}

std::string random_port::hex(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  fill(raw.data(), raw.size());
  std::string out;
  out.reserve(2 * bytes);
  for (auto byte : raw) append_hex(out, byte);
  return out;
}

std::string random_port::uuid() {
  std::array<unsigned char, 16> raw{};
  fill(raw.data(), raw.size());
  raw[6] = static_cast<unsigned char>((raw[6] & 0x0f) | 0x40);
  raw[8] = static_cast<unsigned char>((raw[8] & 0x3f) | 0x80);
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    append_hex(out, raw[i]);
  }
  return out;
}

}  // namespace troupe
