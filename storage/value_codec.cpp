#include "storage/value_codec.hpp"

#include <bit>
#include <cstring>

namespace troupe::storage {

static_assert(std::endian::native == std::endian::little, "floats are stored as they stand in memory");

value_writer& value_writer::number(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
  bytes_.push_back(static_cast<char>(value));
  return *this;
}

value_writer& value_writer::signed_number(std::int64_t value) {
  return number(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
}

value_writer& value_writer::text(std::string_view value) {
  number(value.size());
  bytes_.append(value);
  return *this;
}

value_writer& value_writer::real(float value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes_.append(raw, sizeof raw);
  return *this;
}

value_writer& value_writer::reals(const std::vector<float>& values) {
  number(values.size());
  bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return *this;
}

value_reader::value_reader(std::string_view bytes, std::uint8_t newest) : rest_(bytes) {
  if (!rest_.empty()) {
    version_ = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
  }
  if (version_ == 0 || version_ > newest) fail();
}

void value_reader::fail() {
  sound_ = false;
  rest_ = {};
}

std::uint64_t value_reader::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) break;  // more than 64 bits
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail();
  return 0;
}

std::int64_t value_reader::signed_number() {
  const auto coded = number();
  return static_cast<std::int64_t>(coded >> 1 ^ (~(coded & 1) + 1));
}

std::uint64_t value_reader::number_up_to(std::uint64_t highest) {
  const auto value = number();
  if (value <= highest) return value;
  fail();
  return 0;
}

std::size_t value_reader::count(std::size_t smallest) {
  const auto value = number();
  if (value <= rest_.size() / smallest) return value;
  fail();
  return 0;
}

std::string value_reader::text() {
  const auto size = count(1);
  std::string value(rest_.substr(0, size));
  rest_.remove_prefix(value.size());
  return value;
}

float value_reader::real() {
  float value = 0;
  if (rest_.size() < sizeof value) {
    fail();
    return 0;
  }
  std::memcpy(&value, rest_.data(), sizeof value);
  rest_.remove_prefix(sizeof value);
  return value;
}

std::vector<float> value_reader::reals() {
  std::vector<float> values(count(sizeof(float)));
  if (values.empty()) return values;
  std::memcpy(values.data(), rest_.data(), values.size() * sizeof(float));
  rest_.remove_prefix(values.size() * sizeof(float));
  return values;
}

expected<void> value_reader::finish(std::string_view what) const {
  if (complete()) return {};
  return failure{failure_kind::corrupt, "a value of " + std::string(what) + " is malformed"};
}

}  // namespace troupe::storage
