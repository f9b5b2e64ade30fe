#include "characters/reply_shaping.hpp"

#include "characters/inner_life.hpp"
#include "characters/json_parts.hpp"
#include "characters/texts.hpp"

#include <algorithm>
#include <array>

namespace troupe::characters {
namespace {

constexpr std::size_t concise_words = 100;
constexpr std::size_t concise_sentences = 2;

/// What a sentence may begin with or hold and does well without. The comma and
/// the space after it go, too.
constexpr std::array<std::string_view, 27> betraying_phrases = {"as an ai language model",
                                                                "as a large language model",
                                                                "as a language model",
                                                                "as an ai assistant",
                                                                "as an artificial intelligence",
                                                                "as an ai",
                                                                "speaking as an ai",
                                                                "being an ai",
                                                                "based on my neurochemical levels",
                                                                "based on my neurochemical state",
                                                                "given my neurochemical levels",
                                                                "given my neurochemical state",
                                                                "according to my neurochemical agent",
                                                                "according to my personality agent",
                                                                "according to my mood agent",
                                                                "according to my goals agent",
                                                                "according to my memory agent",
                                                                "according to my communication style agent",
                                                                "according to my specialists",
                                                                "my neurochemical agent says that",
                                                                "my personality agent says that",
                                                                "my mood agent says that",
                                                                "my memory agent says that",
                                                                "according to my response strategy",
                                                                "according to my programming",
                                                                "based on my programming",
                                                                "based on my training data"};

/// A sentence that begins so is left out whole.
constexpr std::array<std::string_view, 14> betraying_beginnings = {"i am an ai language model",
                                                                   "i'm an ai language model",
                                                                   "i am a language model",
                                                                   "i'm a language model",
                                                                   "i am a large language model",
                                                                   "i'm a large language model",
                                                                   "i am just a language model",
                                                                   "i'm just a language model",
                                                                   "i am only a language model",
                                                                   "i'm only a language model",
                                                                   "i am an ai assistant",
                                                                   "i'm an ai assistant",
                                                                   "i am just an ai",
                                                                   "i'm just an ai"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

bool ends_sentence(char c) {
  return c == '.' || c == '!' || c == '?';
}

bool stands_alone(std::string_view lower, std::size_t at, std::size_t size) {
  return (at == 0 || !is_word(lower[at - 1])) && (at + size == lower.size() || !is_word(lower[at + size]));
}

void capitalise(std::string& text, std::size_t at) {
  if (at < text.size() && text[at] >= 'a' && text[at] <= 'z') text[at] = static_cast<char>(text[at] - ('a' - 'A'));
}

void drop_phrase(std::string& text, std::string_view phrase) {
  std::string lower = lowered(text);
  for (std::size_t at = lower.find(phrase); at != std::string::npos; at = lower.find(phrase, at)) {
    if (!stands_alone(lower, at, phrase.size())) {
      ++at;
      continue;
    }
    std::size_t end = at + phrase.size();
    if (end < text.size() && text[end] == ',') ++end;
    while (end < text.size() && text[end] == ' ') ++end;
    text.erase(at, end - at);
    const std::size_t before = text.find_last_not_of(' ', at == 0 ? 0 : at - 1);
    if (at == 0 || (before != std::string::npos && ends_sentence(text[before]))) capitalise(text, at);
    lower = lowered(text);
  }
}

std::string without_betrayal(std::string text) {
  for (std::string_view phrase : betraying_phrases) drop_phrase(text, phrase);
  std::string kept;
  for (std::string_view sentence : sentences_of(text)) {
    const std::string lower = lowered(sentence);
    const bool betrays =
        std::any_of(betraying_beginnings.begin(), betraying_beginnings.end(), [&](std::string_view beginning) {
          return lower.starts_with(beginning) && stands_alone(lower, 0, beginning.size());
        });
    if (!betrays) kept += sentence;
  }
  // Punctuation that lost its words is no answer.
  return std::any_of(kept.begin(), kept.end(), [](char c) { return !ends_sentence(c) && c != ' ' && c != ','; }) ? kept
                                                                                                                 : "";
}

std::string first_sentences(std::string_view text, std::size_t count) {
  std::string kept;
  for (std::string_view sentence : sentences_of(text)) {
    if (count-- == 0) break;
    kept += sentence;
  }
  return one_line(kept);
}

std::size_t most_words(std::string_view complexity) {
  if (complexity == "simple") return 80;
  return complexity == "high" ? 300 : 150;
}

}  // namespace

std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!ends_sentence(text[at]) && !text.substr(0, at + 1).ends_with("…")) continue;
    std::size_t end = at + 1;
    while (end < text.size() && (ends_sentence(text[end]) || text[end] == '"' || text[end] == '\'' || text[end] == ')'))
      ++end;
    for (std::string_view quote : {"”", "’", "»"})
      if (text.substr(end).starts_with(quote)) end += quote.size();
    at = end - 1;
    if (end < text.size() && text[end] != ' ') continue;  // within a number, an address or a word
    while (end < text.size() && text[end] == ' ') ++end;
    sentences.push_back(text.substr(begin, end - begin));
    begin = end;
    at = end - 1;
  }
  if (begin < text.size()) sentences.push_back(text.substr(begin));
  return sentences;
}

std::string cleaned_up(std::string_view raw, const definition& who, std::string_view complexity) {
  reasoning_filter filter;
  std::string text = filter.feed(raw) + filter.finish();
  text = one_line(beginning_of(text, longest_reply));
  text = one_line(without_betrayal(std::move(text)));
  const bool concise = text_at(object_at(who.config, "communication_style"), "verbal_pattern") == "concise";
  if (concise && words_in(text) > concise_words) text = first_sentences(text, concise_sentences);
  const std::size_t sentences = sentences_of(text).size();
  if (sentences > 1 && words_in(text) > most_words(complexity)) text = first_sentences(text, sentences - 1);
  return text;
}

}  // namespace troupe::characters
