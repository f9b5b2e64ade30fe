#include "models/offline_embedder.hpp"

#include "models/words.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::models {
namespace {

constexpr std::uint32_t sample_step = 5;  // every fifth word stands for all
constexpr int power_rounds = 40;

/// Zipf: the word of rank r has the frequency 1 / ((r + 2.7) H), H so that all sum to 1.
float frequency(std::uint32_t rank) noexcept { return 1.0f / ((static_cast<float>(rank) + 2.7f) * 10.4f); }

bool normalise(std::vector<float>& vector) noexcept {
  double square = 0;
  for (float value : vector) square += static_cast<double>(value) * value;
  if (square < 1e-12) return false;
  const auto factor = static_cast<float>(1 / std::sqrt(square));
  for (float& value : vector) value *= factor;
  return true;
}

std::uint64_t scramble(std::uint64_t x) noexcept {  // splitmix64
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// A unit direction that words sharing n-grams share in part.
std::vector<float> n_gram_direction(std::string_view word, std::size_t dimensions) {
  std::vector<float> direction(dimensions, 0.0f);
  const std::string framed = "<" + std::string(word.substr(0, 64)) + ">";
  for (std::size_t length = 3; length <= 5; ++length) {
    for (std::size_t begin = 0; begin + length <= framed.size(); ++begin) {
      std::uint64_t state = length;
      for (std::size_t i = 0; i < length; ++i)
        state = scramble(state ^ static_cast<unsigned char>(framed[begin + i]));
      for (int i = 0; i < 6; ++i) {
        state = scramble(state);
        direction[(state >> 8) % dimensions] += state & 1 ? 1.0f : -1.0f;
      }
    }
  }
  normalise(direction);
  return direction;
}

}  // namespace

offline_embedder::offline_embedder(const offline_embedder_settings& settings, const word_table& table)
    : table_(table), settings_(settings) {
  find_shared_directions();
}

float offline_embedder::weight(std::uint32_t rank) const noexcept {
  return settings_.a / (settings_.a + frequency(rank));
}

/// Power iteration over the covariance of a sample of the words.
void offline_embedder::find_shared_directions() {
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
  while (shared_.size() < settings_.components && shared_.size() < size) {
    std::vector<float> direction(size, 1.0f);
    for (int round = 0; round < power_rounds; ++round) {
      std::vector<float> next(size);
      for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) next[i] += covariance[i][j] * direction[j];
      remove_shared(next);
      normalise(next);
      direction = std::move(next);
    }
    shared_.push_back(std::move(direction));
  }
}

void offline_embedder::remove_shared(std::vector<float>& vector) const {
  for (const std::vector<float>& direction : shared_) {
    float share = 0;
    for (std::size_t i = 0; i < vector.size(); ++i) share += vector[i] * direction[i];
    for (std::size_t i = 0; i < vector.size(); ++i) vector[i] -= share * direction[i];
  }
}

bool offline_embedder::add_known(std::string_view word, std::vector<float>& sum) const {
  const auto rank = table_.rank(word);
  if (!rank) return false;
  const float factor = (is_function_word(word) ? settings_.function_word_factor : 1.0f) * weight(*rank);
  table_.add(*rank, factor, sum);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] -= factor * mean_[i];
  return true;
}

void offline_embedder::add_word(const std::string& word, std::vector<float>& sum) const {
  if (add_known(word, sum)) return;
  if (const auto mark = word.find('\''); mark != std::string::npos) {
    // "don't", "we're": what precedes the mark is a function word or a name.
    add_known(word.substr(0, mark), sum);
    return;
  }
  if (word.find('-') != std::string::npos) {
    for (const std::string& part : split_words([&] {
           std::string spaced = word;
           for (char& c : spaced)
             if (c == '-') c = ' ';
           return spaced;
         }()))
      add_word(part, sum);
    return;
  }
  for (const std::string& form : base_forms(word))
    if (add_known(form, sum)) return;
  const std::vector<float> direction = n_gram_direction(word, sum.size());
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += settings_.unknown_weight * direction[i];
}

expected<std::vector<float>> offline_embedder::embed(std::string_view text) const {
  std::vector<float> sum(dimensions(), 0.0f);
  for (const std::string& word : split_words(text)) add_word(word, sum);
  if (!normalise(sum)) return std::vector<float>(dimensions(), 0.0f);
  const std::vector<float> whole = sum;
  remove_shared(sum);
  return normalise(sum) ? sum : whole;
}

}  // namespace troupe::models
