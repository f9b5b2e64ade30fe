#pragma once

/// \file
/// Memory records as they are kept (DESIGN §7): builders of changes, and readers.
///
/// A record's key is (space, id). The value of a space holds the first id that
/// was never given out, so that an id is not reused after its record has been
/// forgotten: write `put_space` in the batch that adds a record.
///
/// Ownership and thread safety: free functions over values; the readers may run
/// beside the writer. Errors: `corrupt`. Embeddings come back bit for bit. Cost:
/// `load_space` is one scan of the space.

#include "runtime/messages/memory.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

struct space_info {
  std::string name;
  std::uint64_t next_id = 1;  ///< never given out so far
  bool operator==(const space_info&) const = default;
};

void put_record(std::vector<write_op>& ops, std::string_view space, const memory_record& record);
void erase_record(std::vector<write_op>& ops, std::string_view space, std::uint64_t id);
void put_space(std::vector<write_op>& ops, const space_info& space);
/// Erases all records of a space. Its `next_id` stays, so that no id comes back.
void erase_space(std::vector<write_op>& ops, std::string_view space);
/// What `database::purge` takes to remove the forgotten text from the files.
std::vector<database::range> space_ranges(std::string_view space);

/// Calls `take` with each record, by id, and returns the space's state; a space
/// that does not exist is an empty one.
expected<space_info> load_space(const database& store, std::string_view space,
                                const std::function<void(memory_record&&)>& take);
/// By name.
expected<std::vector<space_info>> list_spaces(const database& store);

// -- codecs, for check and tests ----------------------------------------------------

std::string encode_record(const memory_record& record);
/// The id of a record is in its key.
expected<memory_record> decode_record(std::uint64_t id, std::string_view value);
std::string encode_space(const space_info& space);
expected<space_info> decode_space(std::string name, std::string_view value);

}  // namespace troupe::storage
