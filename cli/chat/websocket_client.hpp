#pragma once

/// \file
/// One WebSocket connection to a server, asynchronously, on Beast's client
/// (RFC 6455). Whether it is to be made again is not decided here.
///
/// Ownership: shared; its own operations keep it until the socket is closed.
/// Thread safety: the context's one thread. Units: as named.
/// Errors: `open` fails with `unavailable`; later `closed` is called once.

#include "runtime/failure.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::chat {

/// Of `ws://HOST[:PORT][/PATH][?QUERY]`.
struct websocket_address {
  std::string host;
  std::string port;    ///< 80 if the URL names none
  std::string target;  ///< path and query

  /// Errors: `invalid`, naming the rule.
  static expected<websocket_address> of(std::string_view url);
};

class websocket_client : public std::enable_shared_from_this<websocket_client> {
 public:
  using clock = std::chrono::steady_clock;
  struct listeners {
    std::function<void(std::string_view)> frame;
    std::function<void(std::string why)> closed;
  };

  websocket_client(boost::asio::io_context& context, listeners with);

  /// Resolves, connects and shakes hands, all within `limit`.
  void open(const websocket_address& to, std::chrono::milliseconds limit, std::function<void(expected<void>)> done);
  void send(std::string text);
  /// Whether a pong came within `grace`; without one the connection is dropped.
  void ping(std::chrono::milliseconds grace, std::function<void(bool)> done);
  /// Says goodbye; `closed` is not called.
  void close();
  /// Without a word; `closed` is called if it was open.
  void drop(const std::string& why);
  clock::time_point last_traffic() const { return last_traffic_; }

 private:
  using error_code = boost::system::error_code;
  struct expected_pong {
    std::function<void(bool)> done;
    std::unique_ptr<boost::asio::steady_timer> deadline;
  };

  void connect(const boost::asio::ip::tcp::resolver::results_type& found);
  void shake_hands();
  void opened(expected<void> how);
  void read();
  void write();
  void pong(const std::string& payload);

  boost::asio::io_context& context_;
  listeners listeners_;
  boost::asio::ip::tcp::resolver resolver_{context_};
  boost::beast::websocket::stream<boost::beast::tcp_stream> stream_{context_};
  boost::asio::steady_timer opening_limit_{context_};
  boost::asio::steady_timer closing_limit_{context_};
  websocket_address to_;
  std::function<void(expected<void>)> opening_;
  boost::beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  bool writing_ = false, pinging_ = false;
  std::deque<std::string> pings_;
  bool open_ = false, over_ = false;
  std::uint64_t ping_count_ = 0;
  std::map<std::string, expected_pong> pongs_;
  clock::time_point last_traffic_ = clock::now();
};

}  // namespace troupe::chat
