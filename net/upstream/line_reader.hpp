#pragma once

/// \file
/// Lines from a byte stream that is cut anywhere: newline-delimited JSON
/// (Ollama's answers, MCP over stdio). Empty lines are skipped, a \r before
/// the \n is not part of the line.
///
/// Ownership: a value; keeps at most one unfinished line. Thread safety: none.
/// Bounds: a line over `max_line` bytes is a failure, after which the reader
/// stays failed. Cost: every byte is looked at once.

#include "runtime/failure.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::upstream {

class line_reader {
 public:
  explicit line_reader(std::size_t max_line = 16 * 1024 * 1024) : max_line_(max_line) {}

  void feed(std::string_view bytes);
  /// The next complete line, nothing if more bytes are needed, or `broken_stream`.
  expected<std::optional<std::string>> next();
  /// What stands after the last line end, once the stream has ended.
  std::string rest();

 private:
  std::size_t max_line_;
  std::string buffer_;
  std::size_t read_ = 0;
  std::size_t scanned_ = 0;
  bool failed_ = false;
};

}  // namespace troupe::upstream
