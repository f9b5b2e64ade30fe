#include "models/rewriting.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>
#include <vector>

namespace troupe::models {
namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

const std::map<std::string_view, std::string_view> words = {
    {"i", "I"},
    {"i'm", "I'm"},
    {"i've", "I've"},
    {"i'll", "I'll"},
    {"i'd", "I'd"},
    {"im", "I'm"},
    {"ive", "I've"},
    {"dont", "don't"},
    {"doesnt", "doesn't"},
    {"didnt", "didn't"},
    {"cant", "can't"},
    {"isnt", "isn't"},
    {"wasnt", "wasn't"},
    {"arent", "aren't"},
    {"couldnt", "couldn't"},
    {"wouldnt", "wouldn't"},
    {"shouldnt", "shouldn't"},
    {"havent", "haven't"},
    {"hasnt", "hasn't"},
    {"teh", "the"},
    {"alot", "a lot"},
    {"recieve", "receive"},
    {"recieved", "received"},
    {"definately", "definitely"},
    {"seperate", "separate"},
    {"untill", "until"},
    {"occured", "occurred"},
    {"wich", "which"},
    {"becuase", "because"},
    {"thier", "their"},
    {"freind", "friend"},
    {"tommorow", "tomorrow"},
    {"tommorrow", "tomorrow"},
    {"adress", "address"},
    {"beleive", "believe"},
    {"wierd", "weird"},
};

const std::map<std::pair<std::string_view, std::string_view>, std::string_view> pairs = {
    {{"we", "was"}, "were"},       {{"you", "was"}, "were"},     {{"they", "was"}, "were"},
    {{"we", "is"}, "are"},         {{"you", "is"}, "are"},       {{"they", "is"}, "are"},
    {{"i", "is"}, "am"},           {{"i", "are"}, "am"},         {{"i", "were"}, "was"},
    {{"he", "were"}, "was"},       {{"she", "were"}, "was"},     {{"he", "don't"}, "doesn't"},
    {{"she", "don't"}, "doesn't"}, {{"it", "don't"}, "doesn't"}, {{"he", "have"}, "has"},
    {{"she", "have"}, "has"},      {{"it", "have"}, "has"},      {{"i", "has"}, "have"},
    {{"we", "has"}, "have"},       {{"you", "has"}, "have"},     {{"they", "has"}, "have"},
    {{"could", "of"}, "have"},     {{"should", "of"}, "have"},   {{"would", "of"}, "have"},
    {{"must", "of"}, "have"},      {{"might", "of"}, "have"},    {{"i", "seen"}, "saw"},
    {{"we", "seen"}, "saw"},       {{"he", "seen"}, "saw"},      {{"i", "done"}, "did"},
};

/// After these a subject is part of a longer construction ("if I were", "did
/// he have", "one of them is"), where the pair above would be right.
bool opens_construction(std::string_view word) {
  static constexpr std::string_view openers[] = {"if",    "wish",  "as",     "though", "does", "did", "do",
                                                 "would", "could", "should", "can",    "will", "may", "might",
                                                 "must",  "let",   "make",   "than",   "of",   "and", "suggest"};
  return std::find(std::begin(openers), std::end(openers), word) != std::end(openers);
}

struct token {
  std::string text;
  bool word = false;
};

std::vector<token> tokens_of(std::string_view line) {
  std::vector<token> tokens;
  for (std::size_t i = 0; i < line.size();) {
    const auto inside = [&](std::size_t at) {
      return is_letter(line[at]) || (line[at] == '\'' && at > i && at + 1 < line.size() && is_letter(line[at + 1]));
    };
    std::size_t end = i;
    while (end < line.size() && inside(end)) ++end;
    const bool word = end > i;
    if (!word) ++end;
    tokens.push_back({std::string(line.substr(i, end - i)), word});
    i = end;
  }
  return tokens;
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

/// Puts `right` in the place of `wrong`, with a capital letter if that had one.
void replace(std::string& wrong, std::string_view right) {
  const bool capital = !wrong.empty() && upper(wrong[0]) == wrong[0];
  wrong = right;
  if (capital) wrong[0] = upper(wrong[0]);
}

/// One space between words, none before punctuation.
std::string even_spacing(std::string_view line) {
  std::string result;
  for (char c : line) {
    if (c == '\t' || c == '\r') c = ' ';
    if (c == ' ' && (result.empty() || result.back() == ' ')) continue;
    if ((c == ',' || c == '.' || c == ';' || c == '!' || c == '?') && !result.empty() && result.back() == ' ')
      result.pop_back();
    const bool after_comma = !result.empty() && (result.back() == ',' || result.back() == ';');
    if (after_comma && is_letter(c)) result += ' ';
    result += c;
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

void correct_article(token& article, std::string_view next) {
  const std::string word = lowered(next);
  const auto begins = [&](std::initializer_list<std::string_view> starts) {
    return std::any_of(starts.begin(), starts.end(), [&](auto start) { return word.rfind(start, 0) == 0; });
  };
  if (static_cast<unsigned char>(word[0]) >= 0x80 || (word.size() > 1 && upper(next[1]) == next[1])) return;
  const bool vowel = std::string_view("aeiou").find(word[0]) != std::string_view::npos;
  const bool sounds_open = vowel ? !begins({"uni", "use", "usu", "one", "once", "eu", "ut"})
                                 : begins({"hour", "honest", "honour", "honor", "heir"});
  if (begins({"unin", "unim", "unident"})) return;
  const std::string current = lowered(article.text);
  if (current == "a" && sounds_open && word.size() > 1) replace(article.text, "an");
  if (current == "an" && !sounds_open && word[0] != 'h') replace(article.text, "a");
}

void correct_words(std::vector<token>& tokens) {
  std::vector<std::size_t> at;  // of words
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].word) continue;
    if (const auto found = words.find(lowered(tokens[i].text)); found != words.end())
      replace(tokens[i].text, found->second);
    at.push_back(i);
  }
  for (std::size_t n = 1; n < at.size(); ++n) {
    const bool adjacent = at[n] == at[n - 1] + 2 && tokens[at[n] - 1].text == " ";
    if (!adjacent) continue;
    token& first = tokens[at[n - 1]];
    token& second = tokens[at[n]];
    const std::string left = lowered(first.text);
    const std::string right = lowered(second.text);
    static constexpr std::string_view never_twice[] = {"the", "a", "an", "and", "to", "of", "in", "we", "my"};
    if (left == right && std::find(std::begin(never_twice), std::end(never_twice), left) != std::end(never_twice)) {
      second.text.clear();
      tokens[at[n] - 1].text.clear();
      second.word = false;
      continue;
    }
    if (left == "a" || left == "an") correct_article(first, second.text);
    const bool plain = n < 2 || at[n - 1] != at[n - 2] + 2 || !opens_construction(lowered(tokens[at[n - 2]].text));
    if (const auto found = pairs.find({left, right}); found != pairs.end() && plain)
      replace(second.text, found->second);
  }
}

/// Capital letters at the starts of sentences, a full stop at the end.
std::string finish(const std::vector<token>& tokens) {
  std::string result;
  for (const token& part : tokens) result += part.text;
  bool start = true;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const char c = result[i];
    if (start && is_letter(c)) result[i] = upper(c);
    if (c == '.' || c == '!' || c == '?') {
      start = i + 1 < result.size() && result[i + 1] == ' ' && !(i >= 2 && result[i - 2] == '.');
    } else if (c != ' ' && c != '"' && c != '(' && c != '\'') {
      start = false;
    }
  }
  const bool sentence = std::count(result.begin(), result.end(), ' ') >= 2;
  if (sentence && (is_letter(result.back()) || std::isdigit(static_cast<unsigned char>(result.back())))) result += '.';
  return result;
}

}  // namespace

std::string rewrite(std::string_view text) {
  std::string result;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::vector<token> tokens = tokens_of(even_spacing(text.substr(begin, end - begin)));
    correct_words(tokens);
    result += finish(tokens);
    if (end < text.size()) result += '\n';
    begin = end + 1;
  }
  while (!result.empty() && (result.back() == '\n' || result.back() == ' ')) result.pop_back();
  result.erase(0, result.find_first_not_of('\n') == std::string::npos ? result.size() : result.find_first_not_of('\n'));
  return result;
}

}  // namespace troupe::models
