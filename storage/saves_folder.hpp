#pragma once

/// \file
/// Save files and character files, each in their folder
/// (contracts/character.md §6, §9).
///
/// Ownership: keeps paths. Thread safety: any thread. Errors: as
/// `confined_folder`. Blocks: call it on the blocking pool.

#include "runtime/failure.hpp"
#include "storage/confined_folder.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

inline constexpr std::size_t largest_save = 16 * 1024 * 1024;

class saves_folder {
 public:
  explicit saves_folder(std::filesystem::path root) : folder_(std::move(root)) {}

  /// A name without `.json` that does not exist is looked for with it. May be
  /// in a sub-folder.
  expected<std::string> read(std::string_view name) const;
  /// Adds `.json` if it is missing; returns the path as written, the folder
  /// included. Only into the folder itself.
  expected<std::string> write(std::string_view name, std::string_view text) const;

 private:
  confined_folder folder_;
};

/// Characters' files: `ID.yaml`, else `ID.yml`.
class definitions_folder {
 public:
  explicit definitions_folder(std::filesystem::path root) : folder_(std::move(root)) {}

  struct file {
    std::string name;  ///< with its ending, for messages
    std::string text;
  };
  /// `id` is checked by the caller (`is_character_id`). A file that
  /// is not there: `not_found`, which lists the ids that are, at most 50.
  expected<file> read(std::string_view id, std::size_t largest) const;
  /// Sorted.
  expected<std::vector<std::string>> ids() const;

 private:
  confined_folder folder_;
};

}  // namespace troupe::storage
