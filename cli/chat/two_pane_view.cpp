#include "cli/chat/two_pane_view.hpp"

#include "cli/terminal_text.hpp"
#include "config/quote.hpp"

#include <algorithm>

namespace troupe::chat {

using cli::key;
using cli::text_line;
using cli::tint;

namespace {

constexpr std::size_t most_entries = 2000;
constexpr std::size_t least_vitals = 16;  // columns; with less room there are none

tint tint_of(speaker who) {
  switch (who) {
    case speaker::user: return tint::green;
    case speaker::character: return tint::cyan;
    case speaker::error: return tint::red;
    case speaker::notice: return tint::dim;
  }
  return tint::none;
}

/// Cut and filled to exactly `columns`.
text_line exactly(const text_line& line, std::size_t columns) {
  text_line out;
  std::size_t left = columns;
  for (auto& each : line) {
    if (left == 0) break;
    auto text = cli::clipped(each.text, left);
    left -= std::min(left, cli::columns_of(text));
    out.push_back({std::move(text), each.colour});
  }
  if (left > 0) out.push_back({std::string(left, ' ')});
  return out;
}

}  // namespace

// -- geometry --------------------------------------------------------------------

std::size_t two_pane_view::chat_width() const {
  const auto left = chat_columns(columns_);
  return columns_ < left + 1 + least_vitals ? std::max<std::size_t>(columns_, 2) : left;
}

std::size_t two_pane_view::vitals_width() const {
  const auto left = chat_width();
  return columns_ > left + 1 ? columns_ - left - 1 : 0;
}

/// All but the heading, the status line and the input.
std::size_t two_pane_view::pane_rows() const {
  return rows_ > 3 ? rows_ - 3 : 0;
}

void two_pane_view::resize(std::size_t rows, std::size_t columns) {
  rows_ = std::max<std::size_t>(rows, 1);
  columns_ = std::max<std::size_t>(columns, 2);
  line_count_ = 0;
  for (auto& each : blocks_) {
    break_lines(each);
    line_count_ += each.lines.size();
  }
  scroll_by(0);
}

// -- the conversation ------------------------------------------------------------

void two_pane_view::break_lines(block& of) const {
  of.lines.clear();
  if (!of.given.empty()) {
    for (auto& line : of.given) of.lines.push_back(line);
    return;
  }
  const auto& entry = of.entry;
  const std::string prefix = entry.name.empty() ? "" : cli::clipped(entry.name, 40) + ": ";
  bool first = true;
  for (auto& text : cli::wrapped(prefix + entry.text, chat_width())) {
    auto safe = config::printable(text);
    const bool named = first && !prefix.empty() && safe.starts_with(prefix);
    if (named)
      of.lines.push_back({{prefix, tint_of(entry.who)}, {safe.substr(prefix.size())}});
    else
      of.lines.push_back({{std::move(safe), entry.name.empty() ? tint_of(entry.who) : tint::none}});
    first = false;
  }
}

void two_pane_view::add(block made) {
  break_lines(made);
  line_count_ += made.lines.size();
  const auto count = made.lines.size();
  blocks_.push_back(std::move(made));
  if (blocks_.size() > most_entries) {
    line_count_ -= blocks_.front().lines.size();
    blocks_.pop_front();
  }
  lines_added(count);
}

/// What is being read stays where it is.
void two_pane_view::lines_added(std::size_t count) {
  if (!autoscroll_) from_bottom_ += count;
  scroll_by(0);
}

void two_pane_view::show(const chat_entry& entry) {
  if (entry.who == speaker::character) draft_.clear();
  block made{entry, {}, {}};
  if (entry.who == speaker::notice) made.entry.text = "* " + entry.text;
  if (entry.who == speaker::error) made.entry.text = "error: " + entry.text;
  add(std::move(made));
}

void two_pane_view::show(const std::vector<text_line>& lines) {
  if (!lines.empty()) add({{}, lines, {}});
}

void two_pane_view::draft(const std::string& name, const std::string& text) {
  draft_name_ = name;
  draft_ = text;
}

void two_pane_view::waiting(bool now) {
  if (!now) draft_.clear();
  if (now && !waiting_) ticks_ = 0;
  waiting_ = now;
}

void two_pane_view::learned(const vitals& now, const std::string& latest_message) {
  vitals_ = now;
  latest_ = latest_message;
  if (!now.name.empty()) title_ = now.name + (now.archetype.empty() ? "" : " (" + now.archetype + ")");
}

void two_pane_view::clear() {
  blocks_.clear();
  line_count_ = from_bottom_ = 0;
  autoscroll_ = true;
}

std::vector<text_line> two_pane_view::draft_lines() const {
  std::vector<text_line> out;
  if (!draft_.empty()) {
    block made{{speaker::character, draft_name_, draft_}, {}, {}};
    break_lines(made);
    out = std::move(made.lines);
  } else if (waiting_) {
    static constexpr const char* dots[] = {".", "..", "..."};
    out.push_back({{"waiting" + std::string(dots[ticks_ % 3]), tint::dim}});
  }
  return out;
}

/// Only as many as fit, from the newest on.
std::vector<text_line> two_pane_view::conversation_lines() const {
  const auto room = pane_rows();
  std::vector<text_line> out;
  std::size_t skip = from_bottom_;
  if (skip == 0) {
    out = draft_lines();
    std::ranges::reverse(out);
  }
  for (auto each = blocks_.rbegin(); each != blocks_.rend() && out.size() < room; ++each) {
    for (auto line = each->lines.rbegin(); line != each->lines.rend() && out.size() < room; ++line) {
      if (skip > 0)
        --skip;
      else
        out.push_back(*line);
    }
  }
  out.resize(std::min(out.size(), room));
  std::ranges::reverse(out);
  return out;
}

/// On a low terminal without the blank lines between the sections.
std::vector<text_line> two_pane_view::vitals_lines() const {
  if (vitals_width() == 0) return {};
  auto out = vitals_pane(vitals_, latest_, columns_, vitals_width());
  if (out.size() > pane_rows()) std::erase_if(out, [](const text_line& line) { return line.empty(); });
  return out;
}

// -- scrolling and panes ---------------------------------------------------------

void two_pane_view::scroll_by(long lines) {
  const auto most = static_cast<long>(line_count_ > pane_rows() ? line_count_ - pane_rows() : 0);
  const auto wanted = std::clamp(static_cast<long>(from_bottom_) + lines, 0L, most);
  from_bottom_ = static_cast<std::size_t>(wanted);
  if (lines != 0) autoscroll_ = wanted == 0;
  if (autoscroll_) from_bottom_ = 0;
}

bool two_pane_view::scroll(std::string_view to) {
  const auto page = static_cast<long>(std::max<std::size_t>(pane_rows(), 2) - 1);
  const auto all = static_cast<long>(line_count_) + 1;
  scroll_by(to == "up" ? page : to == "down" ? -page : to == "top" ? all : -all);
  return true;
}

bool two_pane_view::toggle_autoscroll() {
  autoscroll_ = !autoscroll_;
  scroll_by(0);
  show({speaker::notice, {}, autoscroll_ ? "autoscroll is on" : "autoscroll is off"});
  return true;
}

bool two_pane_view::choose_pane(std::string_view name) {
  static constexpr std::string_view names[] = {"conversation", "vitals", "input", "status"};
  const auto at = static_cast<unsigned>(active_);
  if (name == "next") active_ = static_cast<pane>((at + 1) % 4);
  if (name == "prev") active_ = static_cast<pane>((at + 3) % 4);
  for (unsigned i = 0; i < 4; ++i)
    if (names[i] == name) active_ = static_cast<pane>(i);
  if (name.empty()) show({speaker::notice, {}, "the active pane is " + std::string(names[at])});
  return true;
}

std::optional<std::string> two_pane_view::press(cli::key_press pressed) {
  const auto move = [&](long up) {
    if (active_ == pane::conversation) scroll_by(up);
    if (active_ != pane::vitals) return;
    const auto all = vitals_lines().size();
    const auto most = static_cast<long>(all > pane_rows() ? all - pane_rows() : 0);
    vitals_top_ = static_cast<std::size_t>(std::clamp(static_cast<long>(vitals_top_) - up, 0L, most));
  };
  const bool is_arrow = pressed.what == key::up || pressed.what == key::down;
  const bool elsewhere = active_ == pane::conversation || active_ == pane::vitals;
  if (is_arrow && elsewhere) {
    move(pressed.what == key::up ? 1 : -1);
  } else if (pressed.what == key::page_up || pressed.what == key::page_down) {
    scroll(pressed.what == key::page_up ? "up" : "down");
  } else if (pressed.what == key::control && pressed.letter == 'i') {  // Tab
    choose_pane("next");
  } else if (pressed.what == key::escape) {
    active_ = pane::input;
  } else if (pressed.what == key::enter) {
    return editor_.take();
  } else {
    editor_.press(pressed);
  }
  return std::nullopt;
}

// -- drawing ---------------------------------------------------------------------

text_line two_pane_view::row(const text_line& left, const text_line& right) const {
  auto out = exactly(left, chat_width());
  if (vitals_width() == 0) return out;
  out.push_back({"│", tint::dim});
  for (auto& each : exactly(right, vitals_width())) out.push_back(std::move(each));
  return out;
}

text_line two_pane_view::heading() const {
  const auto mark = [&](pane which) { return active_ == which ? std::string("▶ ") : std::string(); };
  return row({{config::printable(mark(pane::conversation) + title_), tint::bold}},
             {{mark(pane::vitals) + "Vitals", tint::bold}});
}

text_line two_pane_view::status_line() const {
  std::string text = active_ == pane::status ? "▶ " : "";
  text += where_ + ", " + connection_;
  if (waiting_) text += ", waiting for a reply";
  if (!autoscroll_) text += ", " + std::to_string(from_bottom_) + " lines below";
  return exactly({{config::printable(text + "  /help"), tint::dim}}, columns_);
}

two_pane_view::picture two_pane_view::draw() const {
  picture out;
  if (rows_ > 2) {
    out.lines.push_back(heading());
    const auto left = conversation_lines();
    const auto right = vitals_lines();
    const auto top = std::min(vitals_top_, right.size());
    for (std::size_t i = 0; i < pane_rows(); ++i)
      out.lines.push_back(
          row(i < left.size() ? left[i] : text_line(), top + i < right.size() ? right[top + i] : text_line()));
    out.lines.push_back(status_line());
  }
  const std::string prompt =
      question_.empty() ? "> " : cli::clipped(config::printable(question_), columns_ / 2) + " [y/N] ";
  const auto used = std::min(cli::columns_of(prompt), columns_ - 2);
  const auto line = editor_.within(columns_ - used);
  out.lines.push_back({{cli::clipped(prompt, used), question_.empty() ? tint::none : tint::bold}, {line.text}});
  out.cursor_row = out.lines.size() - 1;
  out.cursor_column = std::min(used + line.cursor, columns_ - 1);
  return out;
}

}  // namespace troupe::chat
