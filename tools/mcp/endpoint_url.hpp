#pragma once

#include "runtime/failure.hpp"

#include <string>
#include <string_view>

namespace troupe::mcp {

/// Where an HTTP+SSE server of revision 2024-11-05 wants its POSTs: the
/// `endpoint` it sent, resolved against the URL of its stream (RFC 3986 §5.2,
/// without dot segments). It must be on the same scheme, host and port: our
/// headers may hold a key that is meant for that server alone. Pure.
expected<std::string> endpoint_url(std::string_view stream_url, std::string_view endpoint);

}  // namespace troupe::mcp
