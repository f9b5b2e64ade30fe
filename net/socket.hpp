#pragma once

/// \file
/// The one socket type of the server (TCP and unix domain alike), what is
/// known of a peer when it is accepted, and the options every socket gets.

#include "runtime/failure.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <string>

namespace troupe::net {

/// The executor is named, not type-erased: smaller and no virtual call.
using stream_socket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;

struct peer_info {
  std::string address;            ///< "127.0.0.1", "::1", "local" for the unix socket
  bool loopback = false;          ///< the peer's address is a loopback address
  bool local_control = false;     ///< came through the unix socket as the same user
  bool bound_to_loopback = true;  ///< of the listener that accepted it
  std::string bound_host;         ///< as configured
  bool bound_to_any = false;      ///< 0.0.0.0 or ::
};

struct socket_options {
  /// What the kernel may hold of unsent bytes, so that a stop is heard at once
  /// (DESIGN §4, Stop). Linux doubles the send buffer: this makes 256 KiB.
  int send_buffer = 128 * 1024;
  int not_sent_low_water = 32 * 1024;
};

/// Sets TCP_NODELAY, SO_SNDBUF and TCP_NOTSENT_LOWAT on an accepted socket.
void apply_tcp_options(int descriptor, const socket_options& options) noexcept;

}  // namespace troupe::net
