#include "actors/known_texts.hpp"

#include <algorithm>
#include <cctype>

namespace troupe {
namespace {

/// The next byte of a word from `at` on, in lower case; -1 at the end.
int next_letter(std::string_view text, std::size_t& at) {
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80
         && !std::isalnum(static_cast<unsigned char>(text[at])))
    ++at;
  return at < text.size() ? std::tolower(static_cast<unsigned char>(text[at++])) : -1;
}

/// FNV-1a over the words' letters; nothing for a text without any.
std::optional<std::uint64_t> hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  std::size_t letters = 0, at = 0;
  for (int letter = next_letter(text, at); letter >= 0; letter = next_letter(text, at), ++letters)
    hash = (hash ^ static_cast<std::uint64_t>(letter)) * 1099511628211u;
  return letters == 0 ? std::nullopt : std::optional(hash);
}

}  // namespace

bool same_words(std::string_view a, std::string_view b) {
  for (std::size_t i = 0, j = 0;;) {
    const int left = next_letter(a, i), right = next_letter(b, j);
    if (left != right) return false;
    if (left < 0) return true;
  }
}

void known_texts::put(std::uint64_t id, std::string_view text) {
  if (const auto hash = hash_of(text)) ids_.emplace(*hash, id);
}

void known_texts::remove(std::uint64_t id, std::string_view text) {
  const auto hash = hash_of(text);
  if (!hash) return;
  const auto [first, last] = ids_.equal_range(*hash);
  const auto found = std::find_if(first, last, [id](auto& item) { return item.second == id; });
  if (found != last) ids_.erase(found);
}

std::optional<std::uint64_t> known_texts::find(std::string_view text, const storage::recall_index& index) const {
  const auto hash = hash_of(text);
  if (!hash) return std::nullopt;
  const auto [first, last] = ids_.equal_range(*hash);
  std::optional<std::uint64_t> oldest;
  for (auto item = first; item != last; ++item) {
    const auto* record = index.find(item->second);
    if (record && same_words(record->text, text) && (!oldest || item->second < *oldest)) oldest = item->second;
  }
  return oldest;
}

}  // namespace troupe
