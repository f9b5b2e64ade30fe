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
#include <memory>
#include <optional>
#include <vector>

namespace troupe::cli {

class terminal_screen {
 public:
  static expected<std::unique_ptr<terminal_screen>> open(bool colours);
  ~terminal_screen();
  terminal_screen(const terminal_screen&) = delete;
  terminal_screen& operator=(const terminal_screen&) = delete;

  std::size_t rows() const;
  std::size_t columns() const;
  /// Line by line from the top; the one numbered `marked` is inverted over its whole width.
  void draw(const std::vector<text_line>& lines, std::optional<std::size_t> marked);
  /// Draws everything anew next time, whatever was thought to be there.
  void forget();
  key_press wait(std::chrono::milliseconds limit);

 private:
  terminal_screen() = default;
};

}  // namespace troupe::cli
