#pragma once

/// \file
/// Accepts connections: TCP on any number of ports, and the unix-domain socket
/// for local control (DESIGN §5, §6). Options are set before a socket is
/// handed on; connections go to the I/O threads round robin.
///
/// Out of descriptors or memory it waits 100 ms and says so once, instead of
/// spinning on an accept that cannot succeed.
///
/// Thread safety: `listen_*` and `stop` from one thread, none of the I/O
/// threads. `on_accept` runs on the I/O thread the socket belongs to.

#include "net/io_threads.hpp"
#include "net/socket.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::net {

/// Where clients reach the server.
struct endpoint {
  std::string host;        ///< as bound
  std::uint16_t port = 0;  ///< the actual one
  bool loopback = true;
  std::string path;  ///< of a unix-domain socket; then the rest is empty
};

class listener {
 public:
  using acceptance = std::function<void(stream_socket, peer_info, std::shared_ptr<io_gate>)>;
  using warning = std::function<void(std::string_view)>;

  listener(io_threads& threads, socket_options options, acceptance on_accept, warning warn);
  ~listener();

  /// Errors: `exists` the port is in use; `denied` it needs privilege;
  /// `invalid` the host is none of this machine.
  expected<endpoint> listen_tcp(const std::string& host, std::uint16_t port);
  expected<endpoint> listen_local(const std::string& path);

  /// No connection is accepted once this returned. Idempotent.
  void stop();

  class acceptor_base {
   public:
    virtual ~acceptor_base() = default;
    virtual void stop() = 0;
  };

 private:
  io_threads& threads_;
  const socket_options options_;
  const acceptance on_accept_;
  const warning warn_;
  std::vector<std::shared_ptr<acceptor_base>> acceptors_;
};

}  // namespace troupe::net
