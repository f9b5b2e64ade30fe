#include "characters/texts.hpp"

#include <algorithm>
#include <array>

namespace troupe::characters {
namespace {

constexpr std::array<std::string_view, 8> pleasant_words = {"good",    "great", "wonderful", "happy",
                                                            "excited", "love",  "amazing",   "fantastic"};
constexpr std::array<std::string_view, 8> unpleasant_words = {"bad",  "terrible", "sad",      "angry",
                                                              "hate", "awful",    "horrible", "worried"};

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return result;
}

bool has_any(std::string_view lower, std::span<const std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string_view::npos; });
}

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string_view beginning_of(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && is_continuation(text[most])) --most;
  return text.substr(0, most);
}

std::string one_line(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool between = false;
  for (char c : text) {
    if (is_space(c)) {
      between = !result.empty();
      continue;
    }
    if (between) result += ' ';
    between = false;
    result += c;
  }
  return result;
}

std::size_t words_in(std::string_view text) {
  std::size_t count = 0;
  bool inside = false;
  for (char c : text) {
    if (!is_space(c) && !inside) ++count;
    inside = !is_space(c);
  }
  return count;
}

sentiment weigh(std::string_view text) {
  sentiment result;
  result.words = words_in(text);
  const std::string lower = lowered(text);
  for (std::size_t begin = 0; begin < lower.size();) {
    if (!is_letter(lower[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < lower.size() && is_letter(lower[end])) ++end;
    const std::string_view word = std::string_view(lower).substr(begin, end - begin);
    result.pleasant += std::count(pleasant_words.begin(), pleasant_words.end(), word) > 0;
    result.unpleasant += std::count(unpleasant_words.begin(), unpleasant_words.end(), word) > 0;
    begin = end;
  }
  return result;
}

}  // namespace troupe::characters
