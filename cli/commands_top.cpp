#include "cli/commands_console.hpp"
#include "cli/terminal.hpp"
#include "cli/terminal_screen.hpp"
#include "cli/top_view.hpp"
#include "config/quote.hpp"

#include <cstdio>

namespace troupe::cli {
namespace {

using clock = std::chrono::steady_clock;

/// A server that is slower leaves the keys waiting no longer than this.
constexpr std::chrono::seconds answer_limit{3};

void fail(const std::string& why) {
  std::fprintf(stderr, "error: %s\n", config::printable(why).c_str());
}

void run(terminal_screen& screen, top_view& view, std::chrono::milliseconds every) {
  auto next = clock::now() + every;
  for (;;) {
    const auto picture = view.draw();
    screen.draw(picture.lines, picture.marked);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now());
    const auto pressed = left.count() > 0 ? screen.wait(left) : key_press{};
    if (pressed.what == key::redraw) screen.forget();
    if (pressed.what == key::resized) view.resize(screen.rows(), screen.columns());
    if (!view.press(pressed)) return;
    if (clock::now() < next) continue;
    view.refresh();
    next = clock::now() + every;
  }
}

}  // namespace

int top_actors(const config::settings& settings, const console_call& call) {
  const console_client client(settings.data_dir, answer_limit);
  top_view view({[&](auto& path, auto& parameters) { return client.look(path, parameters); },
                 [&](auto& path) { return client.act(path); }},
                call.sort, !call.ascending);
  auto screen = terminal_screen::open(terminal::of_stdout().colours);
  if (!screen) {
    fail(screen.error().message);
    return console_bad_use;
  }
  view.resize((*screen)->rows(), (*screen)->columns());
  view.refresh();
  // At the beginning a mistake ends it; later the server may come back.
  if (const auto trouble = view.trouble(); !trouble.good()) {
    screen->reset();
    fail(trouble.why);
    return trouble.status;
  }
  run(**screen, view, std::chrono::milliseconds(call.every_ms));
  return console_done;
}

}  // namespace troupe::cli
