#include "cli/terminal_screen.hpp"

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <string>

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <langinfo.h>
#include <ncurses.h>
#include <poll.h>
#include <unistd.h>

namespace troupe::cli {
namespace {

SCREEN* the_screen = nullptr;
bool has_colours = false;

/// The characters that ncurses is given are UTF-8. A locale with another
/// character set is the user's wish; no character set at all is not.
void choose_characters() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(nl_langinfo(CODESET)) == "ANSI_X3.4-1968") std::setlocale(LC_CTYPE, "C.UTF-8");
}

int pair_of(tint colour) {
  return static_cast<int>(colour);
}

attr_t attributes_of(tint colour) {
  if (colour == tint::bold) return A_BOLD;
  if (colour == tint::dim) return A_DIM;
  return has_colours ? static_cast<attr_t>(COLOR_PAIR(pair_of(colour))) : A_NORMAL;
}

void begin_colours() {
  has_colours = ::start_color() == OK && ::use_default_colors() == OK;
  if (!has_colours) return;
  ::init_pair(static_cast<short>(pair_of(tint::red)), COLOR_RED, -1);
  ::init_pair(static_cast<short>(pair_of(tint::green)), COLOR_GREEN, -1);
  ::init_pair(static_cast<short>(pair_of(tint::yellow)), COLOR_YELLOW, -1);
  ::init_pair(static_cast<short>(pair_of(tint::cyan)), COLOR_CYAN, -1);
}

key_press special(wint_t code) {
  switch (code) {
    case KEY_UP: return {key::up};
    case KEY_DOWN: return {key::down};
    case KEY_LEFT: return {key::left};
    case KEY_RIGHT: return {key::right};
    case KEY_DC: return {key::del};
    case KEY_PPAGE: return {key::page_up};
    case KEY_NPAGE: return {key::page_down};
    case KEY_HOME: return {key::home};
    case KEY_END: return {key::end};
    case KEY_ENTER: return {key::enter};
    case KEY_BACKSPACE: return {key::backspace};
    case KEY_RESIZE: return {key::resized};
    default: return {key::none};
  }
}

key_press pressed(wint_t code) {
  switch (code) {
    case '\r':
    case '\n': return {key::enter};
    case 27: return {key::escape};
    case 8:
    case 127: return {key::backspace};
    case 12: return {key::redraw};  // ^L
    case 0: return {};
    default: break;
  }
  if (code >= 32) return {key::letter, static_cast<char32_t>(code)};
  return code <= 26 ? key_press{key::control, static_cast<char32_t>('a' + code - 1)} : key_press{};
}

/// Nothing is sent for what is there already.
void show_cursor(const std::optional<terminal_screen::position>& at) {
  ::curs_set(at ? 1 : 0);
  if (at) ::wmove(stdscr, static_cast<int>(at->row), static_cast<int>(at->column));
}

}  // namespace

expected<std::unique_ptr<terminal_screen>> terminal_screen::open(bool colours, keys wanted) {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1)
    return failure{failure_kind::invalid, "standard input and output must be a terminal; `troupe actors` needs none"};
  choose_characters();
  const char* name = std::getenv("TERM");
  the_screen = ::newterm(name, stdout, stdin);
  if (the_screen == nullptr)
    return failure{failure_kind::invalid,
                   "TERM: no terminal of the name '" + std::string(name == nullptr ? "" : name) + "' is known here"};
  std::unique_ptr<terminal_screen> out(new terminal_screen);
  wanted == keys::all ? ::raw() : ::cbreak();
  ::noecho();
  ::nonl();
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  ::set_escdelay(25);
  ::curs_set(0);
  if (colours) begin_colours();
  return out;
}

terminal_screen::~terminal_screen() {
  ::endwin();
  ::delscreen(the_screen);
  the_screen = nullptr;
}

std::size_t terminal_screen::rows() const {
  return static_cast<std::size_t>(std::max(LINES, 1));
}

std::size_t terminal_screen::columns() const {
  return static_cast<std::size_t>(std::max(COLS, 1));
}

void terminal_screen::draw(const std::vector<text_line>& lines, std::optional<std::size_t> marked,
                           std::optional<position> cursor) {
  ::werase(stdscr);
  for (std::size_t row = 0; row < std::min(lines.size(), rows()); ++row) {
    const attr_t inverted = marked == row ? A_REVERSE : A_NORMAL;
    if (marked == row) {
      ::wattrset(stdscr, static_cast<int>(A_REVERSE));
      ::mvwhline(stdscr, static_cast<int>(row), 0, ' ' | A_REVERSE, static_cast<int>(columns()));
    }
    ::wmove(stdscr, static_cast<int>(row), 0);
    for (auto& each : lines[row]) {
      ::wattrset(stdscr, static_cast<int>(attributes_of(each.colour) | inverted));
      // At the end of a line the rest is cut off by the next line's move.
      if (::waddstr(stdscr, each.text.c_str()) == ERR || getcury(stdscr) != static_cast<int>(row)) break;
    }
    ::wattrset(stdscr, static_cast<int>(A_NORMAL));
  }
  show_cursor(cursor);
  ::wrefresh(stdscr);
}

void terminal_screen::forget() {
  ::clearok(stdscr, TRUE);
}

key_press terminal_screen::wait(std::chrono::milliseconds limit, std::initializer_list<int> others) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::vector<pollfd> inputs{{STDIN_FILENO, POLLIN, 0}};
  for (const int each : others) inputs.push_back({each, POLLIN, 0});
  for (;;) {
    wint_t code = 0;
    const int kind = ::wget_wch(stdscr, &code);
    if (kind == KEY_CODE_YES) return special(code);
    if (kind == OK) return pressed(code);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return {};
    // A signal ends the waiting: the next round reads that the size has changed.
    if (::poll(inputs.data(), inputs.size(), static_cast<int>(left.count())) <= 0) continue;
    if ((inputs[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return {key::closed};
    if (inputs[0].revents == 0) return {};
  }
}

}  // namespace troupe::cli
