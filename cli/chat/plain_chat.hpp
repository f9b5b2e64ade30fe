#pragma once

/// \file
/// The chat line by line, on a terminal or in a pipe (contracts/character.md
/// §3.1 `--no-vitals`): what is said goes to standard output, errors to
/// standard error. On a terminal there is a prompt, in a pipe there is none.
///
/// Thread safety: one thread. Cost: each text is written when it is there.

#include "cli/chat/chat_session.hpp"
#include "cli/terminal.hpp"

#include <string>

namespace troupe::chat {

class plain_display final : public chat_display {
 public:
  /// `interactive`: somebody types at a terminal and sees this.
  plain_display(cli::terminal out, bool interactive) : out_(out), interactive_(interactive) {}

  void show(const chat_entry& entry) override;
  void show(const std::vector<cli::text_line>& lines) override;
  void draft(const std::string& name, const std::string& text) override;
  void question(const std::string& text) override;
  void waiting(bool now) override;
  void learned(const vitals&, const std::string&) override {}
  void connection(const std::string&) override {}
  void clear() override;
  std::size_t columns() const override { return out_.columns.value_or(100); }
  bool scroll(std::string_view) override { return false; }
  bool toggle_autoscroll() override { return false; }
  bool choose_pane(std::string_view) override { return false; }
  bool stream(bool on) override { return stream_ = on; }

  /// Before a line is read.
  void prompt();
  /// A line has been read: the terminal stands at the beginning of the next.
  void typed() { prompted_ = false; }

 private:
  void begin_output();
  void print(const cli::text_line& line);

  cli::terminal out_;
  bool interactive_;
  bool stream_ = false;
  bool prompted_ = false;
  std::string question_;
  std::string drafted_;  ///< what of the reply stands on the terminal already
};

/// Leads the chat until it ends. `stop`: readable when a signal asks to leave.
void run_plain_chat(chat_session& session, plain_display& display, inbox& in, int stop);

}  // namespace troupe::chat
