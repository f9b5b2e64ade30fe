#include "storage/key_codec.hpp"

namespace troupe::storage {

void append_u64_be(std::string& key, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(number >> shift));
}

void append_text(std::string& key, std::string_view text) {
  for (const char c : text) {
    key.push_back(c);
    if (c == '\0') key.push_back('\xff');
  }
  key.push_back('\0');
  key.push_back('\x01');
}

std::string after_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

key_reader::key_reader(std::string_view key) : rest_(key) {
  sound_ = !rest_.empty() && rest_.front() == key_epoch;
  if (sound_) rest_.remove_prefix(1);
}

std::uint64_t key_reader::number() {
  if (!sound_ || rest_.size() < 8) {
    sound_ = false;
    return 0;
  }
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(rest_[i]);
  rest_.remove_prefix(8);
  return value;
}

std::string key_reader::text() {
  std::string value;
  while (sound_ && !rest_.empty()) {
    const auto zero = rest_.find('\0');
    if (zero == std::string_view::npos || zero + 1 == rest_.size()) break;
    value.append(rest_.substr(0, zero));
    const char mark = rest_[zero + 1];
    rest_.remove_prefix(zero + 2);
    if (mark == '\x01') return value;
    if (mark != '\xff') break;
    value.push_back('\0');
  }
  sound_ = false;
  return {};
}

expected<void> key_reader::finish(std::string_view what) const {
  if (complete()) return {};
  return failure{failure_kind::corrupt, "a key of " + std::string(what) + " is malformed"};
}

}  // namespace troupe::storage
