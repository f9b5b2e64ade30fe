#pragma once

/// \file
/// A file system in memory for `open_options::env`: a store that is gone with
/// the process. What `troupe chat` without a server lives on.
///
/// Ownership: must outlive the store. Thread safety: as any `Env`.
/// Cost: what is written stays in memory.

#include <memory>

namespace rocksdb {
class Env;
}

namespace troupe::storage {

std::shared_ptr<rocksdb::Env> make_memory_file_system();

}  // namespace troupe::storage
