#include "storage/word_index_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace troupe::storage {
namespace {

// Sorted: looked up by binary search.
constexpr std::array<std::string_view, 151> function_words = {
    "a",     "about",  "after",  "again",  "all",    "also",    "always", "am",     "an",    "and",     "any",
    "are",   "aren",   "as",     "at",     "be",     "because", "been",   "before", "being", "between", "both",
    "but",   "by",     "can",    "could",  "couldn", "d",       "did",    "didn",   "do",    "does",    "doesn",
    "doing", "don",    "down",   "during", "each",   "else",    "ever",   "few",    "for",   "from",    "further",
    "get",   "got",    "had",    "has",    "hasn",   "have",    "haven",  "having", "he",    "her",     "here",
    "hers",  "him",    "his",    "how",    "i",      "if",      "in",     "into",   "is",    "isn",     "it",
    "its",   "just",   "know",   "ll",     "m",      "me",      "mine",   "more",   "most",  "much",    "must",
    "my",    "myself", "no",     "nor",    "not",    "now",     "of",     "off",    "on",    "once",    "only",
    "or",    "other",  "our",    "ours",   "out",    "over",    "own",    "please", "re",    "really",  "remember",
    "s",     "same",   "shall",  "she",    "should", "shouldn", "so",     "some",   "such",  "t",       "tell",
    "than",  "that",   "the",    "their",  "them",   "then",    "there",  "these",  "they",  "thing",   "this",
    "those", "to",     "too",    "up",     "us",     "ve",      "very",   "was",    "wasn",  "we",      "were",
    "weren", "what",   "when",   "where",  "which",  "while",   "who",    "whose",  "why",   "will",    "with",
    "won",   "would",  "wouldn", "yes",    "yet",    "you",     "your",   "yours"};

bool is_word_byte(unsigned char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

bool is_space(unsigned char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

/// Lower case of a code point of two bytes (U+0080 to U+07FF).
std::uint32_t fold_code_point(std::uint32_t c) noexcept {
  if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 32;  // Latin-1
  if (c == 0x178) return 0xff;                             // Ÿ
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return c + (c & 1);
  if (c >= 0x100 && c <= 0x177 && c != 0x130 && c != 0x131 && c != 0x138) return c | 1;
  if (c >= 0x391 && c <= 0x3ab && c != 0x3a2) return c + 32;  // Greek
  if (c >= 0x410 && c <= 0x42f) return c + 32;                // Cyrillic
  if (c >= 0x400 && c <= 0x40f) return c + 80;
  return c;
}

bool ends_with(std::string_view word, std::string_view ending, std::size_t least_stem) {
  return word.size() >= ending.size() + least_stem && word.substr(word.size() - ending.size()) == ending;
}

}  // namespace

std::string fold_case(std::string_view text) {
  std::string result(text);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto c = static_cast<unsigned char>(result[i]);
    if (c >= 'A' && c <= 'Z') {
      result[i] = static_cast<char>(c + 32);
    } else if (c >= 0xc3 && c <= 0xd1 && i + 1 < result.size()
               && (static_cast<unsigned char>(result[i + 1]) & 0xc0) == 0x80) {
      const std::uint32_t folded =
          fold_code_point((c & 0x1fu) << 6 | (static_cast<unsigned char>(result[i + 1]) & 0x3fu));
      result[i] = static_cast<char>(0xc0 | folded >> 6);
      result[++i] = static_cast<char>(0x80 | (folded & 0x3f));
    }
  }
  return result;
}

std::vector<std::string> query_terms(std::string_view query) {
  const std::string folded = fold_case(query);
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < folded.size();) {
    if (is_space(static_cast<unsigned char>(folded[i]))) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < folded.size() && !is_space(static_cast<unsigned char>(folded[i]))) ++i;
    terms.push_back(folded.substr(begin, i - begin));
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

std::string stem(std::string_view word) {
  const auto cut = [&](std::size_t count) { word.remove_suffix(count); };
  if (ends_with(word, "ies", 2) || ends_with(word, "ied", 2)) {
    cut(2);
  } else if (ends_with(word, "sses", 1)) {
    cut(2);
  } else if (ends_with(word, "s", 3) && !ends_with(word, "ss", 0) && !ends_with(word, "us", 0)) {
    cut(1);
  }
  if (ends_with(word, "ing", 3)) {
    cut(3);
  } else if (ends_with(word, "ed", 3) && !ends_with(word, "eed", 0)) {
    cut(2);
  } else if (ends_with(word, "ly", 4)) {
    cut(2);
  }
  if (word.size() >= 4 && word[word.size() - 1] == word[word.size() - 2] && word.back() != 'l' && word.back() != 's')
    cut(1);
  if (ends_with(word, "e", 3)) cut(1);
  std::string result(word);
  if (ends_with(result, "y", 2)) result.back() = 'i';
  return result;
}

std::vector<std::string> ranking_words(std::string_view folded) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < folded.size();) {
    if (!is_word_byte(static_cast<unsigned char>(folded[i]))) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < folded.size() && is_word_byte(static_cast<unsigned char>(folded[i]))) ++i;
    const std::string_view word = folded.substr(begin, i - begin);
    if (std::binary_search(function_words.begin(), function_words.end(), word)) continue;
    std::string stemmed = stem(word);
    if (std::find(words.begin(), words.end(), stemmed) == words.end()) words.push_back(std::move(stemmed));
  }
  return words;
}

}  // namespace troupe::storage
