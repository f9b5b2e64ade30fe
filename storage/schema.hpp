#pragma once

/// \file
/// The version of the stored layout, and the steps that bring an older store
/// up to it (DESIGN §6: older migrated, newer refused).
///
/// Thread safety: read-only data.

#include "runtime/failure.hpp"
#include "runtime/messages/journal.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace troupe::storage {

class database;

/// The layout this program writes.
inline constexpr std::uint32_t current_schema = 1;

/// One step: the changes that turn a store of version `from` into one of
/// `from + 1`. They are written in one batch together with the new version, so
/// that a crash leaves either the one or the other.
struct migration {
  std::uint32_t from = 0;
  std::function<expected<std::vector<write_op>>(const database&)> changes;
};

/// What a store is opened with: the version it shall have and the way there.
struct schema {
  std::uint32_t version = current_schema;
  std::vector<migration> migrations;
};

/// Version 1 is the first: there is nothing to migrate from yet.
inline schema builtin_schema() {
  return {};
}

/// The key in the column `meta` that holds the version.
std::string schema_key();
std::string encode_schema(std::uint32_t version);
expected<std::uint32_t> decode_schema(std::string_view value);

}  // namespace troupe::storage
