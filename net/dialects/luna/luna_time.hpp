#pragma once

/// \file
/// ISO 8601 dates with a time, as reminders carry them (contract luna.md 11.1).
///
/// Taken: `YYYY-MM-DDThh:mm`, seconds and their fraction optional, then `Z`,
/// `+hh:mm`, `+hhmm`, `+hh` or nothing. Without a zone the time is this
/// machine's local one, which is what the canonical date tool tells.
/// Not taken: a date alone, weeks, ordinal days, the form without hyphens.
///
/// Thread safety: pure but for the process's time zone. Cost: one pass.

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::luna {

struct iso_time {
  std::int64_t utc_ms = 0;  ///< since 1970-01-01T00:00Z
  bool ends_in_z = false;   ///< written as UTC
  bool operator==(const iso_time&) const = default;
};

/// Nothing if it is no such time or no such day.
std::optional<iso_time> parse_iso_time(std::string_view text);

}  // namespace troupe::luna
