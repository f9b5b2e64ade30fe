#include "models/word_table.hpp"

#include <bit>
#include <cstring>
#include <stdexcept>

extern "C" {
extern const char troupe_word_table_begin[] __attribute__((visibility("hidden")));
extern const char troupe_word_table_end[] __attribute__((visibility("hidden")));
}

namespace troupe::models {
namespace {

std::uint64_t hash(std::string_view word) noexcept {  // FNV-1a
  std::uint64_t value = 14695981039346656037u;
  for (char c : word) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return value ^ (value >> 29);
}

std::uint32_t read_u32(const char* bytes) noexcept {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

const word_table& word_table::instance() {
  static const word_table table(std::string_view(
      troupe_word_table_begin, static_cast<std::size_t>(troupe_word_table_end - troupe_word_table_begin)));
  return table;
}

word_table::word_table(std::string_view bytes) : bytes_(bytes) {
  const auto require = [](bool condition) {
    if (!condition) throw std::runtime_error("the word table does not follow data/README.md");
  };
  require(bytes.size() >= 12 && bytes.substr(0, 4) == "GLV8");
  const std::uint32_t count = read_u32(bytes.data() + 4);
  dimensions_ = read_u32(bytes.data() + 8);
  require(count <= bytes.size() && dimensions_ >= 1 && dimensions_ <= 4096);
  offsets_.reserve(count);
  slots_.assign(std::bit_ceil(std::size_t{count} * 2 + 1), 0);
  std::size_t offset = 12;
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    require(offset < bytes.size());
    const std::size_t length = static_cast<unsigned char>(bytes[offset]);
    require(bytes.size() - offset >= 1 + length + 4 + dimensions_);
    offsets_.push_back(static_cast<std::uint32_t>(offset));
    std::size_t slot = hash(word(rank)) & (slots_.size() - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = rank + 1;
    offset += 1 + length + 4 + dimensions_;
  }
}

std::string_view word_table::word(std::uint32_t rank) const noexcept {
  const std::size_t offset = offsets_[rank];
  return bytes_.substr(offset + 1, static_cast<unsigned char>(bytes_[offset]));
}

std::optional<std::uint32_t> word_table::rank(std::string_view sought) const noexcept {
  for (std::size_t slot = hash(sought) & (slots_.size() - 1); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1))
    if (word(slots_[slot] - 1) == sought) return slots_[slot] - 1;
  return std::nullopt;
}

std::span<const std::int8_t> word_table::codes(std::uint32_t rank) const noexcept {
  const std::string_view name = word(rank);
  return {reinterpret_cast<const std::int8_t*>(name.data() + name.size() + 4), dimensions_};
}

float word_table::scale(std::uint32_t rank) const noexcept {
  const std::string_view name = word(rank);
  return std::bit_cast<float>(read_u32(name.data() + name.size()));
}

void word_table::add(std::uint32_t rank, float weight, std::span<float> sum) const noexcept {
  const float factor = weight * scale(rank);
  const auto row = codes(rank);
  for (std::size_t i = 0; i < dimensions_ && i < sum.size(); ++i) sum[i] += factor * static_cast<float>(row[i]);
}

}  // namespace troupe::models
