#pragma once

/// \file
/// One HTTP/1.1 connection (RFC 9112): keep-alive, pipelined requests answered
/// in order, deadlines for header, body and answer, upgrade to WebSocket.
///
/// Ownership: shared by its pending operations; while a handler works on an
/// answer it keeps itself. Thread safety: `start` on the I/O thread; answers,
/// `shut_down` and `abort` from any thread.
/// Faults: 400 not HTTP, 408 too slow, 413 body and 431 header too large; after
/// each the connection is closed so that the client can still read the answer.

#include "net/http/router.hpp"
#include "net/io_threads.hpp"
#include "net/socket.hpp"
#include "net/ws/session.hpp"

#include <chrono>
#include <memory>

namespace troupe::net {

struct http_limits {
  using milliseconds = std::chrono::milliseconds;
  milliseconds header_deadline{10'000};
  milliseconds body_deadline{30'000};
  milliseconds write_deadline{30'000};
  milliseconds idle_timeout{60'000};  ///< between two requests
  milliseconds linger{1'000};         ///< for the client to read a last answer
  std::size_t header_limit = 16 * 1024;
};

/// What all connections of a server share.
struct http_context {
  http_limits limits;
  router routes;
  admission_rules admission;
  std::shared_ptr<websocket_context> websocket;
};

/// Serves an accepted socket. `overloaded`: answers 503 to the first request.
/// REQUIRES: the I/O thread.
void serve_http(stream_socket socket, peer_info peer, std::shared_ptr<io_gate> gate,
                std::shared_ptr<const http_context> context, bool overloaded);

}  // namespace troupe::net
