#include "cli/chat/plain_chat.hpp"

#include "cli/chat/signal_input.hpp"
#include "config/quote.hpp"

#include <array>
#include <cerrno>
#include <cstdio>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace troupe::chat {

using cli::text_line;
using cli::tint;

void plain_display::begin_output() {
  if (!drafted_.empty()) std::fputs("\n", stdout);
  drafted_.clear();
  // What comes while a line is being typed begins on a line of its own.
  if (std::exchange(prompted_, false) && interactive_) std::fputs("\r\x1b[K", stdout);
}

void plain_display::print(const text_line& line) {
  std::fputs((cli::terminal_text(line, out_.colours) + "\n").c_str(), stdout);
}

void plain_display::show(const std::vector<text_line>& lines) {
  begin_output();
  for (auto& line : lines) print(line);
  std::fflush(stdout);
}

void plain_display::show(const chat_entry& entry) {
  if (entry.typed) return;
  if (entry.who == speaker::character && !drafted_.empty()) {
    const bool whole = entry.text.starts_with(drafted_);
    if (whole) {
      std::fputs((entry.text.substr(drafted_.size()) + "\n").c_str(), stdout);
      drafted_.clear();
      std::fflush(stdout);
      return;
    }
  }
  begin_output();
  if (entry.who == speaker::error) {
    std::fflush(stdout);
    std::fputs(("error: " + entry.text + "\n").c_str(), stderr);
    return;
  }
  std::string_view rest = entry.text;
  std::string name = entry.name.empty() ? "" : entry.name + ": ";
  const auto colour = entry.who == speaker::character ? tint::cyan
                      : entry.who == speaker::notice  ? tint::dim
                                                      : tint::bold;
  do {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto text = config::printable(rest.substr(0, end));
    if (entry.who == speaker::notice)
      print({{"* " + text, colour}});
    else
      print({{name, colour}, {text}});
    name.clear();
    rest.remove_prefix(std::min(end + 1, rest.size()));
  } while (!rest.empty());
  std::fflush(stdout);
}

void plain_display::draft(const std::string& name, const std::string& text) {
  if (!stream_) return;
  if (drafted_.empty()) {
    begin_output();
    std::fputs(cli::terminal_text({{name + ": ", tint::cyan}}, out_.colours).c_str(), stdout);
  }
  if (!text.starts_with(drafted_)) return;  // an escape sequence was cut; the reply tells all
  std::fputs(text.substr(drafted_.size()).c_str(), stdout);
  std::fflush(stdout);
  drafted_ = text;
}

void plain_display::question(const std::string& text) {
  question_ = text;
  if (!text.empty()) begin_output();
}

void plain_display::waiting(bool) {}

void plain_display::clear() {
  if (interactive_) std::fputs("\x1b[H\x1b[2J", stdout);
  std::fflush(stdout);
}

void plain_display::prompt() {
  if (!interactive_ || prompted_) return;
  std::fputs(question_.empty() ? "You: " : (question_ + " [y/N] ").c_str(), stdout);
  std::fflush(stdout);
  prompted_ = true;
}

namespace {

/// Standard input, line by line, as far as it has come.
class line_input {
 public:
  bool at_end() const { return at_end_; }
  void read() {
    std::array<char, 16384> buffer;
    const auto size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (size <= 0)
      at_end_ = true;
    else
      text_.append(buffer.data(), static_cast<std::size_t>(size));
  }
  bool next(std::string& line) {
    auto end = text_.find('\n', begin_);
    if (end == text_.npos) {
      if (!at_end_ || begin_ == text_.size()) {
        text_.erase(0, begin_);
        begin_ = 0;
        return false;
      }
      end = text_.size();
    }
    line = text_.substr(begin_, end - begin_);
    begin_ = std::min(end + 1, text_.size());
    return true;
  }

 private:
  std::string text_;
  std::size_t begin_ = 0;
  bool at_end_ = false;
};

}  // namespace

void run_plain_chat(chat_session& session, plain_display& display, inbox& in, int stop) {
  line_input input;
  bool told_end = false;
  while (!session.ended()) {
    const bool ready = !session.waiting() || session.asks();
    if (std::string line; ready && !told_end && input.next(line)) {
      display.typed();
      session.line(line);
      continue;
    }
    if (ready && input.at_end() && !told_end) {
      told_end = true;
      session.end_of_input();
      continue;
    }
    const bool reads = ready && !input.at_end();
    if (reads) display.prompt();
    std::array<pollfd, 3> watched = {
        {{in.descriptor(), POLLIN, 0}, {stop, POLLIN, 0}, {reads ? STDIN_FILENO : -1, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[1].revents != 0) {
      read_signal(stop) == SIGINT ? session.interrupted() : session.leave();
    }
    in.run();
    if (watched[2].revents != 0) input.read();
  }
}

}  // namespace troupe::chat
