#pragma once

/// \file
/// Looks at every byte of a stopped store (`troupe check`).
///
/// Verified: the checksums of all files and blocks, the logs, that every key
/// and value decodes, that each session's numbers are gapless and it has a
/// snapshot, and that every open turn has its user event.
///
/// Thread safety: a free function; it locks the store and changes nothing.
/// Errors: `not_found`, `busy` and `incompatible`; damage is no error of
/// `check` but what it reports. Problems name keys, sessions by their first
/// digits, and no content. Cost: reads everything twice.

#include "storage/database.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::storage {

struct check_report {
  std::uint64_t sessions = 0;
  std::uint64_t events = 0;
  std::uint64_t open_turns = 0;
  std::uint64_t memories = 0;
  std::uint64_t spaces = 0;
  std::uint64_t lessons = 0;
  std::uint64_t tokens = 0;
  std::uint64_t characters = 0;
  std::vector<std::string> problems;  ///< at most `most_problems`, then a line that says so
  bool sound() const { return problems.empty(); }
};

inline constexpr std::size_t most_problems = 100;

expected<check_report> check(const std::string& path, rocksdb::Env* env = nullptr);

}  // namespace troupe::storage
