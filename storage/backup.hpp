#pragma once

/// \file
/// Backup of a running store, restore onto a stopped one (DESIGN §6).
///
/// A backup folder holds any number of backups that share unchanged files. A
/// backup is taken through the running server's own handle, since a second,
/// read-only process fails beside a busy writer. What is erased in the store
/// later stays in backups made before.
///
/// Ownership and thread safety: free functions. `backup` blocks for as long as
/// copying takes, beside readers and the writer; at most one at a time for a
/// folder. Errors: `invalid`, `not_found`, `busy` (the store is in use),
/// `exists` (something is there already), `corrupt` (a damaged backup),
/// `unavailable`. Cost: backup copies and checks what changed since the last
/// one; restore copies everything.

#include "storage/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::storage {

struct backup_info {
  std::uint32_t id = 0;  ///< from 1, rising
  std::uint64_t bytes = 0;
  std::int64_t made_at = 0;  ///< wall clock, seconds since the epoch
};

expected<backup_info> backup(database& store, const std::string& folder);

/// Oldest first.
expected<std::vector<backup_info>> list_backups(const std::string& folder);

struct restore_options {
  std::string folder;               ///< of the backups
  std::string path;                 ///< the store's folder
  std::optional<std::uint32_t> id;  ///< the latest unless given
  bool force = false;               ///< replace what is at `path`
};
/// Puts a backup where the store was. The old store is replaced as a whole, in
/// one step, after the new one is complete and checked.
expected<backup_info> restore(const restore_options& options);

}  // namespace troupe::storage
