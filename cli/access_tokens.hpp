#pragma once

/// \file
/// The tokens a running server accepts: those of the store, held in RAM so that
/// an I/O thread never waits for a disk, ACCESS_TOKEN (a client's, named
/// "access") and OPERATOR_TOKEN (scope act, named "operator").
///
/// Thread safety: any thread; the lock is a leaf. Cost: one hash, then one
/// comparison in constant time for each token there is.

#include "config/settings.hpp"
#include "runtime/failure.hpp"
#include "runtime/token_scope.hpp"
#include "storage/database.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

class access_tokens {
 public:
  expected<void> load(const storage::database& store, const config::settings& settings);

  /// Whichever kind of token it is.
  std::optional<known_token> find(std::string_view token) const;
  /// The name of a client's token, of an operator's token: the one kind never
  /// opens what the other does.
  std::optional<std::string> verify_client(std::string_view token) const;
  std::optional<std::string> verify_operator(std::string_view token) const;
  /// Whether a token found earlier has neither been removed nor replaced.
  bool still_known(const known_token& token) const;
  bool has_client() const;
  bool has_name(std::string_view name) const;

 private:
  struct entry {
    known_token token;
    std::string hash;
  };
  mutable std::mutex mutex_;
  std::vector<entry> entries_;
};

}  // namespace troupe::cli
