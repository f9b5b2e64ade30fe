#include "cli/chat/two_pane_chat.hpp"

#include "cli/chat/signal_input.hpp"
#include "cli/chat/two_pane_view.hpp"
#include "cli/terminal_screen.hpp"

#include <chrono>
#include <cstdio>

#include <signal.h>

namespace troupe::chat {

using cli::key;
using cli::terminal_screen;

namespace {

constexpr std::chrono::milliseconds waiting_pace{250};
constexpr std::chrono::milliseconds idle_pace{5'000};
constexpr int most_keys_at_once = 4096;  // then what was pasted is shown

void press(cli::key_press pressed, terminal_screen& screen, two_pane_view& view, chat_session& session) {
  if (pressed.what == key::closed) return session.leave();
  if (pressed.what == key::redraw) return screen.forget();
  if (pressed.what == key::resized) return view.resize(screen.rows(), screen.columns());
  if (pressed.what == key::control && pressed.letter == 'c') return session.interrupted();
  if (pressed.what == key::control && pressed.letter == 'd' && view.typed_nothing()) return session.end_of_input();
  if (const auto line = view.press(pressed)) session.line(*line);
}

void run(terminal_screen& screen, two_pane_view& view, chat_session& session, inbox& in, int stop) {
  while (!session.ended()) {
    const auto picture = view.draw();
    screen.draw(picture.lines, std::nullopt, terminal_screen::position{picture.cursor_row, picture.cursor_column});
    const auto pace = view.is_waiting() ? waiting_pace : idle_pace;
    auto pressed = screen.wait(pace, {in.descriptor(), stop});
    if (pressed.what == key::none) view.tick();
    // All that is there already, so that a pasted text is drawn once.
    for (int i = 0; pressed.what != key::none && i < most_keys_at_once && !session.ended(); ++i) {
      press(pressed, screen, view, session);
      pressed = screen.wait(std::chrono::milliseconds(0));
    }
    in.run();
    if (const int signal = read_signal(stop); signal != 0) signal == SIGINT ? session.interrupted() : session.leave();
  }
}

}  // namespace

int run_two_pane_chat(session_options options, character_link& link, std::shared_ptr<inbox> in, transcripts* kept,
                      bool colours, int stop, const std::function<void(chat_session*)>& listen) {
  auto screen = terminal_screen::open(colours, terminal_screen::keys::all);
  if (!screen) {
    std::fprintf(stderr, "error: %s; --no-vitals needs none\n", screen.error().message.c_str());
    link.close();
    return 2;
  }
  two_pane_view view(options.name + " (" + options.archetype + ")", link.where());
  view.resize((*screen)->rows(), (*screen)->columns());
  options.follow_vitals = true;
  chat_session session(std::move(options), {link, view, in, kept});
  listen(&session);
  view.show({speaker::notice, {}, "/help lists the commands; Tab changes the pane, PgUp and PgDn scroll"});
  session.begin();
  run(**screen, view, session, *in, stop);
  listen(nullptr);
  link.close();
  return 0;
}

}  // namespace troupe::chat
