#pragma once

/// \file
/// MD5 (RFC 1321), for the ids of experiences, which the contract makes so
/// (contracts/character.md 8.1). A name, not a protection. Pure. Throws where
/// OpenSSL is not allowed to: ids that are all alike would lose memories.

#include <string>
#include <string_view>

namespace troupe::characters {

/// 32 lower-case hex digits.
std::string md5_hex(std::string_view text);

}  // namespace troupe::characters
