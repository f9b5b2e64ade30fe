#include "storage/log_tail.hpp"

#include <rocksdb/env.h>

#include <array>
#include <cstdint>
#include <vector>

namespace troupe::storage {

const char* const corrupt_advice =
    "; nothing was changed: `troupe check` lists the damage, `troupe restore` brings back a backup";

namespace {

constexpr std::size_t block_size = 32768;
constexpr std::size_t header_size = 7;  // checksum 4, length 2, type 1
constexpr std::size_t recyclable_header_size = 11;

enum record_type : unsigned char { zero = 0, full = 1, first = 2, recyclable_full = 5, recyclable_last = 8 };

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0x82f63b78u : 0);
    table[i] = value;
  }
  return table;
}

std::uint32_t masked_crc32c(std::string_view bytes) {
  static constexpr auto table = make_crc_table();
  std::uint32_t crc = ~0u;
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ crc >> 8;
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

std::uint32_t little_endian(std::string_view bytes, int count) {
  std::uint32_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Whether a whole record that begins a batch stands at the head of `bytes`,
/// the rest of a block. Records in the middle of a batch do not count: they may
/// be the remains of the one batch that was torn.
bool whole_record(std::string_view bytes) {
  if (bytes.size() <= header_size) return false;
  const auto type = static_cast<unsigned char>(bytes[6]);
  if (type != full && type != first) return false;
  const std::size_t length = little_endian(bytes.substr(4), 2);
  if (length == 0 || header_size + length > bytes.size()) return false;
  return masked_crc32c(bytes.substr(6, length + 1)) == little_endian(bytes, 4);
}

bool whole_record_behind(std::string_view log, std::size_t position) {
  for (; position < log.size(); ++position) {
    const std::size_t left_in_block = block_size - position % block_size;
    if (whole_record(log.substr(position, left_in_block))) return true;
  }
  return false;
}

}  // namespace

bool log_ends_cleanly(std::string_view log) {
  std::size_t position = 0;
  while (position < log.size()) {
    const std::size_t left_in_block = block_size - position % block_size;
    if (left_in_block < header_size) {
      position += left_in_block;
      continue;
    }
    const auto rest = log.substr(position, left_in_block);
    if (rest.size() < header_size) return true;
    const auto type = static_cast<unsigned char>(rest[6]);
    const std::size_t length = little_endian(rest.substr(4), 2);
    const bool recyclable = type >= recyclable_full && type <= recyclable_last;
    const std::size_t size = (recyclable ? recyclable_header_size : header_size) + length;
    if (size > rest.size() || (type == zero && length == 0)) return !whole_record_behind(log, position + 1);
    position += size;
  }
  return true;
}

namespace {

expected<std::string> read_whole(rocksdb::Env& env, const std::string& file) {
  std::string bytes;
  const auto status = rocksdb::ReadFileToString(&env, file, &bytes);
  if (status.ok()) return bytes;
  return failure{failure_kind::unavailable, "cannot read " + file + ": " + status.ToString()};
}

}  // namespace

expected<void> check_log_tails(rocksdb::Env& env, const std::string& path) {
  std::vector<std::string> names;
  if (!env.GetChildren(path, &names).ok()) return {};  // there is no store yet
  std::string manifest;
  if (auto current = read_whole(env, path + "/CURRENT")) manifest = current->substr(0, current->find('\n'));
  for (const auto& name : names) {
    const bool is_log = name.size() > 4 && name.ends_with(".log");
    if (!is_log && (manifest.empty() || name != manifest)) continue;
    auto bytes = read_whole(env, path + "/" + name);
    if (!bytes) return bytes.error();
    if (!log_ends_cleanly(*bytes))
      return failure{failure_kind::corrupt, "the store " + path + " is damaged in " + name
                                                + ": intact records follow a broken one" + corrupt_advice};
  }
  return {};
}

}  // namespace troupe::storage
