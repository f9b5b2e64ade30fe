#pragma once

/// \file
/// An answer's head from libcurl's header lines (RFC 9112 §4, §5): the last
/// one counts, since interim answers (1xx) come before it; trailers after the
/// body are not part of it.
///
/// Ownership: a value. Thread safety: none. Bounds: `max_size` bytes of lines.

#include "runtime/ports/http_client.hpp"

#include <cstddef>
#include <string_view>

namespace troupe::upstream {

class head_reader {
 public:
  enum class state { open, complete, too_large };

  explicit head_reader(std::size_t max_size = 256 * 1024) : max_size_(max_size) {}

  /// One line with its end. `complete` once: when the final head's blank line came.
  state line(std::string_view text);
  bool complete() const { return complete_; }
  http_head take() { return std::move(head_); }

 private:
  void field(std::string_view text);

  std::size_t max_size_;
  std::size_t size_ = 0;
  http_head head_;
  bool complete_ = false;
};

}  // namespace troupe::upstream
