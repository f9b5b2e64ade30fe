#pragma once

/// \file
/// Requests to other servers: language models, embedders, MCP servers
/// (DESIGN §5 "Upstream"). The real one is `net/upstream`; a test's is a script.

#include "runtime/failure.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method = "POST";
  std::string url;  ///< http or https; user names and passwords in it are refused
  http_headers headers;
  std::string body;
  std::chrono::milliseconds connect_limit{10000};  ///< to a finished TLS handshake
  std::chrono::milliseconds stall_limit{60000};    ///< longest time without a byte; 0: none
  std::chrono::milliseconds total_limit{0};        ///< from open to end; 0: none
  std::size_t max_buffered = 256 * 1024;           ///< unread bytes at which the transfer is paused
};

struct http_head {
  int status = 0;
  http_headers headers;  ///< names in lower case; of the last answer, redirects are not followed

  /// The first value of a header, `name` in lower case; empty if there is none.
  std::string header(std::string_view name) const {
    for (auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

/// One request in flight, pulled by its reader: head, body pieces, one end.
/// Destroying it aborts the request; the peer sees that within milliseconds.
///
/// Thread safety: used by one actor at a time. No call blocks.
class http_transfer {
 public:
  enum class event_kind : std::uint8_t {
    nothing,  ///< `wake` will be called
    head,     ///< the answer's status and headers, once, first
    body,     ///< the next bytes, of any length, cut anywhere
    ended,    ///< the last: `error.kind` is `none` when the answer is complete
  };
  struct event {
    event_kind kind = event_kind::nothing;
    http_head head;
    std::string bytes;
    failure error;
  };

  virtual ~http_transfer() = default;
  virtual event poll() = 0;
};

/// Thread safety: any thread. Errors: a request that cannot begin ends at
/// once: `invalid` for a bad URL, `unavailable` for no connection (name, refusal, TLS),
/// `timeout` for a limit, `broken_stream` for an answer that was cut off.
/// Messages name host and port, never the URL's path, query or a header.
class http_client {
 public:
  virtual ~http_client() = default;
  /// `wake` may be called from any thread, at most once after each poll that
  /// returned `nothing`, and never after the transfer is destroyed.
  virtual std::unique_ptr<http_transfer> open(http_request request, std::function<void()> wake) = 0;
};

}  // namespace troupe
