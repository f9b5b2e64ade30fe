#pragma once

/// \file
/// What a test and the program it kills share: a page of memory in a file. The
/// library beside this file (preload.cpp) is loaded into the program by
/// LD_PRELOAD and kills it, with SIGKILL, right before or after a system call
/// that the test names by bytes in it. Nothing of it is in the program itself.
///
/// The library also notes how much of the write-ahead log was synced, so that a
/// test can take away the rest, as a power cut would.
///
/// Thread safety: atomics; `mark` is written before `where`.

#include <array>
#include <atomic>
#include <cstdint>

namespace troupe::test {

enum class kill_at : std::uint32_t {
  never,
  before_write,  ///< of the marked bytes to the write-ahead log
  before_sync,   ///< the one that would make them durable
  after_sync,    ///< before anybody is told that they are
  before_send,   ///< of the marked bytes to a socket or a pipe
};

struct kill_control {
  static constexpr std::uint32_t is_loaded = 0x6b696c6c;

  std::atomic<std::uint32_t> loaded;  ///< `is_loaded` once the library is there
  std::atomic<kill_at> where;
  std::atomic<std::uint32_t> reached;  ///< set right before the end
  std::array<char, 128> mark;          ///< ends with a 0
  std::array<char, 512> log_path;      ///< the write-ahead log that was last written to
  std::atomic<std::uint64_t> log_written;
  std::atomic<std::uint64_t> log_synced;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

inline constexpr const char* kill_control_variable = "TROUPE_TEST_KILL_CONTROL";

}  // namespace troupe::test
