#pragma once

/// \file
/// One log line as text or JSON. Used by the log only.
///
/// Thread safety: pure functions. Source: log.hpp says what is escaped.

#include "runtime/log.hpp"

#include <chrono>

namespace troupe::log::detail {

std::string format_line(format form, std::chrono::system_clock::time_point now, level at, std::string_view event,
                        fields with);

/// Whether a field or query parameter of that name holds a secret. Case does
/// not count, nor whether words are joined by `-` or `_`.
bool names_secret(std::string_view key);

}  // namespace troupe::log::detail
