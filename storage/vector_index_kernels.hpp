#pragma once

/// \file
/// The inner loop of `vector_index`: dot products of one int8 query with many
/// int8 rows (DESIGN §7).
///
/// Layout: rows lie in blocks of 16. A block holds, for each group of four
/// dimensions, four bytes of every row: 64 bytes, so that one instruction
/// advances 16 rows and no sum is taken across a register. A byte is the
/// signed code plus 128; that offset costs one constant per query.
///
/// Thread safety: pure functions. Cost: one pass over the bytes.

#include <cstddef>
#include <cstdint>

namespace troupe::storage {

inline constexpr std::size_t rows_per_block = 16;

/// The machine instructions a scan is made of.
enum class scan_kernel : std::uint8_t { scalar, avx2, avx512_vnni };

const char* to_string(scan_kernel kernel) noexcept;

/// Whether this processor can run `kernel`.
bool available(scan_kernel kernel) noexcept;

/// The fastest one this processor can run; looked up once.
scan_kernel best_scan_kernel() noexcept;

/// One query, prepared for scanning.
struct scan_query {
  const std::int32_t* groups = nullptr;  ///< four signed codes each, -127 to 127
  std::size_t group_count = 0;
  std::int32_t bias = 0;  ///< 128 × the sum of the codes
  float scale = 0;
};

/// Writes `blocks` × 16 scores: query scale × row scale × integer dot product.
void scan_blocks(scan_kernel kernel, const scan_query& query, const std::uint8_t* codes, const float* scales,
                 std::size_t blocks, float* scores) noexcept;

}  // namespace troupe::storage
