#pragma once

/// \file
/// The two-pane chat without its terminal: the conversation on the left, the
/// vitals on the right, a status line and the line that is typed below
/// (contracts/character.md §3.4). Knows neither sockets nor ncurses.
///
/// Thread safety: one thread. Bounds: the newest 2,000 entries. Cost: an entry
/// is broken into lines once per width; a picture copies the lines on the screen.

#include "cli/chat/chat_display.hpp"
#include "cli/chat/line_editor.hpp"
#include "cli/terminal_keys.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace troupe::chat {

class two_pane_view final : public chat_display {
 public:
  two_pane_view(std::string title, std::string where) : title_(std::move(title)), where_(std::move(where)) {}

  void show(const chat_entry& entry) override;
  void show(const std::vector<cli::text_line>& lines) override;
  void draft(const std::string& name, const std::string& text) override;
  void question(const std::string& text) override { question_ = text; }
  void waiting(bool now) override;
  void learned(const vitals& now, const std::string& latest_message) override;
  void connection(const std::string& text) override { connection_ = text; }
  void clear() override;
  std::size_t columns() const override { return chat_width(); }
  bool scroll(std::string_view to) override;
  bool toggle_autoscroll() override;
  bool choose_pane(std::string_view name) override;
  bool stream(bool on) override { return streams_ = on; }

  void resize(std::size_t rows, std::size_t columns);
  /// What becomes of a key that is not the session's business. The line, on Enter.
  std::optional<std::string> press(cli::key_press pressed);
  bool typed_nothing() const { return editor_.empty(); }
  /// A quarter of a second has passed while somebody waits.
  void tick() { ++ticks_; }
  bool is_waiting() const { return waiting_; }

  struct picture {
    std::vector<cli::text_line> lines;
    std::size_t cursor_row = 0, cursor_column = 0;
  };
  picture draw() const;

 private:
  enum class pane : unsigned char { conversation, vitals, input, status };
  struct block {
    chat_entry entry;
    std::vector<cli::text_line> given;  ///< instead of an entry's text
    std::vector<cli::text_line> lines;  ///< as broken for `chat_width`
  };

  std::size_t chat_width() const;
  std::size_t vitals_width() const;
  std::size_t pane_rows() const;
  void add(block made);
  void break_lines(block& of) const;
  void lines_added(std::size_t count);
  std::vector<cli::text_line> conversation_lines() const;
  std::vector<cli::text_line> draft_lines() const;
  std::vector<cli::text_line> vitals_lines() const;
  void scroll_by(long lines);
  cli::text_line heading() const;
  cli::text_line status_line() const;
  cli::text_line row(const cli::text_line& left, const cli::text_line& right) const;

  std::string title_, where_, connection_ = "connected", question_;
  std::size_t rows_ = 24, columns_ = 80;
  std::deque<block> blocks_;
  std::size_t line_count_ = 0;
  std::size_t from_bottom_ = 0;  ///< lines below the ones shown
  bool autoscroll_ = true;
  bool streams_ = true;
  bool waiting_ = false;
  std::size_t ticks_ = 0;
  std::string draft_name_, draft_;
  vitals vitals_;
  std::string latest_;
  std::size_t vitals_top_ = 0;
  pane active_ = pane::input;
  line_editor editor_;
};

}  // namespace troupe::chat
