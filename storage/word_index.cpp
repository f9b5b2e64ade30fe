#include "storage/word_index.hpp"

#include "storage/word_index_text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace troupe::storage {
namespace {

constexpr std::size_t most_ranking_words = 48;   // of a long query, the rarest
constexpr std::size_t most_part_checks = 128;    // a commoner part of a word says little
constexpr std::size_t shortest_ranked_part = 4;  // bytes
constexpr float part_factor = 0.35f;             // of a whole word's score
constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

}  // namespace

word_index::gram word_index::gram_of(std::string_view bytes) noexcept {
  gram key = static_cast<gram>(bytes.size());
  for (char c : bytes) key = key << 8 | static_cast<unsigned char>(c);
  // 0x01aa, 0x02aabb or 0x03aabbcc: the length in front keeps them apart.
  return key;
}

/// Distinct runs of `shortest` to three bytes.
std::vector<word_index::gram> word_index::grams_of(std::string_view text, std::size_t shortest) {
  std::vector<gram> grams;
  grams.reserve(text.size() * (4 - shortest));
  for (std::size_t length = shortest; length <= 3; ++length)
    for (std::size_t i = 0; i + length <= text.size(); ++i) grams.push_back(gram_of(text.substr(i, length)));
  std::sort(grams.begin(), grams.end());
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  return grams;
}

void word_index::put(std::uint64_t id, std::string_view text) {
  remove(id);
  std::uint32_t row = static_cast<std::uint32_t>(rows_.size());
  if (free_.empty()) {
    rows_.emplace_back();
  } else {
    row = free_.back();
    free_.pop_back();
  }
  rows_[row] = {id, fold_case(text)};
  rows_[row].folded.shrink_to_fit();
  rows_of_.emplace(id, row);
  for (gram key : grams_of(rows_[row].folded, 1)) grams_[key].add(row);
  for (const std::string& word : ranking_words(rows_[row].folded)) words_[word].add(row);
}

bool word_index::remove(std::uint64_t id) {
  const auto found = rows_of_.find(id);
  if (found == rows_of_.end()) return false;
  const std::uint32_t row = found->second;
  const auto take = [row](auto& map, const auto& key) {
    const auto entry = map.find(key);
    entry->second.remove(row);
    if (entry->second.size() == 0) map.erase(entry);
  };
  for (gram key : grams_of(rows_[row].folded, 1)) take(grams_, key);
  for (const std::string& word : ranking_words(rows_[row].folded)) take(words_, word);
  rows_[row] = {};
  free_.push_back(row);
  rows_of_.erase(found);
  return true;
}

void word_index::clear() {
  *this = word_index();
}

const postings* word_index::find_gram(gram key) const {
  const auto found = grams_.find(key);
  return found == grams_.end() ? nullptr : &found->second;
}

/// Calls `visit` for every row whose text holds `term`; for none if more than
/// `most_checks` texts would have to be looked at.
template <class Visitor>
void word_index::for_each_with(std::string_view term, std::size_t most_checks, Visitor visit) const {
  if (term.size() <= 3) {
    if (const postings* rows = find_gram(gram_of(term)); rows && rows->size() <= most_checks) rows->for_each(visit);
    return;
  }
  std::vector<const postings*> lists;
  for (gram key : grams_of(term, 3)) {
    lists.push_back(find_gram(key));
    if (!lists.back()) return;
  }
  std::sort(lists.begin(), lists.end(), [](const auto* a, const auto* b) { return a->size() < b->size(); });
  if (lists.front()->size() > most_checks) return;
  lists.front()->for_each([&](std::uint32_t row) {
    if (lists.size() > 1 && !lists[1]->contains(row)) return;
    if (rows_[row].folded.find(term) != std::string::npos) visit(row);
  });
}

std::vector<std::uint64_t> word_index::matches(std::string_view query) const {
  std::vector<bool> found(rows_.size());
  for (const std::string& term : query_terms(query))
    for_each_with(term, unlimited, [&](std::uint32_t row) { found[row] = true; });
  std::vector<std::uint64_t> ids;
  for (std::size_t row = 0; row < found.size(); ++row)
    if (found[row]) ids.push_back(rows_[row].id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool word_index::matches(std::uint64_t id, std::string_view query) const {
  const auto found = rows_of_.find(id);
  if (found == rows_of_.end()) return false;
  const std::string& text = rows_[found->second].folded;
  const std::vector<std::string> terms = query_terms(query);
  return std::any_of(terms.begin(), terms.end(),
                     [&](const std::string& term) { return text.find(term) != std::string::npos; });
}

void word_index::add_score(std::uint32_t row, float score) const {
  if (scores_[row] == 0) scored_.push_back(row);
  scores_[row] += score;
}

void word_index::add_scores(const std::string& word) const {
  const auto rarity = [&](std::size_t count) {
    return std::log(1 + static_cast<float>(size()) / static_cast<float>(count));
  };
  const auto found = words_.find(word);
  const postings* whole = found == words_.end() ? nullptr : &found->second;
  if (word.size() >= shortest_ranked_part) {
    std::vector<std::uint32_t> parts;
    for_each_with(word, most_part_checks, [&](std::uint32_t row) {
      if (!whole || !whole->contains(row)) parts.push_back(row);
    });
    const float score = parts.empty() ? 0 : part_factor * rarity(parts.size() + (whole ? whole->size() : 0));
    for (std::uint32_t row : parts) add_score(row, score);
  }
  if (!whole) return;
  const float score = rarity(whole->size());
  whole->for_each([&](std::uint32_t row) { add_score(row, score); });
}

std::vector<word_hit> word_index::rank(std::string_view query, std::size_t limit, const filter& accept) const {
  std::vector<word_hit> hits;
  if (limit == 0) return hits;
  scores_.resize(rows_.size());
  std::vector<std::string> words = ranking_words(fold_case(query));
  if (words.size() > most_ranking_words) {
    const auto count = [&](const std::string& word) {
      const auto found = words_.find(word);
      return found == words_.end() ? 0 : found->second.size();
    };
    std::stable_sort(words.begin(), words.end(), [&](const auto& a, const auto& b) { return count(a) < count(b); });
    std::erase_if(words, [&](const std::string& word) { return count(word) == 0; });
    words.resize(std::min(words.size(), most_ranking_words));
  }
  for (const std::string& word : words) add_scores(word);
  const auto better = [](const word_hit& a, const word_hit& b) {
    return a.score != b.score ? a.score > b.score : a.id > b.id;
  };
  // `hits` is a heap with the worst in front. Backwards, since of equal scores
  // the newest win: forwards every one of them would pass through the heap.
  for (auto position = scored_.rbegin(); position != scored_.rend(); ++position) {
    const std::uint32_t row = *position;
    const word_hit hit{rows_[row].id, scores_[row]};
    scores_[row] = 0;
    if (hits.size() == limit && !better(hit, hits.front())) continue;
    if (accept && !accept(hit.id)) continue;
    if (hits.size() == limit) {
      std::pop_heap(hits.begin(), hits.end(), better);
      hits.pop_back();
    }
    hits.push_back(hit);
    std::push_heap(hits.begin(), hits.end(), better);
  }
  scored_.clear();
  std::sort_heap(hits.begin(), hits.end(), better);
  return hits;
}

std::size_t word_index::memory_bytes() const noexcept {
  std::size_t bytes = sizeof(*this) + rows_.capacity() * sizeof(row_text) + free_.capacity() * 4
                      + scores_.capacity() * 4 + scored_.capacity() * 4;
  for (const row_text& row : rows_)
    if (row.folded.capacity() > 15) bytes += row.folded.capacity() + 17;
  const auto map_bytes = [](const auto& map, std::size_t node) {
    return map.size() * node + map.bucket_count() * sizeof(void*);
  };
  bytes += map_bytes(rows_of_, 32) + map_bytes(grams_, 80) + map_bytes(words_, 112);
  for (const auto& [key, list] : grams_) bytes += list.memory_bytes();
  for (const auto& [key, list] : words_) bytes += list.memory_bytes();
  return bytes;
}

}  // namespace troupe::storage
