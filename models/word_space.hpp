#pragma once

/// \file
/// The word table's vectors with what all words have in common taken out:
/// their mean and strongest directions (Mu, Viswanath, All-but-the-top, 2018).
///
/// The table stays as it is: (word - mean) without the shared directions has
/// the same product with a vector free of those directions as (word - mean)
/// itself. So comparing takes one dot product of int8 codes and two constants.
///
/// Ownership: refers to the table, which must outlive it.
/// Thread safety: immutable. Errors: none.
/// Cost: construction some milliseconds; 4 bytes a word.

#include "models/word_table.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace troupe::models {

class word_space {
 public:
  word_space(const word_table& table, std::size_t components);

  const word_table& table() const noexcept { return table_; }
  std::size_t dimensions() const noexcept { return table_.dimensions(); }

  /// Adds `factor` × (the word's vector - the mean).
  void add(std::uint32_t rank, float factor, std::span<float> sum) const noexcept;
  /// Takes the shared directions out.
  void remove_shared(std::span<float> vector) const noexcept;

  /// A direction to compare words with.
  struct probe {
    std::vector<std::int8_t> codes;
    float scale = 0;
    float offset = 0;  ///< product with the mean
  };
  /// `direction` is free of the shared directions; its length does not matter.
  probe prepare(std::span<const float> direction) const;
  /// A word, looked up for several probes.
  struct looked_up {
    std::span<const std::int8_t> codes;
    float scale = 0;
    float inverse_length = 0;
  };
  looked_up look_up(std::uint32_t rank) const noexcept;
  /// The cosine between the probe and a word.
  static float cosine(const probe& probe, const looked_up& word) noexcept;

 private:
  void find_shared_directions(std::size_t components);
  void measure_lengths();

  const word_table& table_;
  std::vector<float> mean_;                 ///< of all words
  std::vector<std::vector<float>> shared_;  ///< orthonormal
  std::vector<float> inverse_lengths_;      ///< by rank, of what remains of a word; 0 for nothing
};

/// Scales to unit length; false if there is none to scale.
bool normalise(std::span<float> vector) noexcept;

}  // namespace troupe::models
