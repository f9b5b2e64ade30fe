#pragma once

/// \file
/// Messages of the journal actor, the only writer of the store (DESIGN §6).

#include "runtime/failure.hpp"
#include "runtime/message_macros.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// Column families, by subject. The number is part of no stored byte.
enum class column : std::uint8_t {
  meta,        ///< schema version, counters
  sessions,    ///< session → snapshot
  events,      ///< (session, number) → session event
  open_turns,  ///< (session, turn) → number of its user event
  memories,    ///< (space, record) → memory record
  spaces,      ///< space name → its metadata
  lessons,     ///< (space, session, number) → text that memory has still to learn from
  tokens,      ///< access token name → hash
  characters,  ///< character → what it has become
};
inline constexpr std::size_t column_count = 9;

enum class write_kind : std::uint8_t { put, erase, erase_range };

/// One change of the store. For `erase_range`, `value` is the end key,
/// exclusive. Keys and values are made by `storage/`'s codecs.
struct write_op {
  write_kind kind = write_kind::put;
  column where = column::meta;
  std::string key;
  std::string value;
  bool operator==(const write_op&) const = default;
};
TROUPE_MESSAGE(write_op, kind, where, key, value)

enum class journal_lane : std::uint8_t {
  turns,  ///< first in every flush
  bulk,   ///< re-embedding, monitoring: at most a bounded share of a flush
};

/// Request: apply `ops` atomically and durably. Answered with
/// `journal_committed` after the sync (and the replication port, if any), or
/// with a `read_only` or `busy` error, in which case nothing of it may be
/// assumed written or unwritten: read back before a number is used again.
struct journal_append {
  journal_lane lane = journal_lane::turns;
  std::vector<write_op> ops;
  bool operator==(const journal_append&) const = default;
};
TROUPE_MESSAGE(journal_append, lane, ops)

struct journal_committed {
  bool operator==(const journal_committed&) const = default;
};
TROUPE_SIGNAL(journal_committed)

/// Journal → itself: write what has gathered.
struct journal_flush {
  bool operator==(const journal_flush&) const = default;
};
TROUPE_SIGNAL(journal_flush)

/// Journal → itself while read-only: try `DB::Resume` or a reopen.
struct journal_retry {
  bool operator==(const journal_retry&) const = default;
};
TROUPE_SIGNAL(journal_retry)

/// Replication port → journal: `batch` is on the other side, or is not.
struct journal_replicated {
  std::uint64_t batch = 0;
  failure error;
  bool operator==(const journal_replicated&) const = default;
};
TROUPE_MESSAGE(journal_replicated, batch, error)

TROUPE_INTERFACE(journal_actor, TROUPE_ASKS(journal_append, journal_committed), TROUPE_TELLS(journal_flush),
                 TROUPE_TELLS(journal_retry), TROUPE_TELLS(journal_replicated));

}  // namespace troupe
