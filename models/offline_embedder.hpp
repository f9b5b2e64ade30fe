#pragma once

/// \file
/// The embedder that needs no network: a weighted mean of word vectors
/// (DESIGN §7).
///
/// A word counts a/(a+p), p its frequency by Zipf's law from its rank, so that
/// "the" hardly counts and "beagle" fully does ("smooth inverse frequency":
/// Arora, Liang, Ma, A simple but tough-to-beat baseline for sentence
/// embeddings, 2017). What all words have in common, their mean and strongest
/// directions, is taken out (Mu, Viswanath, All-but-the-top, 2018). A word the
/// table does not know in any form becomes a pseudo-random direction made
/// of its character n-grams, so that a name still finds itself.
///
/// Ownership: the word table is part of the program image.
/// Thread safety: immutable; `embed` may be called from any thread.
/// Errors: none; text without words gives the zero vector.
/// Cost: construction some milliseconds, then about 0.1 µs a word.

#include "models/word_table.hpp"
#include "runtime/ports/embedder.hpp"

namespace troupe::models {

/// What was tuned, on the tuning half of data/recall/pairs.tsv.
struct offline_embedder_settings {
  float a = 3e-3f;                   ///< lower: frequent words count less
  float function_word_factor = 0.0f; ///< on top of their frequency
  float unknown_weight = 0.6f;
  std::size_t components = 6;        ///< how many shared directions are taken out
};

class offline_embedder final : public embedder {
 public:
  /// `table` must outlive the embedder.
  explicit offline_embedder(const offline_embedder_settings& settings = {},
                            const word_table& table = word_table::instance());

  std::string id() const override { return "offline:glove-50k-100d:1"; }
  std::size_t dimensions() const override { return table_.dimensions(); }
  expected<std::vector<float>> embed(std::string_view text) const override;
  bool immediate() const override { return true; }

 private:
  float weight(std::uint32_t rank) const noexcept;
  void add_word(const std::string& word, std::vector<float>& sum) const;
  bool add_known(std::string_view word, std::vector<float>& sum) const;
  void find_shared_directions();
  void remove_shared(std::vector<float>& vector) const;

  const word_table& table_;
  offline_embedder_settings settings_;
  std::vector<float> mean_;                 ///< of all words
  std::vector<std::vector<float>> shared_;  ///< orthonormal
};

}  // namespace troupe::models
