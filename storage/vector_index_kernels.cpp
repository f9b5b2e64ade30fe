#include "storage/vector_index_kernels.hpp"

#include <cstring>
#include <initializer_list>

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes its own _mm512_undefined_ps() for a mistake (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#endif

namespace troupe::storage {
namespace {

void scan_scalar(const scan_query& query, const std::uint8_t* codes, const float* scales, std::size_t blocks,
                 float* scores) noexcept {
  for (std::size_t block = 0; block < blocks; ++block) {
    std::int32_t sums[rows_per_block] = {};
    for (std::size_t group = 0; group < query.group_count; ++group, codes += 4 * rows_per_block) {
      std::int8_t weights[4];
      std::memcpy(weights, &query.groups[group], 4);
      for (std::size_t row = 0; row < rows_per_block; ++row)
        for (std::size_t i = 0; i < 4; ++i) sums[row] += codes[4 * row + i] * weights[i];
    }
    for (std::size_t row = 0; row < rows_per_block; ++row, ++scores, ++scales)
      *scores = static_cast<float>(sums[row] - query.bias) * (*scales * query.scale);
  }
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) void scan_avx2(const scan_query& query, const std::uint8_t* codes, const float* scales,
                                               std::size_t blocks, float* scores) noexcept {
  const __m256i flip = _mm256_set1_epi8(static_cast<char>(0x80));
  const __m256i ones = _mm256_set1_epi16(1);
  const __m256 query_scale = _mm256_set1_ps(query.scale);
  for (std::size_t block = 0; block < blocks; ++block) {
    __m256i low = _mm256_setzero_si256();
    __m256i high = _mm256_setzero_si256();
    for (std::size_t group = 0; group < query.group_count; ++group, codes += 4 * rows_per_block) {
      const __m256i weights = _mm256_set1_epi32(query.groups[group]);
      const __m256i magnitude = _mm256_abs_epi8(weights);
      const auto* source = reinterpret_cast<const __m256i*>(codes);
      // Codes stay within ±127, so the 16-bit pair sums cannot saturate.
      const __m256i first = _mm256_sign_epi8(_mm256_xor_si256(_mm256_loadu_si256(source), flip), weights);
      const __m256i second = _mm256_sign_epi8(_mm256_xor_si256(_mm256_loadu_si256(source + 1), flip), weights);
      low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, first), ones));
      high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, second), ones));
    }
    for (const __m256i sum : {low, high}) {
      const __m256 scale = _mm256_mul_ps(_mm256_loadu_ps(scales), query_scale);
      _mm256_storeu_ps(scores, _mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale));
      scales += 8;
      scores += 8;
    }
  }
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) void scan_avx512(const scan_query& query,
                                                                                 const std::uint8_t* codes,
                                                                                 const float* scales,
                                                                                 std::size_t blocks,
                                                                                 float* scores) noexcept {
  const __m512i bias = _mm512_set1_epi32(query.bias);
  const __m512 query_scale = _mm512_set1_ps(query.scale);
  const std::size_t stride = query.group_count * 4 * rows_per_block;
  const auto finish = [&](__m512i sum) __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) {
    const __m512 scale = _mm512_mul_ps(_mm512_loadu_ps(scales), query_scale);
    _mm512_storeu_ps(scores, _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(sum, bias)), scale));
    scales += rows_per_block;
    scores += rows_per_block;
  };
  std::size_t block = 0;
  // Four blocks at a time hide the latency of the multiply-add.
  for (; block + 4 <= blocks; block += 4, codes += 4 * stride) {
    __m512i sum0 = _mm512_setzero_si512(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    const std::uint8_t* source = codes;
    for (std::size_t group = 0; group < query.group_count; ++group, source += 64) {
      const __m512i weights = _mm512_set1_epi32(query.groups[group]);
      sum0 = _mm512_dpbusd_epi32(sum0, _mm512_loadu_si512(source), weights);
      sum1 = _mm512_dpbusd_epi32(sum1, _mm512_loadu_si512(source + stride), weights);
      sum2 = _mm512_dpbusd_epi32(sum2, _mm512_loadu_si512(source + 2 * stride), weights);
      sum3 = _mm512_dpbusd_epi32(sum3, _mm512_loadu_si512(source + 3 * stride), weights);
    }
    finish(sum0);
    finish(sum1);
    finish(sum2);
    finish(sum3);
  }
  for (; block < blocks; ++block, codes += stride) {
    __m512i sum = _mm512_setzero_si512();
    for (std::size_t group = 0; group < query.group_count; ++group)
      sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(codes + 64 * group), _mm512_set1_epi32(query.groups[group]));
    finish(sum);
  }
}

#endif

}  // namespace

const char* to_string(scan_kernel kernel) noexcept {
  switch (kernel) {
    case scan_kernel::avx512_vnni: return "avx512-vnni";
    case scan_kernel::avx2: return "avx2";
    case scan_kernel::scalar: break;
  }
  return "scalar";
}

bool available(scan_kernel kernel) noexcept {
#if defined(__x86_64__)
  if (kernel == scan_kernel::avx512_vnni)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
           && __builtin_cpu_supports("avx512vnni");
  if (kernel == scan_kernel::avx2) return __builtin_cpu_supports("avx2");
#endif
  return kernel == scan_kernel::scalar;
}

scan_kernel best_scan_kernel() noexcept {
  static const scan_kernel best = available(scan_kernel::avx512_vnni) ? scan_kernel::avx512_vnni
                                  : available(scan_kernel::avx2)      ? scan_kernel::avx2
                                                                      : scan_kernel::scalar;
  return best;
}

void scan_blocks(scan_kernel kernel, const scan_query& query, const std::uint8_t* codes, const float* scales,
                 std::size_t blocks, float* scores) noexcept {
#if defined(__x86_64__)
  if (kernel == scan_kernel::avx512_vnni) return scan_avx512(query, codes, scales, blocks, scores);
  if (kernel == scan_kernel::avx2) return scan_avx2(query, codes, scales, blocks, scores);
#endif
  scan_scalar(query, codes, scales, blocks, scores);
}

}  // namespace troupe::storage
