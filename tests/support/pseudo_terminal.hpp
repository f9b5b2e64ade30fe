#pragma once

/// \file
/// A program in a terminal of its own, for tests of what is full-screen.
///
///     pseudo_terminal top({{TROUPE_BINARY, "actors", "top"}, {{"TERM", "xterm"}}});
///     CHECK(top.shows("journal"));
///     top.type("q");
///     CHECK(top.wait() == 0);
///
/// A full-screen program sends only what changes, so `shows` has it draw its
/// screen anew (Ctrl-L) before it looks. The destructor kills.
/// Thread safety: one thread, with which the program ends. Errors: throws where
/// a test cannot go on.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace troupe::test {

class pseudo_terminal {
 public:
  struct options {
    std::vector<std::string> command;
    std::map<std::string, std::string> environment = {};  ///< nothing else but PATH and the sanitizers' options
    unsigned short rows = 24;
    unsigned short columns = 80;
  };

  /// Whether this machine has any: a bare chroot without /dev/pts has none.
  static bool available();

  explicit pseudo_terminal(options with);
  ~pseudo_terminal();
  pseudo_terminal(const pseudo_terminal&) = delete;
  pseudo_terminal& operator=(const pseudo_terminal&) = delete;

  void type(std::string_view keys);
  /// Gives the terminal another size, of which the program is told by SIGWINCH.
  void resize(unsigned short rows, unsigned short columns);
  /// Waits, up to `patience`, until a screen that is drawn anew holds `text`.
  bool shows(std::string_view text);
  /// Waits, likewise, until a program that draws no screen has printed `text`,
  /// behind what earlier calls found.
  bool prints(std::string_view text);
  /// Exit status, or 128 + signal; reads on until the end.
  int wait();
  /// All that has been read.
  const std::string& output() const { return output_; }

 private:
  /// False at the end of the output.
  bool read_some(int milliseconds);

  int descriptor_ = -1;
  pid_t pid_ = -1;
  std::string output_;
  std::size_t printed_ = 0;  ///< of it, by `prints`
};

}  // namespace troupe::test
