#include "characters/inner_life.hpp"
#include "characters/texts.hpp"

#include <algorithm>
#include <array>

namespace troupe::characters {
namespace {

constexpr std::array<std::string_view, 5> openings = {"<think>", "<thinking>", "<reasoning>", "[thinking]",
                                                      "[reasoning]"};

std::string closing_of(std::string_view opening) {
  return std::string(opening.substr(0, 1)) + "/" + std::string(opening.substr(1));
}

}  // namespace

std::string reasoning_filter::feed(std::string_view piece) {
  held_ += piece;
  const std::string lower = lowered(held_);
  const std::string_view all = lower;
  std::string given;
  std::size_t at = 0;
  while (at < all.size()) {
    if (!closing_.empty()) {
      const std::size_t end = all.find(closing_, at);
      if (end == std::string_view::npos) {
        // The closing tag may have begun; before that nothing is needed any more.
        at = std::max(at, all.size() - std::min(all.size(), closing_.size() - 1));
        break;
      }
      at = end + closing_.size();
      closing_.clear();
      continue;
    }
    const std::size_t tag = std::min(all.find_first_of("<[", at), all.size());
    given.append(held_, at, tag - at);
    at = tag;
    const std::string_view rest = all.substr(at);
    const auto opened = std::find_if(openings.begin(), openings.end(),
                                     [&](std::string_view opening) { return rest.starts_with(opening); });
    if (opened != openings.end()) {
      closing_ = closing_of(*opened);
      at += opened->size();
    } else if (std::any_of(openings.begin(), openings.end(),
                           [&](std::string_view opening) { return opening.starts_with(rest); })) {
      break;  // also at the end, where nothing is left
    } else {
      given += held_[at++];
    }
  }
  held_.erase(0, at);
  return given;
}

std::string reasoning_filter::finish() {
  std::string given = closing_.empty() ? std::move(held_) : std::string();
  held_.clear();
  closing_.clear();
  return given;
}

}  // namespace troupe::characters
