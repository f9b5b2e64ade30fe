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
/// A mean of all words blurs the one that matters. So texts are also compared
/// word by word: every word of the question with the likest of the text and
/// the other way round ("late interaction": Khattab, Zaharia, ColBERT, 2020,
/// here with vectors that do not depend on context).
///
/// Ownership: the word table is part of the program image.
/// Thread safety: immutable; `embed` may be called from any thread.
/// Errors: none; text without words gives the zero vector.
/// Cost: construction some milliseconds, then about 0.1 µs a word; comparing,
/// some nanoseconds a pair of words.

#include "models/word_space.hpp"
#include "runtime/ports/embedder.hpp"

#include <optional>

namespace troupe::models {

/// What was tuned, on the tuning half of data/recall/pairs.tsv.
struct offline_embedder_settings {
  float a = 1e-3f;  ///< lower: frequent words count less
  float unknown_weight = 0.6f;
  std::size_t components = 6;  ///< how many shared directions are taken out
  float answer_weight = 0.5f;  ///< of the words of the answers that a question asks for
  float answer_share = 0.5f;   ///< of their likeness that counts for the text's words
};

class offline_embedder final : public embedder {
 public:
  /// `table` must outlive the embedder.
  explicit offline_embedder(const offline_embedder_settings& settings = {},
                            const word_table& table = word_table::instance());

  std::string id() const override { return "offline:glove-50k-100d:2"; }
  std::size_t dimensions() const override { return space_.dimensions(); }
  expected<std::vector<float>> embed(std::string_view text) const override;
  bool immediate() const override { return true; }
  std::vector<std::uint32_t> terms(std::string_view text) const override;
  std::unique_ptr<const word_comparison> compare(std::string_view question) const override;

 private:
  class comparison;

  float weight(std::uint32_t rank) const noexcept;
  float term_weight(std::uint32_t term) const noexcept;
  std::optional<std::uint32_t> known(const std::string& word) const;
  template <class Visitor>
  void for_each_part(const std::string& word, const Visitor& visit) const;
  void add_terms(const std::string& word, std::vector<std::uint32_t>& terms) const;
  word_space::probe probe_for(std::span<const std::uint32_t> ranks) const;

  offline_embedder_settings settings_;
  word_space space_;
};

}  // namespace troupe::models
