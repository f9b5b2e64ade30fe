#include "characters/fields.hpp"
#include "characters/plain_text.hpp"

#include <algorithm>

namespace troupe::characters {
namespace {

constexpr std::size_t most_warnings = 100;
constexpr std::size_t longest_shown = 60;

std::string subject(const std::string& path, const std::string& rule) {
  return path.empty() ? rule : path + ": " + rule;
}

}  // namespace

void problems::warn(place where, const std::string& path, const std::string& rule) {
  warnings_.push_back({where, at(file_, where) + ": " + subject(path, rule)});
}

void problems::error(place where, const std::string& path, const std::string& rule) {
  errors_.push_back({where, at(file_, where) + ": " + subject(path, rule)});
}

void problems::sort(std::vector<entry>& entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const entry& left, const entry& right) {
    return std::pair(left.at.line, left.at.column) < std::pair(right.at.line, right.at.column);
  });
}

std::string problems::error_text() const {
  auto sorted = errors_;
  sort(sorted);
  auto text = sorted.front().text;
  if (sorted.size() > 1)
    text += " (and " + std::to_string(sorted.size() - 1) + (sorted.size() == 2 ? " more error)" : " more errors)");
  return text;
}

std::vector<std::string> problems::warnings() const {
  auto sorted = warnings_;
  sort(sorted);
  std::vector<std::string> texts;
  for (auto& each : sorted) {
    if (texts.size() == most_warnings) {
      texts.push_back(file_ + ": and " + std::to_string(sorted.size() - most_warnings) + " more warnings");
      break;
    }
    texts.push_back(std::move(each.text));
  }
  return texts;
}

std::string shown(const document& value) {
  switch (value.is) {
    case document::kind::null: return "nothing";
    case document::kind::list: return "a list";
    case document::kind::mapping: return "a mapping";
    default: break;
  }
  auto line = in_one_line(value.text);
  if (line.size() > longest_shown) {
    std::size_t end = longest_shown;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;  // never inside of a character
    line = line.substr(0, end) + "...";
  }
  return value.is == document::kind::text ? "'" + line + "'" : line;
}

}  // namespace troupe::characters
