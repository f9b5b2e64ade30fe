#pragma once

/// \file
/// Messages that nobody handled: sent to an actor that had ended, refused by a
/// full mailbox, of a type its receiver does not know, or an error that nobody
/// waits for. Types and numbers only, never contents.
///
/// One for the process, as the log is. Thread safety: a leaf, any thread.
/// Bounds: the last 200 are kept, all are counted.

#include <caf/rtti_pair.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {
struct actor_cell;
}

namespace troupe::dead_letters {

enum class kind : std::uint8_t { ended, shed, unexpected, stray_error };
const char* to_string(kind value) noexcept;

struct letter {
  std::int64_t at = 0;  ///< wall clock, ms
  kind why = kind::ended;
  std::string actor;  ///< the receiver's id
  std::string role;
  caf::rtti_pair type{0, nullptr};
  std::uint64_t sender = 0;  ///< 0 for none
};

void note(kind why, const actor_cell& receiver, caf::rtti_pair type, std::uint64_t sender) noexcept;

std::uint64_t total() noexcept;
/// Newest first.
std::vector<letter> recent();

}  // namespace troupe::dead_letters
