#pragma once

/// \file
/// Who is logged in to the web console (docs/console.md, Who may). In RAM only:
/// a restart logs everybody out.
///
/// A session's cookie is 256 random bits; kept is its hash alone. The table is
/// looked up by one part of the hash and compared by all of it in constant
/// time, so that no answer's timing tells how much of a guess was right.
///
/// Thread safety: a leaf, any thread. Bounds: 1,000 sessions; over it the one
/// that would end first ends. Cost: one hash and one lock.

#include "runtime/ports/clock.hpp"
#include "runtime/ports/random.hpp"
#include "runtime/token_scope.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe::console {

struct session {
  known_token token;
  std::string id;               ///< the cookie's hash; opens nothing
  std::int64_t expires_at = 0;  ///< wall clock, ms
};

class session_table {
 public:
  static constexpr std::int64_t lifetime_s = 12 * 3600;

  session_table(const clock_port& clock, random_port& random, std::size_t limit = 1000)
      : clock_(clock), random_(random), limit_(limit) {}

  struct opened {
    std::string cookie;
    session made;
  };
  opened open(known_token token);
  /// Nothing if there is none or it is over.
  std::optional<session> find(std::string_view cookie) const;
  bool holds(std::string_view id) const;
  void close(std::string_view id);
  std::size_t size() const;

 private:
  struct entry {
    session kept;
    std::int64_t ends_ns = 0;  ///< monotonic: a moved wall clock keeps nobody logged in
  };
  const entry* live_entry(std::string_view id) const;
  void make_room(std::int64_t now_ns);

  const clock_port& clock_;
  random_port& random_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, entry> entries_;
};

}  // namespace troupe::console
