#include "models/code_product.hpp"

#include <algorithm>
#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace troupe::models {
namespace {

std::int32_t product_from(std::size_t i, std::size_t size, const std::int8_t* a, const std::int8_t* b) noexcept {
  std::int32_t sum = 0;
  for (; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) std::int32_t product_avx2(std::size_t size, const std::int8_t* a,
                                                          const std::int8_t* b) noexcept {
  __m256i sums = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i));
    const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_cvtepi8_epi16(left), _mm256_cvtepi8_epi16(right)));
  }
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
  return _mm_cvtsi128_si32(four) + product_from(i, size, a, b);
}

#endif

}  // namespace

std::int32_t code_product(std::span<const std::int8_t> a, std::span<const std::int8_t> b) noexcept {
  const std::size_t size = std::min(a.size(), b.size());
#if defined(__x86_64__)
  static const bool avx2 = __builtin_cpu_supports("avx2");
  if (avx2) return product_avx2(size, a.data(), b.data());
#endif
  return product_from(0, size, a.data(), b.data());
}

}  // namespace troupe::models
