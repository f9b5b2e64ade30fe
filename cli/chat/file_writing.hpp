#pragma once

/// \file
/// Files that are written whole or not at all.
///
/// Thread safety: free functions; of two writers of one file the later wins.
/// Errors: `unavailable`, naming the file; `invalid` for a name. Cost: one sync.

#include "runtime/failure.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace troupe::chat {

/// Folders are made; a temporary file beside it is synced and renamed.
expected<void> write_whole(const std::filesystem::path& file, std::string_view text);

/// A name for a file within a folder: not empty, no path, no control
/// characters; `.json` is added if it is missing.
expected<std::string> json_file_name(std::string_view name);

}  // namespace troupe::chat
