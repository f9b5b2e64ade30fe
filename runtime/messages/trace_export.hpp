#pragma once

/// \file
/// What the exporter of traces tells itself (actors/trace_exporter.hpp).

#include "runtime/message_macros.hpp"

#include <cstdint>

namespace troupe {

/// A batch may be sent: one is full, or with `timer` it is time.
struct trace_export_due {
  bool timer = false;
  bool operator==(const trace_export_due&) const = default;
};
TROUPE_MESSAGE(trace_export_due, timer)

/// The request with this number has something, or may be tried again.
struct trace_export_ready {
  std::uint64_t request = 0;
  bool operator==(const trace_export_ready&) const = default;
};
TROUPE_MESSAGE(trace_export_ready, request)

}  // namespace troupe
