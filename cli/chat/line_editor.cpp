#include "cli/chat/line_editor.hpp"

#include "cli/chat/network_text.hpp"
#include "cli/terminal_text.hpp"

#include <utility>

namespace troupe::chat {

using cli::key;

namespace {

constexpr std::size_t longest_line = 64 * 1024;
constexpr std::size_t most_history = 500;

std::string utf8_of(char32_t c) {
  std::string out;
  const auto byte = [&](char32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) {
    byte(c);
    return out;
  }
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
  return out;
}

}  // namespace

bool line_editor::press(cli::key_press pressed) {
  switch (pressed.what) {
    case key::letter: insert(pressed.letter); return true;
    case key::control: return control(pressed.letter);
    case key::left: move(false); return true;
    case key::right: move(true); return true;
    case key::home: cursor_ = 0; return true;
    case key::end: cursor_ = text_.size(); return true;
    case key::backspace: erase_before(); return true;
    case key::del: text_.erase(cursor_, next(cursor_) - cursor_); return true;
    case key::up: recall(true); return true;
    case key::down: recall(false); return true;
    default: return false;
  }
}

bool line_editor::control(char32_t letter) {
  switch (letter) {
    case 'a': cursor_ = 0; return true;
    case 'e': cursor_ = text_.size(); return true;
    case 'b': move(false); return true;
    case 'f': move(true); return true;
    case 'k': text_.resize(cursor_); return true;
    case 'u':
      text_.erase(0, cursor_);
      cursor_ = 0;
      return true;
    case 'w': erase_word(); return true;
    case 'p': recall(true); return true;
    case 'n': recall(false); return true;
    default: return false;
  }
}

void line_editor::insert(char32_t letter) {
  const bool surrogate = letter >= 0xD800 && letter <= 0xDFFF;
  if (text_.size() >= longest_line || letter > 0x10FFFF || surrogate) return;
  const auto bytes = clean_text(utf8_of(letter));  // nothing that a terminal obeys
  text_.insert(cursor_, bytes);
  cursor_ += bytes.size();
}

std::size_t line_editor::next(std::size_t from) const {
  if (from >= text_.size()) return text_.size();
  return from + cli::cells_of(std::string_view(text_).substr(from)).front().bytes;
}

std::size_t line_editor::before(std::size_t from) const {
  std::size_t at = 0, last = 0;
  for (const auto& cell : cli::cells_of(std::string_view(text_).substr(0, from))) {
    last = at;
    at += cell.bytes;
  }
  return last;
}

void line_editor::move(bool forward) {
  cursor_ = forward ? next(cursor_) : before(cursor_);
}

void line_editor::erase_before() {
  const auto from = before(cursor_);
  text_.erase(from, cursor_ - from);
  cursor_ = from;
}

void line_editor::erase_word() {
  auto from = cursor_;
  while (from > 0 && text_[from - 1] == ' ') --from;
  while (from > 0 && text_[from - 1] != ' ') --from;
  text_.erase(from, cursor_ - from);
  cursor_ = from;
}

void line_editor::recall(bool older) {
  if (older ? recalled_ == 0 : recalled_ == history_.size()) return;
  if (recalled_ == history_.size()) new_line_ = text_;
  recalled_ = older ? recalled_ - 1 : recalled_ + 1;
  text_ = recalled_ == history_.size() ? new_line_ : history_[recalled_];
  cursor_ = text_.size();
}

std::string line_editor::take() {
  auto out = std::exchange(text_, {});
  if (!out.empty() && (history_.empty() || history_.back() != out)) history_.push_back(out);
  if (history_.size() > most_history) history_.erase(history_.begin());
  clear();
  return out;
}

void line_editor::clear() {
  text_.clear();
  new_line_.clear();
  cursor_ = 0;
  recalled_ = history_.size();
}

line_editor::shown line_editor::within(std::size_t columns) const {
  const std::string_view whole = text_;
  // As much as fits before the cursor, of which one column is its own.
  const auto cells = cli::cells_of(whole.substr(0, cursor_));
  std::size_t begin = cursor_, used = 0;
  for (auto cell = cells.rbegin(); cell != cells.rend() && used + cell->columns < columns; ++cell) {
    begin -= cell->bytes;
    used += cell->columns;
  }
  shown out{std::string(whole.substr(begin, cursor_ - begin)), used};
  auto at = cursor_;
  for (const auto& cell : cli::cells_of(whole.substr(cursor_))) {
    if (used + cell.columns > columns) break;
    out.text += whole.substr(at, cell.bytes);
    at += cell.bytes;
    used += cell.columns;
  }
  return out;
}

}  // namespace troupe::chat
