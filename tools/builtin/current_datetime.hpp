#pragma once

#include "tools/builtin/builtin_tool.hpp"

namespace troupe {
class clock_port;
}

namespace troupe::tools {

/// `get_current_datetime`: the time in UTC (ISO 8601 ending in Z) and on the
/// server's own clock (ISO 8601 with its offset). Takes no arguments.
/// Source: contracts/luna.md 11.1. `clock` must outlive the tool.
builtin_tool current_datetime(const clock_port& clock);

}  // namespace troupe::tools
