#include "models/word_space.hpp"

#include "models/code_product.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::models {
namespace {

constexpr std::uint32_t sample_step = 5;  // every fifth word stands for all
constexpr int power_rounds = 40;
constexpr float largest_code = 127;

float product(std::span<const float> a, std::span<const float> b) noexcept {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

bool normalise(std::span<float> vector) noexcept {
  double square = 0;
  for (float value : vector) square += static_cast<double>(value) * value;
  if (square < 1e-12) return false;
  const auto factor = static_cast<float>(1 / std::sqrt(square));
  for (float& value : vector) value *= factor;
  return true;
}

word_space::word_space(const word_table& table, std::size_t components) : table_(table) {
  find_shared_directions(components);
  measure_lengths();
}

/// Power iteration over the covariance of a sample of the words.
void word_space::find_shared_directions(std::size_t components) {
  const std::size_t size = dimensions();
  mean_.assign(size, 0.0f);
  std::vector<std::vector<float>> covariance(size, std::vector<float>(size));
  std::size_t count = 0;
  for (std::uint32_t rank = 0; rank < table_.size(); rank += sample_step, ++count) {
    std::vector<float> word(size);
    table_.add(rank, 1, word);
    for (std::size_t i = 0; i < size; ++i) {
      mean_[i] += word[i];
      const float weight = word[i];
      float* row = covariance[i].data();
      for (std::size_t j = 0; j < size; ++j) row[j] += weight * word[j];
    }
  }
  for (float& value : mean_) value /= static_cast<float>(std::max<std::size_t>(count, 1));
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j) covariance[i][j] -= static_cast<float>(count) * mean_[i] * mean_[j];
  while (shared_.size() < components && shared_.size() < size) {
    std::vector<float> direction(size, 1.0f);
    for (int round = 0; round < power_rounds; ++round) {
      std::vector<float> next(size);
      for (std::size_t i = 0; i < size; ++i) next[i] = product(covariance[i], direction);
      remove_shared(next);
      normalise(next);
      direction = std::move(next);
    }
    shared_.push_back(std::move(direction));
  }
}

/// |(w - m) without d...|² = |w|² - 2 w·m + |m|² - Σ ((w - m)·d)²: products of the word's codes only.
void word_space::measure_lengths() {
  std::vector<probe> probes{prepare(mean_)};
  for (const auto& direction : shared_) probes.push_back(prepare(direction));
  const float mean_square = product(mean_, mean_);
  inverse_lengths_.resize(table_.size());
  for (std::uint32_t rank = 0; rank < table_.size(); ++rank) {
    const auto codes = table_.codes(rank);
    const float scale = table_.scale(rank);
    const auto with = [&](const probe& direction) {
      return scale * direction.scale * static_cast<float>(code_product(direction.codes, codes));
    };
    const float own = scale * scale * static_cast<float>(code_product(codes, codes));
    // `prepare` scaled the mean to unit length.
    float square = own - 2 * std::sqrt(mean_square) * with(probes[0]) + mean_square;
    for (std::size_t i = 1; i < probes.size(); ++i) {
      const float share = with(probes[i]) - probes[i].offset;
      square -= share * share;
    }
    inverse_lengths_[rank] = square > 1e-6f ? 1 / std::sqrt(square) : 0.0f;
  }
}

void word_space::add(std::uint32_t rank, float factor, std::span<float> sum) const noexcept {
  table_.add(rank, factor, sum);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] -= factor * mean_[i];
}

void word_space::remove_shared(std::span<float> vector) const noexcept {
  for (const std::vector<float>& direction : shared_) {
    const float share = product(vector, direction);
    for (std::size_t i = 0; i < vector.size(); ++i) vector[i] -= share * direction[i];
  }
}

word_space::probe word_space::prepare(std::span<const float> direction) const {
  std::vector<float> unit(direction.begin(), direction.end());
  probe result;
  result.codes.assign(unit.size(), 0);
  if (!normalise(unit)) return result;
  float largest = 0;
  for (float value : unit) largest = std::max(largest, std::fabs(value));
  result.scale = largest / largest_code;
  for (std::size_t i = 0; i < unit.size(); ++i)
    result.codes[i] = static_cast<std::int8_t>(std::nearbyint(unit[i] / result.scale));
  result.offset = product(unit, mean_);
  return result;
}

word_space::looked_up word_space::look_up(std::uint32_t rank) const noexcept {
  return {table_.codes(rank), table_.scale(rank), inverse_lengths_[rank]};
}

float word_space::cosine(const probe& probe, const looked_up& word) noexcept {
  const auto sum = static_cast<float>(code_product(probe.codes, word.codes));
  return (probe.scale * word.scale * sum - probe.offset) * word.inverse_length;
}

}  // namespace troupe::models
