#pragma once

/// \file
/// One memory space in RAM: its records, found again by meaning and by words
/// (DESIGN §7, Luna contract 10.1).
///
/// A recall ranks records by similarity and by word match and fuses the two
/// ranks (reciprocal rank fusion: Cormack, Clarke, Büttcher, 2009), then
/// nudges by importance and age. Where the embedder compares word by word, that
/// score, with a share of the other two, ranks the candidates of both instead.
/// Hits found by similarity alone must reach `min_similarity`, by their vector
/// or word by word. While fewer than k are found, whatever a plain term match
/// finds fills up.
///
/// Ownership: copies records. Thread safety: none; owned by one memory actor.
/// Units: times in ms of the wall clock.
/// Errors: `put` answers `invalid` when the embedding does not fit the space.
/// Cost: `recall` one pass over the int8 codes of the space, a comparison word
/// by word with some hundred records, and the records the query's words occur in; the term match runs only to fill up.

#include "runtime/failure.hpp"
#include "runtime/messages/memory.hpp"
#include "runtime/ports/embedder.hpp"
#include "storage/vector_index.hpp"
#include "storage/word_index.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::storage {

/// What was tuned, on the tuning half of data/recall/pairs.tsv.
struct recall_weights {
  float similarity = 1.0f;
  float words = 0.6f;
  float rank_offset = 20.0f;  ///< the k of reciprocal rank fusion
  float vector_share = 0.1f;  ///< of the vectors' similarity, added to the score word by word
  float word_share = 0.05f;   ///< likewise of the word match, in which one rare word counts 1
  float importance = 0.10f;   ///< share of a score that full importance adds
  float recency = 0.05f;      ///< share of a score that being new adds
  double half_life_days = 30;
};

class recall_index {
 public:
  /// `embed`, if given, compares word by word; it made the embeddings.
  explicit recall_index(const recall_weights& weights = {}, std::shared_ptr<const embedder> embed = nullptr);

  /// Adds the record, or replaces the one of its id. An empty or all-zero
  /// embedding is allowed: such a record is found by words only. Nothing
  /// changes on an error.
  expected<void> put(memory_record record);

  /// Gives the record of `id` the vector that `embedder` made of its text; an
  /// empty or all-zero one takes it away. `not_found` without such a record.
  /// Nothing changes on an error.
  expected<void> set_embedding(std::uint64_t id, std::string_view embedder, std::span<const float> vector);
  /// Takes every record's vector away and forgets their dimension; returns all ids.
  std::vector<std::uint64_t> drop_embeddings();

  /// Returns whether `id` was there.
  bool remove(std::uint64_t id);
  void clear();

  /// The vector of `id` until the next change; empty without one.
  std::span<const float> embedding(std::uint64_t id) const { return vectors_.find(id); }

  /// The record without its embedding, until the next change.
  const memory_record* find(std::uint64_t id) const;

  /// Best first; at most `options.k`. An empty `vector` asks by words alone.
  std::vector<memory_hit> recall(std::string_view query, std::span<const float> vector, const recall_options& options,
                                 std::int64_t now_ms) const;

  /// The most similar record, to reinforce instead of storing a near-duplicate.
  std::optional<vector_hit> nearest(std::span<const float> vector) const;

  /// Records newest (highest id) first, below `before` (0: from the newest).
  std::vector<memory_record> list(std::size_t limit, std::uint64_t before = 0) const;

  std::size_t size() const noexcept { return records_.size(); }
  /// Records that have a vector.
  std::size_t embedded() const noexcept { return vectors_.size(); }
  std::size_t dimensions() const noexcept { return vectors_.dimensions(); }
  std::size_t memory_bytes() const noexcept;

 private:
  struct ranked;
  struct entry {
    memory_record record;
    std::vector<std::uint32_t> terms;  ///< as the embedder numbers them
  };

  bool accepts(std::uint64_t id, const recall_options& options) const;
  std::vector<ranked> fuse(std::string_view query, std::span<const float> vector, const recall_options& options) const;
  void weigh(std::vector<ranked>& candidates, std::int64_t now_ms) const;
  void fill_up(std::string_view query, std::span<const float> vector, const recall_options& options,
               std::vector<memory_hit>& hits) const;
  float similarity(std::uint64_t id, std::span<const float> vector) const;
  void compare_words(const word_comparison& question, std::vector<ranked>& candidates) const;
  void add_rank_shares(std::vector<ranked>& candidates, float weight, float ranked::*value) const;

  recall_weights weights_;
  std::shared_ptr<const embedder> embedder_;
  std::unordered_map<std::uint64_t, entry> records_;
  vector_index vectors_;
  word_index words_;
};

}  // namespace troupe::storage
