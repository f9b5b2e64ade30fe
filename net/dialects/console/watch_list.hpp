#pragma once

/// \file
/// What a live socket is asked to watch (docs/console.md, Live).
///
///     {"watch": [{"key": "a", "path": "/console/api/actors?sort=mailbox"}], "every_ms": 1000}
///
/// Thread safety: pure. Errors: `invalid`, naming the field ("watch[2].path")
/// and the rule.

#include "runtime/failure.hpp"
#include "runtime/messages/inspect.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::console {

inline constexpr std::size_t most_watches = 16;
inline constexpr std::chrono::milliseconds shortest_interval{200};
inline constexpr std::chrono::milliseconds longest_interval{3'600'000};

struct watch_list {
  struct entry {
    std::string key;
    inspect_query query;  ///< path and parameters
  };
  std::vector<entry> entries;
  std::chrono::milliseconds every{1000};
};

expected<watch_list> parse_watch_list(std::string_view text);

}  // namespace troupe::console
