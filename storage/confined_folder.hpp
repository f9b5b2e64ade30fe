#pragma once

/// \file
/// Files of one folder that are named by strangers (contracts/character.md §9).
///
/// The problem: a client names the file it wants saved or loaded, and `..`, an
/// absolute path or a symbolic link would take it anywhere. Here a name is
/// checked as text first, and then every component is opened below the one
/// before it by the kernel's own rule (`openat2`, RESOLVE_BENEATH): a link may
/// lead about inside the folder, never out of it. Where the kernel has no such
/// call, no link is followed at all.
///
/// Writes are atomic: a temporary file in the same folder, synced, renamed, and
/// the folder synced; a link in the place of the file is replaced, not followed.
///
/// Ownership: keeps the folder's path only. Thread safety: any thread; two
/// writes of one name leave one of both. Errors: `invalid` (the name, or no
/// file), `not_found`, `unavailable` (the system's own). Messages name the file
/// as it was given. Blocks: call it on the blocking pool.
/// Source: man 2 openat2; Linux 5.6.

#include "runtime/failure.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

inline constexpr std::size_t longest_file_name = 200;

/// 1 to 200 bytes without NUL and control characters, not absolute, no
/// component empty or begun with a dot, so that it stays inside and is no
/// temporary file. With `below`, a name may lead into sub-folders.
/// `field` names the name in the error.
expected<void> check_file_name(std::string_view name, bool below, std::string_view field);

class confined_folder {
 public:
  /// The folder need not exist before the first `write`, which makes it.
  explicit confined_folder(std::filesystem::path root) : root_(std::move(root)) {}

  /// Of at most `largest` bytes; sub-folders are allowed.
  expected<std::string> read(std::string_view name, std::size_t largest) const;
  /// Not into a sub-folder.
  expected<void> write(std::string_view name, std::string_view bytes) const;
  /// Names of its plain files and links, sorted; none if it does not exist.
  expected<std::vector<std::string>> names() const;

  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace troupe::storage
