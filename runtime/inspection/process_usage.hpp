#pragma once

/// \file
/// What this process uses, read from the kernel. Thread safety: pure. Errors:
/// 0 where the kernel does not say. Cost: a system call, or a read of /proc.

#include <cstdint>

namespace troupe::process_usage {

std::int64_t cpu_ns();           ///< of all threads since the start
std::uint64_t resident_bytes();  ///< as /proc/self/statm
std::uint64_t open_descriptors();

}  // namespace troupe::process_usage
