#pragma once

/// \file
/// What operators did: who, when, what, and how it ended, one JSON line each
/// in a file that is only ever appended to (docs/console.md). An act has two
/// lines of one number: `begun`, durable before it is done, and its outcome.
///
/// Ownership: owns the file. Thread safety: one thread's, the inspector's; a
/// call waits for the disk. Errors: `unavailable`, with the system's reason;
/// then the act must not be done. Bounds: the last 500 are kept in memory, the
/// file grows (about 150 bytes an act).

#include "runtime/failure.hpp"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>

namespace troupe {

class audit_log {
 public:
  struct entry {
    std::uint64_t number = 0;
    std::int64_t at = 0;  ///< wall clock, ms
    std::string who;
    std::string act;     ///< "pause"
    std::string target;  ///< "actor 42 runner"
    std::string outcome = "begun";
  };

  audit_log() = default;
  ~audit_log();
  audit_log(const audit_log&) = delete;
  audit_log& operator=(const audit_log&) = delete;

  /// Reads what is there and opens it for appending. A torn last line is ended.
  expected<void> open(const std::filesystem::path& file);
  bool is_open() const { return descriptor_ >= 0; }

  /// The act's number, for `finish`.
  expected<std::uint64_t> begin(std::int64_t at, std::string who, std::string act, std::string target);
  expected<void> finish(std::uint64_t number, std::int64_t at, std::string outcome);

  /// Newest first.
  const std::deque<entry>& recent() const { return recent_; }

 private:
  expected<void> write(const entry& one);
  void keep(entry one);

  int descriptor_ = -1;
  std::uint64_t next_ = 1;
  std::deque<entry> recent_;
};

}  // namespace troupe
