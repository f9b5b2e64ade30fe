#pragma once

/// \file
/// The revisions of the Model Context Protocol that we speak, and what each
/// asks for. Source: the specification's revisions 2024-11-05, 2025-03-26,
/// 2025-06-18, 2025-11-25 and 2026-07-28 (modelcontextprotocol.io).
///
/// 2026-07-28 has no handshake and no session: every request carries its
/// revision, our name and our capabilities in `_meta`, over HTTP also in headers.
/// Not built of it, since nothing here needs it: caching by `ttlMs`,
/// input requests (a tool that asks for one gets an error for the model),
/// tasks. A server's age is found out as "Versioning: Backward Compatibility"
/// says: `server/discover` first, `initialize` if that is not understood.

#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::mcp {

inline constexpr std::string_view stateless_revision = "2026-07-28";

/// Those with a handshake, newest first; the first is what we offer.
inline constexpr std::array<std::string_view, 4> handshake_revisions{"2025-11-25", "2025-06-18", "2025-03-26",
                                                                     "2024-11-05"};

constexpr bool is_handshake_revision(std::string_view text) {
  for (auto each : handshake_revisions)
    if (each == text) return true;
  return false;
}

/// Error codes of the protocol.
enum error_code : int {
  method_not_found = -32601,
  header_mismatch = -32020,
  missing_capability = -32021,
  unsupported_revision = -32022,
};

/// Codes that only a server of the stateless revision sends.
constexpr bool is_stateless_code(std::int64_t code) {
  return code == header_mismatch || code == missing_capability || code == unsupported_revision;
}

}  // namespace troupe::mcp
