#pragma once

/// \file
/// Finished turns as the body of an OTLP/HTTP request in JSON:
/// an `ExportTraceServiceRequest` (OTLP 1.10 "JSON Protobuf Encoding": ids in
/// hex, 64-bit numbers as text, enumerations as numbers).
///
/// A turn is a SERVER span with its spans below. Model and tool calls bear the
/// names of the GenAI conventions (semantic conventions 1.41), `gen_ai.system`
/// too, which they had for the provider before 1.37. No contents.
///
/// Thread safety: pure. Cost: about 600 bytes a span.

#include "runtime/inspection/turn_record.hpp"

#include <span>
#include <string>
#include <string_view>

namespace troupe {

std::string otlp_json(std::span<const turn_record> turns, std::string_view service_version);

}  // namespace troupe
