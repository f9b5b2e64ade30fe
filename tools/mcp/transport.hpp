#pragma once

/// \file
/// What carries MCP messages to and from one server: a child process's pipes
/// or HTTP. The one interface between the protocol (client.hpp) and the world,
/// so that a test's is a script.

#include "runtime/failure.hpp"
#include "runtime/ports/http_client.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace troupe::mcp {

inline constexpr std::size_t largest_message = 16 * 1024 * 1024;

/// One message to the server.
struct outgoing {
  std::string text;          ///< JSON-RPC in one line
  std::int64_t request = 0;  ///< its id if it is a request that expects an answer, else 0
  http_headers headers;      ///< over HTTP: what the revision mirrors into headers
  bool long_lived = false;   ///< its answer is a stream that stays open (`subscriptions/listen`)
  bool barrier = false;      ///< nothing goes out before the server has taken it
};

struct transport_event {
  enum class kind : std::uint8_t {
    nothing,    ///< `wake` will be called; with `again_in`, also ask then
    message,    ///< `text` is one message (or, in old revisions, a list of them)
    streaming,  ///< the answer to `request` has begun and comes as a stream
    failed,     ///< `request` will get no answer: `status` and `text` (a body) if HTTP said so
    closed,     ///< the last: nothing can be sent any more; `error` says why
  };
  kind what = kind::nothing;
  std::string text;
  std::int64_t request = 0;
  int status = 0;
  bool session_lost = false;  ///< failed: the server has forgotten our session; the request was not looked at
  failure error;
  /// closed: what the process wrote to standard error last. May hold anything:
  /// not for logs once calls were made.
  std::string detail;
  std::optional<std::chrono::milliseconds> again_in;
};

/// Thread safety: used by one actor at a time. No call blocks. Destroying it
/// closes the connection and ends the process, without waiting for either.
/// Poll after every other call: `wake` is owed only for what a poll has seen.
class transport {
 public:
  virtual ~transport() = default;
  virtual void send(outgoing message) = 0;
  virtual transport_event poll() = 0;

  /// Nobody waits for this request's answer any more.
  virtual void abandon(std::int64_t request) {}
  /// The handshake is over: over HTTP the stream for the server's own messages may open.
  /// `headers` go with every request from now on.
  virtual void established(http_headers headers) {}
  /// The server understood no POST: use HTTP+SSE of revision 2024-11-05 from
  /// now on. False if there is no such thing.
  virtual bool use_older_http() { return false; }
  /// Ends the connection politely; `closed` comes when that is done.
  virtual void finish() = 0;
};

/// Makes a connection. `wake` may be called from any thread, after a poll that
/// returned `nothing`, and never after the transport is destroyed.
using connect_function = std::function<std::unique_ptr<transport>(std::function<void()> wake)>;

}  // namespace troupe::mcp
