#include "storage/recall_index.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::storage {
namespace {

constexpr std::size_t least_candidates = 64;  // from each of the two rankings
constexpr std::size_t least_compared = 256;   // by similarity, where words are compared afterwards
constexpr std::size_t most_results = 1000;
constexpr double ms_per_day = 86'400'000;

bool is_zero(std::span<const float> vector) {
  return std::all_of(vector.begin(), vector.end(), [](float value) { return value == 0; });
}

}  // namespace

struct recall_index::ranked {
  std::uint64_t id = 0;
  const entry* stored = nullptr;
  float score = 0;
  float similarity = 0;  ///< of the vectors
  float likeness = 0;    ///< word by word
  float closeness = 0;   ///< what the ranking by similarity goes by
  float words = 0;       ///< of the word match; 0 without one
  bool matched() const noexcept { return words > 0; }
};

recall_index::recall_index(const recall_weights& weights, std::shared_ptr<const embedder> embed)
    : weights_(weights), embedder_(std::move(embed)) {}

expected<void> recall_index::put(memory_record record) {
  if (record.id == 0) return failure{failure_kind::invalid, "id: must not be 0"};
  if (is_zero(record.embedding)) {
    vectors_.remove(record.id);
  } else if (auto stored = vectors_.put(record.id, record.embedding); stored.has_error()) {
    return stored.error();
  }
  record.embedding = {};
  words_.put(record.id, record.text);
  const std::uint64_t id = record.id;
  std::vector<std::uint32_t> terms = embedder_ ? embedder_->terms(record.text) : std::vector<std::uint32_t>();
  records_.insert_or_assign(id, entry{std::move(record), std::move(terms)});
  return {};
}

expected<void> recall_index::set_embedding(std::uint64_t id, std::string_view embedder, std::span<const float> vector) {
  const auto found = records_.find(id);
  if (found == records_.end()) return failure{failure_kind::not_found, "there is no memory " + std::to_string(id)};
  if (is_zero(vector)) {
    vectors_.remove(id);
  } else if (auto stored = vectors_.put(id, vector); stored.has_error()) {
    return stored.error();
  }
  found->second.record.embedder = embedder;
  return {};
}

std::vector<std::uint64_t> recall_index::drop_embeddings() {
  vectors_.clear();
  std::vector<std::uint64_t> ids;
  ids.reserve(records_.size());
  for (auto& [id, entry] : records_) {
    entry.record.embedder.clear();
    ids.push_back(id);
  }
  return ids;
}

bool recall_index::remove(std::uint64_t id) {
  vectors_.remove(id);
  words_.remove(id);
  return records_.erase(id) == 1;
}

void recall_index::clear() {
  records_.clear();
  vectors_.clear();
  words_.clear();
}

const memory_record* recall_index::find(std::uint64_t id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second.record;
}

bool recall_index::accepts(std::uint64_t id, const recall_options& options) const {
  const memory_record& record = records_.at(id).record;
  return record.importance >= options.min_importance && (options.kind.empty() || record.kind == options.kind);
}

float recall_index::similarity(std::uint64_t id, std::span<const float> vector) const {
  return vectors_.similarity(id, vector).value_or(0.0f);
}

/// What the words say decides; vectors and word match help where that is little.
void recall_index::compare_words(const word_comparison& question, std::vector<ranked>& candidates) const {
  const float rare_word = std::log(1 + static_cast<float>(records_.size()));
  // Looked up in one go and scored in another: the processor waits for many
  // records' memory at once.
  for (ranked& candidate : candidates) {
    candidate.stored = &records_.at(candidate.id);
    __builtin_prefetch(candidate.stored->terms.data());
  }
  for (ranked& candidate : candidates) {
    candidate.likeness = question.score(candidate.stored->terms);
    candidate.closeness = candidate.likeness + weights_.vector_share * candidate.similarity
                          + weights_.word_share * candidate.words / rare_word;
  }
}

/// Adds each candidate's share for its rank by `value`; 0 is no rank. Equal
/// values share a rank, or chance would order them.
void recall_index::add_rank_shares(std::vector<ranked>& candidates, float weight, float ranked::*value) const {
  std::sort(candidates.begin(), candidates.end(),
            [value](const ranked& a, const ranked& b) { return a.*value > b.*value; });
  std::size_t rank = 0;
  for (std::size_t i = 0; i < candidates.size() && candidates[i].*value > 0; ++i) {
    if (i == 0 || candidates[i].*value != candidates[i - 1].*value) rank = i + 1;
    candidates[i].score += weight / (weights_.rank_offset + static_cast<float>(rank));
  }
}

/// The union of both rankings with their fused score.
std::vector<recall_index::ranked> recall_index::fuse(std::string_view query, std::span<const float> vector,
                                                     const recall_options& options) const {
  const auto question = embedder_ && !vector.empty() ? embedder_->compare(query) : nullptr;
  const std::size_t limit = std::max<std::size_t>(least_candidates, std::size_t{options.k} * 2);
  const bool filtered = options.min_importance > 0 || !options.kind.empty();
  const auto accept = [&](std::uint64_t id) { return accepts(id, options); };
  std::vector<ranked> candidates;
  const std::size_t closest = question ? std::max(limit, least_compared) : limit;
  for (const auto& [id, similarity] : vectors_.search(vector, closest, filtered ? accept : vector_index::filter{}))
    candidates.push_back({.id = id, .similarity = similarity, .closeness = similarity});
  std::sort(candidates.begin(), candidates.end(), [](const ranked& a, const ranked& b) { return a.id < b.id; });
  const std::size_t similar = candidates.size();
  for (const auto& [id, score] : words_.rank(query, limit, filtered ? accept : word_index::filter{})) {
    const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(similar);
    const auto position = std::lower_bound(candidates.begin(), end, id,
                                           [](const ranked& a, std::uint64_t sought) { return a.id < sought; });
    if (position != end && position->id == id) {
      position->words = score;
    } else {
      candidates.push_back({.id = id, .similarity = similarity(id, vector), .words = score});
    }
  }
  if (question) compare_words(*question, candidates);
  add_rank_shares(candidates, weights_.similarity, &ranked::closeness);
  if (!question) add_rank_shares(candidates, weights_.words, &ranked::words);
  std::erase_if(candidates, [&](const ranked& candidate) {
    return !candidate.matched() && std::max(candidate.similarity, candidate.likeness) < options.min_similarity;
  });
  if (candidates.size() > 2 * limit) {
    // Importance and age cannot bring up what is this far behind.
    const auto last = candidates.begin() + static_cast<std::ptrdiff_t>(2 * limit);
    std::nth_element(candidates.begin(), last, candidates.end(),
                     [](const ranked& a, const ranked& b) { return a.score > b.score; });
    candidates.erase(last, candidates.end());
  }
  return candidates;
}

void recall_index::weigh(std::vector<ranked>& candidates, std::int64_t now_ms) const {
  for (ranked& candidate : candidates) {
    const memory_record& record = records_.at(candidate.id).record;
    const std::int64_t changed = std::max(record.created_at, record.updated_at);
    const double age = static_cast<double>(std::max<std::int64_t>(0, now_ms - changed)) / ms_per_day;
    const auto freshness = static_cast<float>(std::exp2(-age / weights_.half_life_days));
    candidate.score *= 1 + weights_.importance * record.importance + weights_.recency * freshness;
  }
  std::sort(candidates.begin(), candidates.end(), [](const ranked& a, const ranked& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.id > b.id;
  });
}

/// Adds what a plain term match finds, the most important and newest first.
void recall_index::fill_up(std::string_view query, std::span<const float> vector, const recall_options& options,
                           std::vector<memory_hit>& hits) const {
  std::vector<const memory_record*> rest;
  for (std::uint64_t id : words_.matches(query)) {
    const bool taken =
        std::any_of(hits.begin(), hits.end(), [id](const memory_hit& hit) { return hit.record.id == id; });
    if (!taken && accepts(id, options)) rest.push_back(&records_.at(id).record);
  }
  const std::size_t count = std::min(rest.size(), options.k - hits.size());
  std::partial_sort(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count), rest.end(),
                    [](const memory_record* a, const memory_record* b) {
                      if (a->importance != b->importance) return a->importance > b->importance;
                      return a->updated_at != b->updated_at ? a->updated_at > b->updated_at : a->id > b->id;
                    });
  for (std::size_t i = 0; i < count; ++i) hits.push_back({*rest[i], 0, similarity(rest[i]->id, vector), true});
}

std::vector<memory_hit> recall_index::recall(std::string_view query, std::span<const float> vector,
                                             const recall_options& asked, std::int64_t now_ms) const {
  recall_options options = asked;
  options.k = std::min<std::uint32_t>(options.k, most_results);
  std::vector<memory_hit> hits;
  if (options.k == 0) return hits;
  std::vector<ranked> candidates = fuse(query, vector, options);
  weigh(candidates, now_ms);
  candidates.resize(std::min<std::size_t>(candidates.size(), options.k));
  hits.reserve(candidates.size());
  for (const ranked& candidate : candidates)
    hits.push_back({records_.at(candidate.id).record, candidate.score, candidate.similarity, candidate.matched()});
  if (hits.size() < options.k) fill_up(query, vector, options, hits);
  return hits;
}

std::optional<vector_hit> recall_index::nearest(std::span<const float> vector) const {
  const auto hits = vectors_.search(vector, 1);
  return hits.empty() ? std::nullopt : std::optional(hits.front());
}

std::vector<memory_record> recall_index::list(std::size_t limit, std::uint64_t before) const {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, record] : records_)
    if (before == 0 || id < before) ids.push_back(id);
  const std::size_t count = std::min(limit, ids.size());
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(), std::greater<>());
  std::vector<memory_record> records;
  for (std::size_t i = 0; i < count; ++i) records.push_back(records_.at(ids[i]).record);
  return records;
}

std::size_t recall_index::memory_bytes() const noexcept {
  const auto heap = [](const std::string& text) { return text.capacity() > 15 ? text.capacity() + 17 : 0; };
  std::size_t bytes = sizeof(*this) - sizeof(vectors_) - sizeof(words_) + vectors_.memory_bytes()
                      + words_.memory_bytes() + records_.bucket_count() * sizeof(void*);
  for (const auto& [id, entry] : records_) {
    const memory_record& record = entry.record;
    bytes += sizeof(entry) + 32 + (entry.terms.empty() ? 0 : entry.terms.capacity() * 4 + 16) + heap(record.text)
             + heap(record.kind) + heap(record.source) + heap(record.embedder)
             + record.metadata.capacity() * sizeof(record.metadata[0]);
    for (const auto& [key, value] : record.metadata) bytes += heap(key) + heap(value);
  }
  return bytes;
}

}  // namespace troupe::storage
