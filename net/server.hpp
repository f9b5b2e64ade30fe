#pragma once

/// \file
/// The network side of the process: ports, routes, connections, their end.
///
///     server net({.listen = {{"127.0.0.1", 8765}}});
///     net.routes().add("GET", "/health", handler, {.needs = access::open});
///     net.routes().add_websocket("/ws", factory);
///     if (auto up = net.start(); !up) ...;
///     ...
///     net.stop_accepting();
///     net.close_all(1001, 3s);
///
/// Ownership: owns threads and sockets. Handlers and factories are called on
/// I/O threads until the destructor returns.
/// Thread safety: `routes()` before `start`; counts from any thread; the rest
/// from one thread that is no I/O thread.

#include "net/http/session.hpp"
#include "net/listener.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace troupe::net {

struct listen_address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one, see `endpoints()`
};

struct server_options {
  std::vector<listen_address> listen;
  std::string local_socket;             ///< path of the control socket; empty: none
  unsigned threads = 0;                 ///< I/O threads; 0: one per core
  std::size_t connection_cap = 20'000;  ///< over it: HTTP 503. The control socket does not count against it
  socket_options sockets;
  http_limits http;
  websocket_limits websocket;
  admission_rules admission;
  std::function<void(std::string_view)> warn;  ///< from any I/O thread; never holds user content
};

class server {
 public:
  explicit server(server_options options);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  router& routes();

  /// Opens every port or none.
  expected<void> start();
  /// Actual ports, in the order of `listen`, then the control socket.
  const std::vector<endpoint>& endpoints() const;

  /// Open sockets, those of the HTTP clients included.
  std::size_t connections() const;
  /// Bytes of unfinished WebSocket messages.
  std::size_t half_read_bytes() const;

  void stop_accepting();
  /// Closes every WebSocket with `code`, lets HTTP finish its answers, and ends
  /// what is left at the deadline. True if nothing was left.
  bool close_all(std::uint16_t code, std::chrono::milliseconds deadline);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace troupe::net
