#include "runtime/inspection/mask_secrets.hpp"

#include "runtime/log_line.hpp"

#include <algorithm>

namespace troupe {
namespace {

constexpr std::string_view mask = "********";
constexpr std::size_t token_length = 46;  // "tr_" and 256 bits in base64url

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_bearer(std::string_view word) {
  constexpr std::string_view name = "bearer";
  return std::equal(word.begin(), word.end(), name.begin(), name.end(), [](char a, char b) { return (a | 0x20) == b; });
}

/// Past quotes (escaped ones too) and blanks.
std::size_t past(std::string_view text, std::size_t at, std::string_view what) {
  while (at < text.size() && what.find(text[at]) != std::string_view::npos) ++at;
  return at;
}

/// Where the value behind a secret's name begins, or `npos` if there is none.
std::size_t value_after(std::string_view text, std::size_t at) {
  at = past(text, at, "\\\"' ");
  if (at >= text.size() || (text[at] != ':' && text[at] != '=')) return std::string_view::npos;
  return past(text, at + 1, "\\\"' ");
}

}  // namespace

std::string mask_secrets(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_word(text[at])) {
      out += text[at++];
      continue;
    }
    auto end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const auto word = text.substr(at, end - at);
    const bool ours = word.starts_with("tr_") && word.size() >= token_length;
    out += ours ? mask : word;
    at = end;
    auto value = is_bearer(word) && at < text.size() && text[at] == ' ' ? at + 1 : std::string_view::npos;
    if (log::detail::names_secret(word)) value = value_after(text, at);
    if (value == std::string_view::npos || value >= text.size()) continue;
    out += text.substr(at, value - at);
    out += mask;
    at = std::min(text.find_first_of("\\\"',;}])\n", value), text.size());
  }
  return out;
}

}  // namespace troupe
