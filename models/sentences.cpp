#include "models/sentences.hpp"

#include "models/word_table.hpp"
#include "models/words.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::models {
namespace {

bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

float rarity(const std::string& word) {
  const auto& table = word_table::instance();
  const auto rank = table.rank(word).value_or(static_cast<std::uint32_t>(table.size()));
  return std::log(2.0f + static_cast<float>(rank));
}

/// "dogs" and "dog" in one form; whichever the table knows as more frequent.
std::string common_form(const std::string& word) {
  const auto& table = word_table::instance();
  for (const std::string& form : base_forms(word))
    if (table.rank(form)) return form;
  return word;
}

}  // namespace

std::vector<std::string> split_sentences(std::string_view text) {
  std::vector<std::string> sentences;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool stop = text[i] == '.' || text[i] == '!' || text[i] == '?';
    const bool end = text[i] == '\n' || i + 1 == text.size() || (stop && is_space(text[i + 1]));
    if (!end) continue;
    std::size_t from = begin;
    std::size_t to = i + 1;
    while (from < to && is_space(text[from])) ++from;
    while (to > from && is_space(text[to - 1])) --to;
    if (to > from) sentences.emplace_back(text.substr(from, to - from));
    begin = i + 1;
  }
  return sentences;
}

std::vector<std::string> content_words(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string& word : split_words(text)) {
    if (is_function_word(word)) continue;
    std::string form = common_form(word);
    if (std::find(words.begin(), words.end(), form) == words.end()) words.push_back(std::move(form));
    if (words.size() == 2000) break;  // enough of any text to judge by
  }
  return words;
}

float overlap(const std::vector<std::string>& words, std::string_view text) {
  const std::vector<std::string> others = content_words(text);
  float shared = 0;
  float all = 0;
  for (const std::string& word : words) {
    const float weight = rarity(word);
    all += weight;
    if (std::find(others.begin(), others.end(), word) != others.end()) shared += weight;
  }
  return all == 0 ? 0 : shared / all;
}

std::vector<std::string> key_words(std::string_view text, std::size_t most) {
  std::vector<std::string> words = content_words(text);
  std::erase_if(words, [](const std::string& word) { return word.size() < 3; });
  std::stable_sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return rarity(a) > rarity(b); });
  words.resize(std::min(words.size(), most));
  return words;
}

std::vector<std::string> definitions(std::string_view text, std::size_t most) {
  static constexpr std::string_view signs[] = {" is a ",      " is an ",       " is the ",       " are a ",
                                               " are the ",   " means ",       " refers to ",    " stands for ",
                                               " is called ", " consists of ", " is defined as "};
  std::vector<std::string> found;
  for (std::string& sentence : split_sentences(text)) {
    if (found.size() == most) break;
    const bool defines = std::any_of(std::begin(signs), std::end(signs), [&](std::string_view sign) {
      const auto at = sentence.find(sign);
      return at != std::string::npos && at <= 60;
    });
    if (defines && sentence.size() <= 300) found.push_back(std::move(sentence));
  }
  return found;
}

}  // namespace troupe::models
