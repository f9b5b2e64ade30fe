#pragma once

/// \file
/// The whole terminal, drawn with ncursesw; its macros stay in one file.
///
/// Ownership: the terminal is this object's from `open` to its end, which gives
/// it back as it was, also when SIGINT or SIGTERM ends the program. One at a
/// time. Thread safety: one thread. Errors: `invalid` when there is no terminal.

#include "cli/terminal_keys.hpp"
#include "cli/terminal_table.hpp"
#include "runtime/failure.hpp"

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

namespace troupe::cli {

class terminal_screen {
 public:
  enum class keys : unsigned char {
    own,  ///< Ctrl-C and the like are the system's: they end the program
    all,  ///< they are keys
  };
  struct position {
    std::size_t row = 0, column = 0;
  };

  static expected<std::unique_ptr<terminal_screen>> open(bool colours, keys wanted = keys::own);
  ~terminal_screen();
  terminal_screen(const terminal_screen&) = delete;
  terminal_screen& operator=(const terminal_screen&) = delete;

  std::size_t rows() const;
  std::size_t columns() const;
  /// Line by line from the top; the one numbered `marked` is inverted over its whole width.
  /// Without a cursor none is shown.
  void draw(const std::vector<text_line>& lines, std::optional<std::size_t> marked,
            std::optional<position> cursor = {});
  /// Draws everything anew next time, whatever was thought to be there.
  void forget();
  /// Also ends, with `none`, when one of `others` is readable.
  key_press wait(std::chrono::milliseconds limit, std::initializer_list<int> others = {});

 private:
  terminal_screen() = default;
};

}  // namespace troupe::cli
