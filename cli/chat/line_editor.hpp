#pragma once

/// \file
/// The line that is being typed in the two-pane chat: editing keys, a history,
/// and the part of it that fits.
///
/// Thread safety: one thread. Bounds: 64 KiB a line, 500 lines of history.

#include "cli/terminal_keys.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace troupe::chat {

class line_editor {
 public:
  /// True if the key was for the line; Enter, Ctrl-C, Ctrl-D and what scrolls are not.
  bool press(cli::key_press pressed);
  /// What was typed, which then is history; the line is empty.
  std::string take();
  void clear();

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

  struct shown {
    std::string text;
    std::size_t cursor = 0;  ///< columns before it
  };
  /// The part around the cursor. REQUIRES: `columns` of at least 2.
  shown within(std::size_t columns) const;

 private:
  bool control(char32_t letter);
  void insert(char32_t letter);
  void move(bool forward);
  void erase_before();
  void erase_word();
  void recall(bool older);
  std::size_t next(std::size_t from) const;
  std::size_t before(std::size_t from) const;

  std::string text_;
  std::size_t cursor_ = 0;  ///< bytes before it
  std::vector<std::string> history_;
  std::size_t recalled_ = 0;  ///< of the history; its size: the new line
  std::string new_line_;      ///< kept while older ones are looked at
};

}  // namespace troupe::chat
