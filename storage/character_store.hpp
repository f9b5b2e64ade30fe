#pragma once

/// \file
/// What a character has become, as it is kept (contracts/character.md §9):
/// builders of changes, and readers.
///
/// One value per character, written whole at the end of each turn: its inner
/// life as JSON (what a save file holds), the digest of the file it was made
/// from, and its dealings with memory. Episodes are an outbox like lessons: a
/// turn's episode stands in the batch that makes the turn durable, and leaves it
/// only when memory has confirmed it, so that a crash in between loses none.
///
/// Ownership and thread safety: free functions over values; the readers may run
/// beside the writer. Errors: `corrupt`. Times in µs, wall clock. Cost: one value of some
/// 10 KB.

#include "runtime/messages/journal.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::storage {

/// An experience on its way to memory.
struct kept_episode {
  std::string id;  ///< "exp_" and 12 hex digits
  std::string text;
  float importance = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
  bool operator==(const kept_episode&) const = default;
};

struct kept_character {
  std::string state;                    ///< a JSON object; empty: none yet
  std::uint64_t digest = 0;             ///< of its definition's file; 0: unknown
  std::vector<kept_episode> pending;    ///< memory has not confirmed them
  std::vector<std::string> formed;      ///< ids of this life's episodes, oldest first
  std::vector<std::string> forgetting;  ///< ids of those that memory has still to forget
  std::int64_t last_us = 0;             ///< when its last turn ended, µs; no two end at one time
  bool operator==(const kept_character&) const = default;
};

void put_character(std::vector<write_op>& ops, std::string_view id, const kept_character& character);
void erase_character(std::vector<write_op>& ops, std::string_view id);

/// Nothing if there is no such character.
expected<std::optional<kept_character>> load_character(const database& store, std::string_view id);

struct character_summary {
  std::string id;
  std::uint64_t digest = 0;
  std::uint64_t bytes = 0;    ///< of its value
  std::uint64_t pending = 0;  ///< episodes on their way to memory
};
/// By id.
expected<std::vector<character_summary>> list_characters(const database& store);

/// The memory space of a character.
std::string character_space(std::string_view id);
/// Appends what erases a memory space, its mark of used ids included: nobody
/// will ask for it again.
void erase_character_space(std::vector<write_op>& ops, std::string_view id);
/// Erases memory spaces of characters whose id begins with `prefix`: private
/// ones that a crash kept from doing it themselves. At start, before anybody
/// else writes. Returns their number.
expected<std::size_t> forget_private_characters(database& store, std::string_view prefix);

// -- codecs, for check and tests ----------------------------------------------------

std::string encode_character(const kept_character& character);
expected<kept_character> decode_character(std::string_view value);

}  // namespace troupe::storage
