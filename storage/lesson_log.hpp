#pragma once

/// \file
/// Texts that memory has still to learn from (DESIGN §4.7).
///
/// A lesson is written in the batch that ends its turn and erased in the batch
/// that holds the memories made of it, so that a crash in between loses and
/// doubles nothing. Its key travels in `memory_learn::key`.
///
/// Ownership and thread safety: free functions over values. Errors: `corrupt`.
/// Cost: `lessons_of` reads the space's pending lessons.

#include "storage/database.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

/// `number` is that of the turn's end event.
std::string lesson_key(std::string_view space, std::string_view session, std::uint64_t number);
void put_lesson(std::vector<write_op>& ops, std::string key, std::string_view teaching);
void erase_lesson(std::vector<write_op>& ops, std::string key);
/// Erases all pending lessons of a space, for `memory_forget` of everything.
void erase_lessons(std::vector<write_op>& ops, std::string_view space);

struct lesson {
  std::string key;
  std::string space;
  std::string session;
  std::uint64_t number = 0;
  std::string teaching;
};
/// By session, then number.
expected<std::vector<lesson>> lessons_of(const database& store, std::string_view space);
/// The spaces that have lessons to learn, for a start after a crash.
expected<std::vector<std::string>> spaces_with_lessons(const database& store);

expected<lesson> decode_lesson(std::string_view key, std::string_view value);

}  // namespace troupe::storage
