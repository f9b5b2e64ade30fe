#include "models/words.hpp"

#include <algorithm>
#include <array>

namespace troupe::models {
namespace {

bool is_word_byte(unsigned char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Typographic quotes, dashes and spaces (U+2000 to U+206F) end a word.
std::string plain_punctuation(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool general = i + 2 < text.size() && text[i] == '\xe2' && (text[i + 1] & '\xfe') == '\x80';
    const bool no_break_space = i + 1 < text.size() && text[i] == '\xc2' && text[i + 1] == '\xa0';
    if (general) {
      result += text[i + 1] == '\x80' && text[i + 2] == '\x99' ? '\'' : ' ';
      i += 2;
    } else if (no_break_space) {
      result += ' ';
      ++i;
    } else {
      result += lower(text[i]);
    }
  }
  return result;
}

// Sorted: looked up by binary search.
constexpr std::array<std::string_view, 158> function_words = {
    "a",       "about",   "after",   "again",  "all",    "also",   "always",  "am",      "an",       "and",
    "any",     "are",     "aren't",  "as",     "at",     "be",     "because", "been",    "before",   "being",
    "between", "both",    "but",     "by",     "can",    "can't",  "could",   "did",     "didn't",   "do",
    "does",    "doesn't", "doing",   "don't",  "down",   "during", "each",    "else",    "ever",     "few",
    "for",     "from",    "further", "get",    "got",    "had",    "has",     "have",    "haven't",  "having",
    "he",      "her",     "here",    "hers",   "him",    "his",    "how",     "i",       "i'd",      "i'll",
    "i'm",     "i've",    "if",      "in",     "into",   "is",     "isn't",   "it",      "its",      "itself",
    "just",    "know",    "me",      "mine",   "more",   "most",   "much",    "must",    "my",       "myself",
    "no",      "nor",     "not",     "now",    "of",     "off",    "on",      "once",    "only",     "or",
    "other",   "our",     "ours",    "out",    "over",   "own",    "please",  "really",  "remember", "same",
    "shall",   "she",     "should",  "so",     "some",   "such",   "tell",    "than",    "that",     "the",
    "their",   "theirs",  "them",    "then",   "there",  "these",  "they",    "thing",   "this",     "those",
    "through", "to",      "too",     "under",  "until",  "up",     "us",      "very",    "was",      "wasn't",
    "we",      "were",    "weren't", "what",   "what's", "when",   "where",   "where's", "which",    "while",
    "who",     "who's",   "whom",    "whose",  "why",    "will",   "with",    "won't",   "would",    "wouldn't",
    "yes",     "yet",     "you",     "you'll", "you're", "your",   "yours",   "yourself"};
static_assert(std::is_sorted(function_words.begin(), function_words.end()));

bool ends_with(std::string_view word, std::string_view ending, std::size_t least_stem) {
  return word.size() >= ending.size() + least_stem && word.substr(word.size() - ending.size()) == ending;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  const std::string plain = plain_punctuation(text);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < plain.size();) {
    if (!is_word_byte(static_cast<unsigned char>(plain[i]))) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    const auto inside = [&](std::size_t at) {
      if (is_word_byte(static_cast<unsigned char>(plain[at]))) return true;
      return (plain[at] == '\'' || plain[at] == '-') && at + 1 < plain.size()
             && is_word_byte(static_cast<unsigned char>(plain[at + 1]));
    };
    while (i < plain.size() && inside(i)) ++i;
    std::string word = plain.substr(begin, i - begin);
    if (ends_with(word, "'s", 1)) word.resize(word.size() - 2);
    words.push_back(std::move(word));
  }
  return words;
}

bool is_function_word(std::string_view word) noexcept {
  return std::binary_search(function_words.begin(), function_words.end(), word);
}

std::vector<std::string> base_forms(std::string_view word) {
  std::vector<std::string> forms;
  const auto without = [&](std::size_t count) { return std::string(word.substr(0, word.size() - count)); };
  const auto undoubled = [&](std::size_t count) {
    const std::string stem = without(count);
    if (stem.size() >= 3 && stem[stem.size() - 1] == stem[stem.size() - 2])
      forms.push_back(stem.substr(0, stem.size() - 1));
  };
  if (ends_with(word, "ies", 2)) forms.push_back(without(3) + "y");
  if (ends_with(word, "es", 3)) forms.push_back(without(2));
  if (ends_with(word, "s", 3)) forms.push_back(without(1));
  if (ends_with(word, "ied", 2)) forms.push_back(without(3) + "y");
  if (ends_with(word, "ed", 3)) {
    forms.push_back(without(2));
    undoubled(2);
    forms.push_back(without(1));
  }
  if (ends_with(word, "ing", 3)) {
    forms.push_back(without(3));
    undoubled(3);
    forms.push_back(without(3) + "e");
  }
  if (ends_with(word, "ly", 3)) forms.push_back(without(2));
  return forms;
}

}  // namespace troupe::models
