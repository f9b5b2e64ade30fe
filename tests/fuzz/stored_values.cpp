/// \file
/// Arbitrary bytes as every kind of stored value. What decodes must encode to
/// something that decodes to the same; nothing may read out of bounds.

#include "storage/lesson_log.hpp"
#include "storage/memory_store.hpp"
#include "storage/session_log.hpp"
#include "storage/token_store.hpp"

#include <cstdlib>

using namespace troupe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (auto event = storage::decode_event(7, bytes)) {
    auto again = storage::decode_event(7, storage::encode_event(*event));
    if (!again || !(*again == *event)) std::abort();
  }
  if (auto snapshot = storage::decode_snapshot(bytes)) {
    auto again = storage::decode_snapshot(storage::encode_snapshot(*snapshot));
    if (!again || !(*again == *snapshot)) std::abort();
  }
  // By their bytes: a record may hold a NaN, which equals nothing.
  if (auto record = storage::decode_record(7, bytes)) {
    auto again = storage::decode_record(7, storage::encode_record(*record));
    if (!again || storage::encode_record(*again) != storage::encode_record(*record)) std::abort();
  }
  if (auto space = storage::decode_space("space", bytes)) {
    auto again = storage::decode_space("space", storage::encode_space(*space));
    if (!again || !(*again == *space)) std::abort();
  }
  if (auto number = storage::decode_open_turn(bytes)) {
    auto again = storage::decode_open_turn(storage::encode_open_turn(*number));
    if (!again || *again != *number) std::abort();
  }
  (void)storage::decode_token(bytes);
  (void)storage::decode_lesson(bytes.substr(0, size / 2), bytes.substr(size / 2));
  return 0;
}
