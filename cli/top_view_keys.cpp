#include "cli/console_tables.hpp"
#include "cli/top_view.hpp"

#include <algorithm>

namespace troupe::cli {
namespace {

constexpr std::size_t longest_filter = 200;  // bytes

void append_utf8(std::string& to, char32_t c) {
  const auto byte = [&](char32_t bits) { to += static_cast<char>(bits); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      byte(0xE0 | (c >> 12));
    } else {
      byte(0xF0 | (c >> 18));
      byte(0x80 | ((c >> 12) & 0x3F));
    }
    byte(0x80 | ((c >> 6) & 0x3F));
  }
  byte(0x80 | (c & 0x3F));
}

void drop_last_character(std::string& from) {
  while (!from.empty() && (static_cast<unsigned char>(from.back()) & 0xC0) == 0x80) from.pop_back();
  if (!from.empty()) from.pop_back();
}

}  // namespace

bool top_view::press(key_press pressed) {
  if (pressed.what == key::closed) return false;
  if (typed_) return press_in_filter(pressed);
  if (pressed.what != key::none && pressed.what != key::resized && pressed.what != key::redraw) notice_.clear();
  const auto page_size = static_cast<long>(body_rows());
  switch (pressed.what) {
    case key::letter: return press_letter(pressed.letter);
    case key::up: move(-1); break;
    case key::down: move(1); break;
    case key::page_up: move(-page_size); break;
    case key::page_down: move(page_size); break;
    case key::home: move_to_end(false); break;
    case key::end: move_to_end(true); break;
    case key::enter: open(); break;
    case key::escape: back(); break;
    case key::resized: refresh(); break;
    default: break;
  }
  return true;
}

bool top_view::press_in_filter(key_press pressed) {
  if (pressed.what == key::letter && typed_->size() < longest_filter) append_utf8(*typed_, pressed.letter);
  if (pressed.what == key::backspace) drop_last_character(*typed_);
  if (pressed.what == key::escape) typed_.reset();
  if (pressed.what == key::resized) refresh();
  if (pressed.what == key::enter) {
    filter_ = *typed_;
    typed_.reset();
    offset_ = selected_ = 0;
    selected_id_.clear();
    refresh();
  }
  return true;
}

bool top_view::press_letter(char32_t letter) {
  switch (letter) {
    case 'q': return false;
    case 'j': move(1); break;
    case 'k': move(-1); break;
    case 'g': move_to_end(false); break;
    case 'G': move_to_end(true); break;
    case 'p': act("pause"); break;
    case 'u': act("resume"); break;
    case 'n': act("step"); break;
    case '?': page_ = page_ == page::help ? page::list : page::help; break;
    case 's': next_column(1); break;
    case 'S': next_column(-1); break;
    case 'r':
      if (page_ != page::list) break;
      descending_ = !descending_;
      refresh();
      break;
    case '/':
      if (page_ == page::list) typed_.emplace(filter_);
      break;
    default: break;
  }
  return true;
}

void top_view::move(long by) {
  if (page_ == page::actor) {
    const auto last = actor_.empty() ? 0 : static_cast<long>(actor_.size()) - 1;
    scroll_ = static_cast<std::size_t>(std::clamp(static_cast<long>(scroll_) + by, 0L, last));
    return;
  }
  if (page_ != page::list || ids_.empty()) return;
  const auto last = static_cast<long>(matching_ == 0 ? 0 : matching_ - 1);
  const auto wanted = static_cast<std::size_t>(std::clamp(static_cast<long>(offset_ + selected_) + by, 0L, last));
  if (wanted >= offset_ && wanted < offset_ + ids_.size()) {
    selected_ = wanted - offset_;
    selected_id_ = ids_[selected_];
    return;
  }
  const auto size = body_rows();
  offset_ = wanted < offset_ ? wanted : wanted + 1 - std::min(wanted + 1, size);
  selected_ = wanted - offset_;
  selected_id_.clear();
  refresh();
}

void top_view::move_to_end(bool last) {
  if (page_ == page::actor) {
    scroll_ = 0;
    if (last) move(static_cast<long>(actor_.size()));
    return;
  }
  const auto far = static_cast<long>(matching_);
  move(last ? far : -far);
}

void top_view::next_column(long by) {
  if (page_ != page::list) return;
  const auto& all = shown_actor_columns();
  const auto count = static_cast<long>(all.size());
  const auto found = std::ranges::find(all, sort_);
  const auto at = found == all.end() ? (by > 0 ? -1 : 0) : static_cast<long>(found - all.begin());
  sort_ = all[static_cast<std::size_t>((at + by + count) % count)];
  offset_ = 0;
  refresh();
}

void top_view::open() {
  if (page_ != page::list || selected_id_.empty()) return;
  actor_id_ = selected_id_;
  actor_.clear();
  scroll_ = 0;
  page_ = page::actor;
  refresh();
}

void top_view::back() {
  if (page_ == page::list && !filter_.empty()) {
    filter_.clear();
    offset_ = 0;
  }
  page_ = page::list;
  refresh();
}

std::string top_view::chosen() const {
  return page_ == page::actor ? actor_id_ : page_ == page::list ? selected_id_ : std::string();
}

void top_view::act(const char* what) {
  const auto id = chosen();
  if (id.empty()) return;
  const auto answer = ask_.act({"actors", id, what});
  notice_ = std::string(what) + " actor " + id + ": " + (answer.good() ? "done" : answer.why);
  refresh();
}

}  // namespace troupe::cli
