#include "cli/chat/vitals_monitor.hpp"

#include "cli/chat/inbox.hpp"
#include "cli/chat/signal_input.hpp"
#include "cli/chat/vitals.hpp"
#include "cli/terminal_screen.hpp"
#include "config/quote.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>

#include <poll.h>
#include <unistd.h>

namespace troupe::chat {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::chrono::seconds pace{1};

/// Asks once a second; one question at a time, so that a slow server is not flooded.
class vitals_questions {
 public:
  explicit vitals_questions(character_link& link) : link_(link) {}

  void ask_if_due() {
    if (asked_ || clock::now() < next_) return;
    asked_ = true;
    next_ = clock::now() + pace;
    link_.request({{"message_type", "status_request"}, {"include_vitals", true}}, [this, in = in_](auto answer) {
      in->post([this, answer = std::move(answer)]() mutable {
        asked_ = false;
        fresh_ = true;
        auto status = succeeded(std::move(answer), "status_response");
        lines_ = status ? detailed_vitals(read_vitals(*status))
                        : std::vector<cli::text_line>{
                            {{config::printable("error: " + status.error().message), cli::tint::red}}};
      });
    });
  }
  bool take_news() {
    in_->run();
    return std::exchange(fresh_, false);
  }
  const std::vector<cli::text_line>& lines() const { return lines_; }
  int descriptor() const { return in_->descriptor(); }
  std::chrono::milliseconds until_next() const {
    if (asked_) return std::chrono::seconds(60);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - clock::now());
    return std::max(left, std::chrono::milliseconds(0));
  }

 private:
  character_link& link_;
  std::shared_ptr<inbox> in_ = std::make_shared<inbox>();
  bool asked_ = false, fresh_ = false;
  clock::time_point next_ = clock::now();
  std::vector<cli::text_line> lines_;
};

int watch_on_screen(vitals_questions& questions, cli::terminal_screen& screen, int stop) {
  for (;;) {
    questions.ask_if_due();
    auto lines = questions.lines();
    lines.resize(std::max(lines.size(), screen.rows()));
    lines[screen.rows() - 1] = {{"Ctrl-C ends", cli::tint::dim}};
    screen.draw(lines, std::nullopt);
    const auto pressed = screen.wait(questions.until_next(), {questions.descriptor(), stop});
    if (pressed.what == cli::key::closed) return 0;
    if (pressed.what == cli::key::redraw) screen.forget();
    if (pressed.what == cli::key::letter && pressed.letter == 'q') return 0;
    if (pressed.what == cli::key::control && (pressed.letter == 'c' || pressed.letter == 'd')) return 0;
    if (read_signal(stop) != 0) return 0;
    questions.take_news();
  }
}

int watch_in_pipe(vitals_questions& questions, const cli::terminal& out, int stop) {
  for (;;) {
    questions.ask_if_due();
    std::array<pollfd, 2> watched = {{{questions.descriptor(), POLLIN, 0}, {stop, POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), static_cast<int>(questions.until_next().count()));
    if (watched[1].revents != 0) return 0;
    if (!questions.take_news()) continue;
    out.print(questions.lines());
    std::printf("\n");
    if (std::fflush(stdout) != 0) return 0;  // nobody reads any more
  }
}

}  // namespace

int watch_vitals(character_link& link, const cli::terminal& out, int stop) {
  auto questions = std::make_unique<vitals_questions>(link);
  int status = 0;
  if (out.is_one && ::isatty(STDIN_FILENO) == 1) {
    auto screen = cli::terminal_screen::open(out.colours, cli::terminal_screen::keys::all);
    if (!screen) {
      std::fprintf(stderr, "error: %s\n", screen.error().message.c_str());
      status = 2;
    } else {
      status = watch_on_screen(*questions, **screen, stop);
    }
  } else {
    status = watch_in_pipe(*questions, out, stop);
  }
  link.close();  // before what its answers are for
  return status;
}

}  // namespace troupe::chat
