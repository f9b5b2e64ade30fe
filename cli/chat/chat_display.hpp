#pragma once

/// \file
/// Where a chat is shown: line by line (plain_chat.hpp) or in two panes
/// (two_pane_view.hpp). The session calls it; it never asks back.
///
/// Thread safety: one thread. REQUIRES: texts that `clean_text` has made.

#include "cli/chat/vitals.hpp"
#include "cli/terminal_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::chat {

enum class speaker : unsigned char {
  user,
  character,
  notice,  ///< the chat itself
  error,
};

struct chat_entry {
  speaker who = speaker::notice;
  std::string name;    ///< of whoever says it; empty: nobody
  std::string text;    ///< may have several lines
  bool typed = false;  ///< just now, by the user: a terminal shows it already
};

class chat_display {
 public:
  virtual ~chat_display() = default;

  virtual void show(const chat_entry& entry) = 0;
  virtual void show(const std::vector<cli::text_line>& lines) = 0;
  /// A reply as far as it has come: `text` is all of it. The reply itself follows as an entry.
  virtual void draft(const std::string& name, const std::string& text) = 0;
  /// A yes or no is wanted; empty: no longer.
  virtual void question(const std::string& text) = 0;
  virtual void waiting(bool now) = 0;
  virtual void learned(const vitals& now, const std::string& latest_message) = 0;
  virtual void connection(const std::string& text) = 0;
  virtual void clear() = 0;
  virtual std::size_t columns() const = 0;

  /// What only panes have. False: there are none here.
  virtual bool scroll(std::string_view to) = 0;
  virtual bool toggle_autoscroll() = 0;
  virtual bool choose_pane(std::string_view name) = 0;
  /// Whether replies are shown as they come.
  virtual bool stream(bool on) = 0;
};

}  // namespace troupe::chat
