#pragma once

/// \file
/// The access tokens a running server accepts: those of the store, held in
/// RAM so that an I/O thread never waits for a disk, and ACCESS_TOKEN.
///
/// Thread safety: any thread; the lock is a leaf. Cost: one hash, then one
/// comparison in constant time for each token there is.

#include "runtime/failure.hpp"
#include "storage/database.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

class access_tokens {
 public:
  /// Reads the store's tokens. `fixed` (ACCESS_TOKEN) has the name "access".
  expected<void> load(const storage::database& store, std::string_view fixed);

  std::optional<std::string> verify(std::string_view token) const;
  bool empty() const;

 private:
  struct entry {
    std::string name;
    std::string hash;
  };
  mutable std::mutex mutex_;
  std::vector<entry> entries_;
};

}  // namespace troupe::cli
