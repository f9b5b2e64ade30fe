#include "storage/vector_index.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

namespace troupe::storage {
namespace {

constexpr std::size_t blocks_per_step = 64;  // scores of a step stay in the first-level cache
constexpr float largest_code = 127;

struct quantised {
  std::vector<std::int32_t> groups;
  float scale = 0;
  float norm = 0;   // of the decoded vector
  float error = 0;  // distance from the decoded vector
  std::int32_t sum = 0;
};

float scale_of(std::span<const float> vector) noexcept {
  float largest = 0;
  for (float value : vector) largest = std::max(largest, std::fabs(value));
  return largest / largest_code;
}

std::int32_t code_of(float value, float scale) noexcept {
  if (scale == 0) return 0;
  return static_cast<std::int32_t>(std::clamp(std::nearbyint(value / scale), -largest_code, largest_code));
}

quantised quantise(std::span<const float> vector) {
  quantised result;
  result.scale = scale_of(vector);
  result.groups.assign((vector.size() + 3) / 4, 0);
  double norm = 0;
  double error = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const std::int32_t code = code_of(vector[i], result.scale);
    reinterpret_cast<std::int8_t*>(result.groups.data())[i] = static_cast<std::int8_t>(code);
    result.sum += code;
    const double decoded = static_cast<double>(code) * result.scale;
    norm += decoded * decoded;
    error += (decoded - vector[i]) * (decoded - vector[i]);
  }
  result.norm = static_cast<float>(std::sqrt(norm));
  result.error = static_cast<float>(std::sqrt(error));
  return result;
}

/// Vectors grow by a quarter: doubling would cost a large space too much.
template <class T>
void grow(std::vector<T>& values, std::size_t size) {
  if (size > values.capacity()) values.reserve(std::max(size, values.capacity() + values.capacity() / 4));
  values.resize(size);
}

bool better(const vector_hit& a, const vector_hit& b) noexcept {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.id < b.id;
}

}  // namespace

float dot(std::span<const float> a, std::span<const float> b) noexcept {
  float sums[8] = {};
  const std::size_t size = std::min(a.size(), b.size());
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8)
    for (std::size_t j = 0; j < 8; ++j) sums[j] += a[i + j] * b[i + j];
  for (; i < size; ++i) sums[i % 8] += a[i] * b[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

vector_index::vector_index(std::size_t dimensions, scan_kernel kernel)
    : dimensions_(dimensions), groups_((dimensions + 3) / 4), kernel_(kernel) {}

expected<void> vector_index::put(std::uint64_t id, std::span<const float> vector) {
  if (vector.empty() || vector.size() > max_dimensions)
    return failure{failure_kind::invalid, "embedding: must have 1 to " + std::to_string(max_dimensions)
                                              + " dimensions, has " + std::to_string(vector.size())};
  if (dimensions_ != 0 && vector.size() != dimensions_)
    return failure{failure_kind::invalid, "embedding: must have " + std::to_string(dimensions_)
                                              + " dimensions like the rest of its space, has "
                                              + std::to_string(vector.size())};
  const float square = dot(vector, vector);
  if (!(square > 0.98f && square < 1.02f)) return failure{failure_kind::invalid, "embedding: must be of unit length"};
  if (dimensions_ == 0) {
    dimensions_ = vector.size();
    groups_ = (dimensions_ + 3) / 4;
  }
  const auto found = slots_.find(id);
  if (found == slots_.end()) append_row(id);
  write(found == slots_.end() ? ids_.size() - 1 : found->second, vector);
  return {};
}

void vector_index::append_row(std::uint64_t id) {
  const std::size_t slot = ids_.size();
  grow(ids_, slot + 1);
  ids_[slot] = id;
  grow(rows_, (slot + 1) * dimensions_);
  if (slot % rows_per_block == 0) {
    grow(codes_, (slot + rows_per_block) * groups_ * 4);
    grow(scales_, slot + rows_per_block);
  }
  slots_.emplace(id, static_cast<std::uint32_t>(slot));
}

std::uint8_t* vector_index::code(std::size_t slot, std::size_t group) noexcept {
  const std::size_t block = slot / rows_per_block;
  return &codes_[((block * groups_ + group) * rows_per_block + slot % rows_per_block) * 4];
}

std::span<const float> vector_index::row(std::size_t slot) const noexcept {
  return {&rows_[slot * dimensions_], dimensions_};
}

void vector_index::write(std::size_t slot, std::span<const float> vector) {
  std::copy(vector.begin(), vector.end(), rows_.begin() + static_cast<std::ptrdiff_t>(slot * dimensions_));
  const quantised value = quantise(vector);
  scales_[slot] = value.scale;
  error_ = std::max(error_, value.error);
  norm_ = std::max(norm_, std::sqrt(dot(vector, vector)));
  for (std::size_t group = 0; group < groups_; ++group) {
    const auto* source = reinterpret_cast<const std::int8_t*>(&value.groups[group]);
    std::uint8_t* target = code(slot, group);
    for (std::size_t i = 0; i < 4; ++i) target[i] = static_cast<std::uint8_t>(source[i] + 128);
  }
}

bool vector_index::remove(std::uint64_t id) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return false;
  const std::size_t slot = found->second;
  const std::size_t last = ids_.size() - 1;
  slots_.erase(found);
  if (slot != last) move_row(last, slot);
  ids_.pop_back();
  rows_.resize(last * dimensions_);
  if (last % rows_per_block == 0) {
    codes_.resize(last * groups_ * 4);
    scales_.resize(last);
  }
  return true;
}

void vector_index::move_row(std::size_t from, std::size_t to) {
  std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(from * dimensions_), dimensions_,
              rows_.begin() + static_cast<std::ptrdiff_t>(to * dimensions_));
  for (std::size_t group = 0; group < groups_; ++group) std::memcpy(code(to, group), code(from, group), 4);
  scales_[to] = scales_[from];
  ids_[to] = ids_[from];
  slots_[ids_[to]] = static_cast<std::uint32_t>(to);
}

void vector_index::clear() {
  *this = vector_index(0, kernel_);
}

/// Every row whose true score may be among the `k` best, and some more.
std::vector<vector_index::candidate> vector_index::scan(std::span<const float> query, std::size_t k,
                                                        const filter& accept) const {
  const quantised value = quantise(query);
  const scan_query prepared{value.groups.data(), groups_, 128 * value.sum, value.scale};
  // Row x = x' + e and query q = q' + f, primes decoded: x·q - x'·q' = e·q' + x·f.
  const float rounding = 2e-7f * (static_cast<float>(dimensions_) + 50);
  const float margin = 2 * (error_ * value.norm + norm_ * value.error + rounding * std::max(1.0f, value.norm));
  const std::size_t limit = 4 * k + 256;
  std::vector<candidate> kept;
  kept.reserve(limit + 1);
  float threshold = -INFINITY;
  const auto higher = [](const candidate& a, const candidate& b) { return a.score > b.score; };
  const auto tighten = [&] {
    if (kept.size() <= k) return;
    std::nth_element(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(k - 1), kept.end(), higher);
    threshold = kept[k - 1].score - margin;
    std::erase_if(kept, [&](const candidate& entry) { return entry.score < threshold; });
  };
  std::size_t next_tightening = limit;
  float scores[blocks_per_step * rows_per_block];
  for (std::size_t begin = 0; begin < ids_.size(); begin += blocks_per_step * rows_per_block) {
    const std::size_t count = std::min(blocks_per_step * rows_per_block, ids_.size() - begin);
    scan_blocks(kernel_, prepared, &codes_[begin * groups_ * 4], &scales_[begin],
                (count + rows_per_block - 1) / rows_per_block, scores);
    for (std::size_t i = 0; i < count; ++i) {
      if (scores[i] < threshold) continue;
      if (accept && !accept(ids_[begin + i])) continue;
      kept.push_back({scores[i], static_cast<std::uint32_t>(begin + i)});
      if (kept.size() < next_tightening) continue;
      tighten();
      next_tightening = std::max(limit, 2 * kept.size());
    }
  }
  tighten();
  return kept;
}

std::vector<vector_hit> vector_index::search(std::span<const float> query, std::size_t k, const filter& accept) const {
  std::vector<vector_hit> hits;
  if (k == 0 || ids_.empty() || query.size() != dimensions_ || !std::isfinite(dot(query, query))) return hits;
  k = std::min(k, ids_.size());
  const std::vector<candidate> candidates = scan(query, k, accept);
  hits.reserve(candidates.size());
  for (const candidate& entry : candidates) hits.push_back({ids_[entry.slot], dot(row(entry.slot), query)});
  const std::size_t count = std::min(k, hits.size());
  std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(count), hits.end(), better);
  hits.resize(count);
  return hits;
}

std::span<const float> vector_index::find(std::uint64_t id) const {
  const auto found = slots_.find(id);
  return found == slots_.end() ? std::span<const float>() : row(found->second);
}

std::optional<float> vector_index::similarity(std::uint64_t id, std::span<const float> query) const {
  const auto found = slots_.find(id);
  if (found == slots_.end() || query.size() != dimensions_) return std::nullopt;
  return dot(row(found->second), query);
}

std::size_t vector_index::memory_bytes() const noexcept {
  // A look-up entry is a list node of 24 bytes, in a 32-byte allocation.
  return sizeof(*this) + ids_.capacity() * sizeof(std::uint64_t) + rows_.capacity() * sizeof(float) + codes_.capacity()
         + scales_.capacity() * sizeof(float) + slots_.size() * 32 + slots_.bucket_count() * sizeof(void*);
}

}  // namespace troupe::storage
