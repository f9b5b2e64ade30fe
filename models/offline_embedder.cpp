#include "models/offline_embedder.hpp"

#include "models/question_words.hpp"
#include "models/words.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::models {
namespace {

constexpr std::uint32_t unknown_bit = 0x80000000;  // of a term the table does not have
constexpr std::uint32_t no_term = 0xffffffff;      // not of any text
constexpr std::size_t most_terms = 64;             // of a text
constexpr std::size_t most_question_terms = 24;

/// Zipf: the word of rank r has the frequency 1 / ((r + 2.7) H), H so that all sum to 1.
float frequency(std::uint32_t rank) noexcept {
  return 1.0f / ((static_cast<float>(rank) + 2.7f) * 10.4f);
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
      for (std::size_t i = 0; i < length; ++i) state = scramble(state ^ static_cast<unsigned char>(framed[begin + i]));
      for (int i = 0; i < 6; ++i) {
        state = scramble(state);
        direction[(state >> 8) % dimensions] += state & 1 ? 1.0f : -1.0f;
      }
    }
  }
  normalise(direction);
  return direction;
}

std::uint32_t unknown_term(std::string_view word) noexcept {
  std::uint64_t state = 0;
  for (char c : word) state = scramble(state ^ static_cast<unsigned char>(c));
  return unknown_bit | static_cast<std::uint32_t>(state % (no_term ^ unknown_bit));
}

std::vector<std::string> split_at_hyphens(std::string word) {
  std::replace(word.begin(), word.end(), '-', ' ');
  return split_words(word);
}

}  // namespace

/// Word-to-word cosines, the best for every word of either side.
class offline_embedder::comparison final : public word_comparison {
 public:
  explicit comparison(const offline_embedder& embedder) : embedder_(embedder) {}

  void add_term(std::uint32_t term) {
    asked each{term, {}, embedder_.term_weight(term), 1};
    if ((term & unknown_bit) == 0) each.probe = embedder_.probe_for({&term, 1});
    add(std::move(each));
  }

  /// `words` stand for one: what lies in the middle of them.
  void add_answers(const std::vector<std::uint32_t>& words) {
    const auto& settings = embedder_.settings_;
    add({no_term, embedder_.probe_for(words), settings.answer_weight, settings.answer_share});
  }

  bool empty() const noexcept { return asked_.empty(); }

  float score(std::span<const std::uint32_t> terms) const override {
    float best_of_asked[most_question_terms] = {};
    float found = 0;
    float possible = 0;
    for (const std::uint32_t term : terms) {
      const bool known = (term & unknown_bit) == 0;
      const auto word = known ? embedder_.space_.look_up(term) : word_space::looked_up();
      float best = 0;
      for (std::size_t i = 0; i < asked_.size(); ++i) {
        float likeness = asked_[i].term == term ? 1.0f : 0.0f;
        if (likeness == 0 && known && !asked_[i].probe.codes.empty())
          likeness = word_space::cosine(asked_[i].probe, word);
        best_of_asked[i] = std::max(best_of_asked[i], likeness);
        best = std::max(best, likeness * asked_[i].share);
      }
      const float weight = embedder_.term_weight(term);
      found += weight * best;
      possible += weight;
    }
    if (possible <= 0) return 0;
    float answered = 0;
    for (std::size_t i = 0; i < asked_.size(); ++i) answered += asked_[i].weight * best_of_asked[i];
    return std::clamp(0.5f * (answered / weight_ + found / possible), 0.0f, 1.0f);
  }

 private:
  struct asked {
    std::uint32_t term = 0;
    word_space::probe probe;  ///< none for a word the table does not have
    float weight = 0;
    float share = 1;  ///< of its likeness that counts for the text's words
  };

  void add(asked each) {
    if (asked_.size() == most_question_terms || each.weight <= 0) return;
    weight_ += each.weight;
    asked_.push_back(std::move(each));
  }

  const offline_embedder& embedder_;
  std::vector<asked> asked_;
  float weight_ = 0;
};

offline_embedder::offline_embedder(const offline_embedder_settings& settings, const word_table& table)
    : settings_(settings), space_(table, settings.components) {}

float offline_embedder::weight(std::uint32_t rank) const noexcept {
  return settings_.a / (settings_.a + frequency(rank));
}

float offline_embedder::term_weight(std::uint32_t term) const noexcept {
  return (term & unknown_bit) != 0 ? 1.0f : weight(term);
}

/// The table's word for `word` or for one of its forms.
std::optional<std::uint32_t> offline_embedder::known(const std::string& word) const {
  if (const auto rank = space_.table().rank(word)) return rank;
  for (const std::string& form : base_forms(word))
    if (const auto rank = space_.table().rank(form)) return rank;
  return std::nullopt;
}

/// Calls `visit(word, rank)` for what a word of a text consists of. Function
/// words are passed over.
template <class Visitor>
void offline_embedder::for_each_part(const std::string& word, const Visitor& visit) const {
  if (is_function_word(word)) return;
  if (const auto rank = space_.table().rank(word)) return visit(word, rank);
  if (const auto mark = word.find('\''); mark != std::string::npos) {
    // "don't", "we're": what precedes the mark is a function word or a name.
    const std::string front = word.substr(0, mark);
    const auto rank = space_.table().rank(front);
    if (rank && !is_function_word(front)) visit(front, rank);
    return;
  }
  if (word.find('-') != std::string::npos) {
    for (const std::string& part : split_at_hyphens(word)) for_each_part(part, visit);
    return;
  }
  visit(word, known(word));
}

expected<std::vector<float>> offline_embedder::embed(std::string_view text) const {
  std::vector<float> sum(dimensions(), 0.0f);
  for (const std::string& word : split_words(text))
    for_each_part(word, [&](const std::string& part, std::optional<std::uint32_t> rank) {
      if (rank) return space_.add(*rank, weight(*rank), sum);
      const std::vector<float> direction = n_gram_direction(part, sum.size());
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += settings_.unknown_weight * direction[i];
    });
  if (!normalise(sum)) return std::vector<float>(dimensions(), 0.0f);
  const std::vector<float> whole = sum;
  space_.remove_shared(sum);
  return normalise(sum) ? sum : whole;
}

void offline_embedder::add_terms(const std::string& word, std::vector<std::uint32_t>& terms) const {
  for_each_part(word, [&](const std::string& part, std::optional<std::uint32_t> rank) {
    const std::uint32_t term = rank ? *rank : unknown_term(part);
    if (terms.size() < most_terms && std::find(terms.begin(), terms.end(), term) == terms.end()) terms.push_back(term);
  });
}

std::vector<std::uint32_t> offline_embedder::terms(std::string_view text) const {
  std::vector<std::uint32_t> terms;
  for (const std::string& word : split_words(text)) add_terms(word, terms);
  terms.shrink_to_fit();
  return terms;
}

word_space::probe offline_embedder::probe_for(std::span<const std::uint32_t> ranks) const {
  std::vector<float> sum(dimensions(), 0.0f);
  for (const std::uint32_t rank : ranks) space_.add(rank, 1, sum);
  space_.remove_shared(sum);
  return space_.prepare(sum);
}

std::unique_ptr<const word_comparison> offline_embedder::compare(std::string_view question) const {
  const std::vector<std::string> words = split_words(question);
  std::vector<std::uint32_t> terms;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (!belongs_to_asking(words, i)) add_terms(words[i], terms);
  auto result = std::make_unique<comparison>(*this);
  std::vector<std::uint32_t> answers;
  for (const std::string_view word : words_of_answers(words))
    if (const auto rank = space_.table().rank(word)) answers.push_back(*rank);
  if (!answers.empty()) result->add_answers(answers);
  for (const std::uint32_t term : terms) result->add_term(term);
  if (result->empty()) return nullptr;
  return result;
}

}  // namespace troupe::models
