#include "net/upstream/head_reader.hpp"

#include <charconv>
#include <string>

namespace troupe::upstream {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

}  // namespace

head_reader::state head_reader::line(std::string_view text) {
  if (complete_) return state::open;  // a trailer
  size_ += text.size();
  if (size_ > max_size_) return state::too_large;
  if (text.starts_with("HTTP/")) {
    head_ = {};
    const auto space = text.find(' ');
    if (space != std::string_view::npos)
      std::from_chars(text.data() + space + 1, text.data() + text.size(), head_.status);
  } else if (!trimmed(text).empty()) {
    field(text);
  } else if (head_.status >= 200) {
    complete_ = true;
    return state::complete;
  }
  return state::open;
}

void head_reader::field(std::string_view text) {
  if (text.front() == ' ' || text.front() == '\t') {  // a folded line goes on
    if (!head_.headers.empty()) head_.headers.back().second.append(" ").append(trimmed(text));
    return;
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(text.substr(0, colon));
  for (auto& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  head_.headers.emplace_back(std::move(name), trimmed(text.substr(colon + 1)));
}

}  // namespace troupe::upstream
