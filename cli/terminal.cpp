#include "cli/terminal.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace troupe::cli {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

terminal terminal::of_stdout() {
  terminal out;
  out.is_one = ::isatty(STDOUT_FILENO) == 1;
  const auto wanted = variable("COLUMNS");
  std::size_t columns = 0;
  const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), columns);
  if (error == std::errc{} && end == wanted.data() + wanted.size() && columns > 0) {
    out.columns = columns;
  } else if (winsize size{}; out.is_one && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    out.columns = size.ws_col;
  }
  out.colours = out.is_one && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  return out;
}

void terminal::print(const text_line& line) const {
  std::printf("%s\n", terminal_text(line, colours).c_str());
}

void terminal::print(const std::vector<text_line>& lines) const {
  for (auto& line : lines) print(line);
}

}  // namespace troupe::cli
