#pragma once

/// \file
/// Finds the texts of one memory space that a word of a query occurs in
/// (DESIGN §7, Luna contract 10.1).
///
/// Two questions, two answers:
///   * `matches`: every record a plain term match finds: any term of the
///     query, split at white space, is a substring of the text, case aside.
///   * `rank`: the best by what the words say: rarer words count more, whole
///     words (in any inflection) more than parts of words, function words
///     nothing.
///
/// One, two and three bytes in a row of every text lead to the records they
/// occur in, so that a term of up to three bytes is answered outright and a
/// longer one by checking the records its rarest three bytes occur in.
///
/// Ownership: copies texts. Thread safety: none, not even for two readers
/// (`rank` uses one scratch area); owned by one actor.
/// Cost: `put` and `remove` a set operation per byte of text; `rank` the
/// number of records its words occur in.

#include "storage/word_index_postings.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::storage {

struct word_hit {
  std::uint64_t id = 0;
  float score = 0;
  bool operator==(const word_hit&) const = default;
};

class word_index {
 public:
  using filter = std::function<bool(std::uint64_t id)>;

  /// Adds the text of `id`, or replaces it.
  void put(std::uint64_t id, std::string_view text);

  /// Returns whether `id` was there.
  bool remove(std::uint64_t id);
  void clear();

  /// Ids of all records a plain term match finds, ascending.
  std::vector<std::uint64_t> matches(std::string_view query) const;

  /// Whether a plain term match of `query` finds `id`.
  bool matches(std::uint64_t id, std::string_view query) const;

  /// The `limit` best-scoring records that `accept` lets through, best first,
  /// equal scores by id, highest (newest) first.
  std::vector<word_hit> rank(std::string_view query, std::size_t limit, const filter& accept = {}) const;

  std::size_t size() const noexcept { return rows_of_.size(); }
  std::size_t memory_bytes() const noexcept;

 private:
  using gram = std::uint32_t;  ///< the length's byte, then up to three of text

  static gram gram_of(std::string_view bytes) noexcept;
  static std::vector<gram> grams_of(std::string_view text, std::size_t shortest);
  const postings* find_gram(gram key) const;
  template <class Visitor>
  void for_each_with(std::string_view term, std::size_t most_checks, Visitor visit) const;
  void add_scores(const std::string& word) const;
  void add_score(std::uint32_t row, float score) const;

  struct row_text {
    std::uint64_t id = 0;
    std::string folded;
  };

  std::vector<row_text> rows_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::uint64_t, std::uint32_t> rows_of_;
  std::unordered_map<gram, postings> grams_;
  std::unordered_map<std::string, postings> words_;
  mutable std::vector<float> scores_;          ///< by row; all zero between calls
  mutable std::vector<std::uint32_t> scored_;  ///< rows with a score
};

}  // namespace troupe::storage
