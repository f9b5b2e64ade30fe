#pragma once

/// \file
/// Which turns somebody wants to see: the parameters of
/// `GET /console/api/turns` (docs/console.md "Turns").
///
/// Thread safety: values and pure functions. Errors: `invalid`, naming the
/// parameter and the rule.

#include "runtime/failure.hpp"
#include "runtime/messages/inspect.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

struct turn_record;

struct turn_filter {
  enum class only : std::uint8_t { all, in_flight, slow, failed };
  enum class order_by : std::uint8_t { started_at, duration };

  std::string q;            ///< in the ids of turn, trace, session and client
  std::string client;       ///< a whole id
  std::string session;      ///< a whole id, or as much of it as traces keep
  std::uint64_t actor = 0;  ///< the number of its runner or its session; 0: any
  only state = only::all;
  order_by sort = order_by::started_at;
  bool descending = true;
  std::size_t offset = 0;
  std::size_t limit = 100;  ///< 500 at most

  static expected<turn_filter> read(const std::vector<inspect_parameter>& parameters);
  /// All but `state`.
  bool matches(const turn_record& record) const;
};

/// "9f86d081884c7d65", as Luna's frames print a turn's id.
std::optional<std::uint64_t> parse_turn_id(std::string_view text);

}  // namespace troupe
