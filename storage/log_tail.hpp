#pragma once

/// \file
/// Tells a torn log tail from a damaged log, which RocksDB does not always.
///
/// The problem: `kTolerateCorruptedTailRecords` refuses a record whose
/// checksum is wrong, but takes two kinds of damage for the end of the log and
/// silently drops what follows: in the last 32 KiB block, a damaged length
/// that points past the end of the file; anywhere, a header of zeros, after
/// which the rest of the block is skipped. `kAbsoluteConsistency` catches the
/// first, but refuses the torn tail that a crash in mid-write leaves behind.
///
/// The answer: every batch here is written and synced before the next one is
/// begun. So a log that ends in a torn record has nothing intact behind it; if
/// there is a whole record with a right checksum behind the place where RocksDB
/// would stop, the log is damaged. That holds for write-ahead logs and the
/// manifest alike, which share the format. What no check can see is a log cut
/// off exactly between two records.
///
/// Thread safety: free functions. Errors: `corrupt` with what to do. Cost:
/// headers only, so a fraction of what RocksDB reads anyway; checksums are
/// computed behind a suspected end only.
/// Source: the log format of LevelDB (doc/log_format.md), CRC-32C (RFC 3720
/// appendix B.4).

#include "runtime/failure.hpp"

#include <string>
#include <string_view>

namespace rocksdb {
class Env;
}

namespace troupe::storage {

/// Whether `log` ends where it seems to: false if a whole record stands behind
/// a record that would be taken for a torn tail.
bool log_ends_cleanly(std::string_view log);

/// Checks the write-ahead logs and the current manifest of the store at `path`.
expected<void> check_log_tails(rocksdb::Env& env, const std::string& path);

/// What to do about a damaged store, as the end of a message.
extern const char* const corrupt_advice;

}  // namespace troupe::storage
