#pragma once

/// \file
/// Server-sent events from a byte stream that is cut anywhere (WHATWG HTML
/// §9.2 "Server-sent events"): used by the model providers and the MCP client.
///
/// Ownership: a value; keeps at most one unfinished event. Thread safety: none.
/// Bounds: an event whose data so far and next line (of any field) are together
/// over `max_event` bytes is a failure, after which the reader stays failed. An
/// event that the stream's end cuts off is never given out. Cost: every byte is looked at once.

#include "runtime/failure.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::upstream {

struct sse_event {
  std::string type = "message";
  std::string data;  ///< lines joined with \n
  std::string id;    ///< the last one given on this stream
};

class sse_reader {
 public:
  explicit sse_reader(std::size_t max_event = 16 * 1024 * 1024) : max_event_(max_event) {}

  /// Takes the next bytes of the stream.
  void feed(std::string_view bytes);

  /// The next complete event, nothing if more bytes are needed, or `broken_stream`.
  expected<std::optional<sse_event>> next();

  /// Milliseconds the server asked to wait before a reconnect, if it did.
  std::optional<unsigned> retry_ms() const { return retry_ms_; }

 private:
  bool past_mark();
  bool line(std::string_view text, sse_event& done);

  std::size_t max_event_;
  std::string buffer_;
  std::size_t read_ = 0;     // of buffer_, consumed
  std::size_t scanned_ = 0;  // of buffer_, known to hold no line end
  bool begun_ = false;       // past a byte order mark
  bool after_cr_ = false;
  sse_event event_;
  bool has_data_ = false;
  std::string last_id_;
  std::optional<unsigned> retry_ms_;
  bool failed_ = false;
};

}  // namespace troupe::upstream
