#pragma once

/// \file
/// The dot product of two rows of int8 codes, by AVX2 where there is any.
///
/// Thread safety: pure. Cost: some nanoseconds for 100 dimensions.

#include <cstdint>
#include <span>

namespace troupe::models {

/// Over as many codes as the shorter row has. Needs no alignment.
std::int32_t code_product(std::span<const std::int8_t> a, std::span<const std::int8_t> b) noexcept;

}  // namespace troupe::models
