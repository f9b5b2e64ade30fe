#pragma once

/// \file
/// A time as characters' clients and files write it (contracts/character.md
/// 5.1): local, without zone, in microseconds, "2031-04-02T09:15:00.120000".
///
/// `us`: wall clock since the epoch. Thread safety: as `localtime_r`.

#include <cstdint>
#include <string>

namespace troupe {

std::string local_timestamp(std::int64_t us);

}  // namespace troupe
