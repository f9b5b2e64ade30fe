#include "storage/fact_extraction.hpp"

#include <algorithm>
#include <initializer_list>

namespace troupe::storage {
namespace {

using words = std::vector<std::string>;

bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_word_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
         || static_cast<unsigned char>(c) >= 0x80;
}
char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool is_capital(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Words as written, "’" read as an apostrophe.
words split(std::string_view sentence) {
  words result;
  std::string current;
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    if (sentence.substr(i, 3) == "\xe2\x80\x99") {
      current += '\'';
      i += 2;
    } else if (is_word_byte(sentence[i]) || (sentence[i] == '\'' && !current.empty())) {
      current += sentence[i];
    } else if (!current.empty()) {
      result.push_back(std::move(current));
      current.clear();
    }
  }
  if (!current.empty()) result.push_back(std::move(current));
  return result;
}

words lowered(words list) {
  for (std::string& word : list)
    for (char& c : word) c = lower(c);
  return list;
}

bool any_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Whether the full stop at `at` ends an abbreviation or stands in a number.
bool inside_sentence(std::string_view text, std::size_t at) {
  if (text[at] != '.') return false;
  std::size_t begin = at;
  while (begin > 0 && (is_word_byte(text[begin - 1]) || text[begin - 1] == '.')) --begin;
  std::string word(text.substr(begin, at - begin));
  for (char& c : word) c = lower(c);
  if (word.size() == 1 && word != "i" && is_capital(text[begin])) return true;  // an initial
  return any_of(word, {"dr", "mr", "mrs", "ms", "prof", "st", "e.g", "i.e", "etc", "vs", "no", "approx"})
         && at + 1 < text.size() && word != "no" && word != "etc";
}

std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool end = text[i] == '\n';
    if (text[i] == '.' || text[i] == '!' || text[i] == '?' || text[i] == ';') {
      const bool before_space = i + 1 == text.size() || is_space(text[i + 1]) || text[i + 1] == '"';
      end = before_space && !inside_sentence(text, i);
    }
    if (!end && i + 1 < text.size()) continue;
    if (const auto sentence = trim(text.substr(begin, i + 1 - begin)); !sentence.empty()) sentences.push_back(sentence);
    begin = i + 1;
  }
  return sentences;
}

bool is_question(std::string_view sentence, const words& lower_words) {
  if (sentence.find('?') != std::string_view::npos) return true;
  const std::string& first = lower_words.front();
  if (any_of(first, {"what",    "who",  "whose", "whom",  "where",  "why",  "how",  "which", "what's", "who's",
                     "where's", "is",   "are",   "am",    "was",    "were", "do",   "does",  "did",    "can",
                     "could",   "will", "would", "shall", "should", "has",  "have", "may"}))
    return true;
  // "When do I ..." asks, "When I was nine ..." tells.
  return first == "when" && lower_words.size() > 1
         && any_of(lower_words[1], {"do", "does", "did", "is", "are", "was", "were", "will", "can", "should"});
}

bool is_command(const words& w) {
  if (any_of(w[0],
             {"please",    "explain",   "rewrite",   "write",   "tell",    "show",  "give",    "make",   "translate",
              "summarise", "summarize", "find",      "search",  "open",    "close", "stop",    "start",  "say",
              "describe",  "list",      "help",      "let",     "let's",   "look",  "read",    "create", "draw",
              "play",      "repeat",    "forget",    "delete",  "remind",  "call",  "send",    "set",    "turn",
              "calculate", "compare",   "answer",    "imagine", "pretend", "go",    "shorten", "fix",    "add",
              "remove",    "suggest",   "recommend", "check",   "try"}))
    return true;
  for (std::size_t i = 0; i + 2 < w.size() && i < 4; ++i)
    if (any_of(w[i], {"want", "need", "like", "wish", "ask"}) && w[i + 1] == "you" && w[i + 2] == "to") return true;
  return false;
}

bool says_nothing_alone(const words& w) {
  if (w.size() < 3) return true;
  if (any_of(w[0], {"it", "it's", "this", "that", "that's", "these", "those", "he", "she", "they", "there", "you",
                    "he's", "she's", "they're", "there's", "you're"}))
    return true;
  if (!any_of(w[0], {"i", "we"})) return false;
  if (any_of(w[1], {"see", "understand", "agree", "mean", "guess", "suppose", "wonder"})) return true;
  return any_of(w[1], {"don't", "do", "didn't", "can't"})
         && any_of(w[w[1] == "do" ? 3 % w.size() : 2], {"know", "understand", "care", "see", "remember"});
}

bool speaks_of_speaker(const words& w) {
  return std::any_of(w.begin(), w.end(), [](const std::string& word) {
    return any_of(word, {"i", "i'm", "i've", "i'd", "i'll", "my", "mine", "me", "myself", "we", "we're", "we've",
                         "we'll", "we'd", "our", "ours", "us"});
  });
}

/// A verb that states, and a name: a capital letter inside or in front of one.
bool states_of_named(const words& original, const words& lower_words) {
  const bool states = std::any_of(lower_words.begin() + 1, lower_words.end(), [](const std::string& word) {
    return any_of(word,
                  {"is",    "are",     "was",     "were", "has",    "have",    "had",    "lives",  "works", "likes",
                   "loves", "hates",   "prefers", "owns", "plays",  "studies", "speaks", "wants",  "needs", "teaches",
                   "moved", "married", "died",    "born", "starts", "drives",  "knows",  "became", "bought"});
  });
  if (!states || any_of(lower_words[0], {"the", "a", "an", "some", "all", "most", "yes", "no", "well", "ok", "okay"})) {
    if (!states || lower_words[0] != "the") return false;
  }
  const std::size_t from = any_of(lower_words[0], {"the"}) ? 1 : 0;
  return std::any_of(original.begin() + static_cast<std::ptrdiff_t>(from), original.end(),
                     [](const std::string& word) { return is_capital(word[0]) && word != "I"; });
}

/// Takes a greeting or filler and an address off the front ("Hi Luna, ...").
std::string_view without_opening(std::string_view sentence) {
  for (bool again = true; again;) {
    again = false;
    const words w = lowered(split(sentence));
    if (w.empty()) return sentence;
    const bool opening = any_of(w[0], {"hi", "hello", "hey", "ok", "okay", "yes", "no", "well", "so", "oh", "thanks",
                                       "sorry", "yeah", "sure", "btw", "actually", "also", "and", "but"});
    const auto comma = sentence.find(',');
    const std::size_t reach = any_of(w[0], {"hi", "hello", "hey", "thanks"}) ? 24 : w[0].size() + 1;
    if (opening && comma != std::string_view::npos && comma <= reach) {
      sentence = trim(sentence.substr(comma + 1));
      again = !sentence.empty();
    }
  }
  return sentence;
}

/// What "remember that ..." asks to keep, or nothing.
std::string_view asked_to_keep(std::string_view sentence) {
  std::string text(sentence);
  for (char& c : text) c = lower(c);
  for (std::string_view polite : {"please ", "can you ", "could you ", "i want you to ", "i'd like you to "}) {
    if (text.rfind(polite, 0) != 0) continue;
    text.erase(0, polite.size());
    sentence.remove_prefix(polite.size());
  }
  if (text.rfind("please ", 0) == 0) {
    text.erase(0, 7);
    sentence.remove_prefix(7);
  }
  for (std::string_view request : {"remember that ", "remember: ", "remember, ", "remember ", "don't forget that ",
                                   "do not forget that ", "never forget that ", "note that ", "keep in mind that "}) {
    if (text.rfind(request, 0) == 0) return trim(sentence.substr(request.size()));
  }
  return {};
}

std::string bounded(std::string_view fact) {
  std::size_t characters = 0;
  std::size_t last_space = 0;
  for (std::size_t i = 0; i < fact.size(); ++i) {
    if ((static_cast<unsigned char>(fact[i]) & 0xc0) == 0x80) continue;
    if (characters == longest_fact) return std::string(trim(fact.substr(0, last_space == 0 ? i : last_space)));
    if (is_space(fact[i])) last_space = i;
    ++characters;
  }
  return std::string(fact);
}

std::string as_fact(std::string_view text) {
  std::string fact = bounded(text);
  if (!fact.empty() && fact[0] >= 'a' && fact[0] <= 'z') fact[0] = static_cast<char>(fact[0] - 32);
  return fact;
}

std::string fact_in(std::string_view sentence) {
  sentence = without_opening(sentence);
  if (const auto asked = asked_to_keep(sentence); !asked.empty()) {
    const words w = lowered(split(asked));
    const bool question = asked.find('?') != std::string_view::npos && !w.empty()
                          && any_of(w[0], {"me", "when", "what", "who", "where", "how", "why", "which"});
    if (w.size() < 2 || question) return {};
    std::string fact(asked);
    if (fact.back() == '?') fact.back() = '.';  // "Could you remember that ...?"
    return as_fact(fact);
  }
  const words original = split(sentence);
  if (original.empty()) return {};
  const words w = lowered(original);
  if (is_question(sentence, w) || is_command(w) || says_nothing_alone(w)) return {};
  if (any_of(w[0], {"hi", "hello", "hey", "thanks", "thank", "bye", "goodbye", "good"})) return {};
  return speaks_of_speaker(w) || states_of_named(original, w) ? as_fact(sentence) : std::string();
}

}  // namespace

std::vector<std::string> extract_facts(std::string_view teaching) {
  std::vector<std::string> facts;
  for (std::string_view sentence : sentences_of(teaching)) {
    std::string fact = fact_in(sentence);
    if (fact.empty() || std::find(facts.begin(), facts.end(), fact) != facts.end()) continue;
    facts.push_back(std::move(fact));
    if (facts.size() == most_facts) break;
  }
  return facts;
}

}  // namespace troupe::storage
