#pragma once

/// \file
/// An HTTP server that does exactly what a test tells it, also what no server
/// should: real loopback sockets on a free port, plain or TLS, a script per connection.
///
///     scripted_http_server server(answering(http_answer(200, "hello")));     // every request
///     scripted_http_server server([](peer& p) {                              // every connection
///       p.read_request();
///       p.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
///       p.reset();
///     });
///     server.next([&](peer& p) { ... p.wait(told); ... });  // the next connection only
///     server.url("/v1/chat")        http://127.0.0.1:PORT/v1/chat
///     server.wait_requests(2)       what came, once two requests are there
///     server.wait_closed(0)         when the client closed the first connection
///
/// A script runs on its connection's own thread and the connection is closed
/// when it returns. Its calls end when the client closes, when the server is
/// destroyed, or after `patience` (20 s), so a script never hangs a test; the
/// destructor ends and joins all of them. What a script refers to must outlive
/// the server.
///
/// Thread safety: the server's members from any thread, a `peer` on its script's.

#include "support/temporary_folder.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::test {

struct seen_request {
  std::string method;
  std::string path;                                          ///< with its query, as sent
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  std::size_t connection = 0;  ///< counted from 0 in the order of accepting

  /// The first value of a header, `name` in lower case; empty if there is none.
  std::string header(std::string_view name) const;
};

/// Opened once, by any thread; scripts wait for it.
class gate {
 public:
  gate();
  ~gate();
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;
  void open();
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

struct scripted_server_options {
  bool tls = false;
  std::string certificate_host;  ///< the certificate's name; empty: localhost and 127.0.0.1
  std::string protocol;          ///< chosen in ALPN, e.g. "h2"; empty: none
  int send_buffer = 0;           ///< SO_SNDBUF, for tests of slow readers; 0: the system's
};

class scripted_http_server;

/// A script's side of one connection.
class peer {
 public:
  /// The next request; none if the client closes first.
  std::optional<seen_request> read_request();
  /// What comes next, at most `size` bytes; empty when the client has closed.
  std::string read_some(std::size_t size = 65536);
  /// False if the client has closed. Blocks while the client does not read.
  bool send(std::string_view bytes);
  /// The same in pieces of `size` bytes, each its own packet.
  bool send_pieces(std::string_view bytes, std::size_t size = 1);
  /// False if the client has closed, or the patience is over, before it opens.
  bool wait(const gate& until);
  /// Waits until the client closes; also notes when. False if it does not.
  bool wait_closed();
  /// Cuts the connection with a TCP reset.
  void reset();
  /// Ends the connection without the rest of TLS.
  void cut();
  /// Bytes that `send` has given to the kernel so far, readable from any thread.
  std::size_t sent() const { return sent_.load(); }
  std::size_t number() const { return number_; }

  peer(scripted_http_server& server, int descriptor, std::size_t number);
  ~peer();
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

 private:
  friend class scripted_http_server;
  struct tls;
  bool shake_hands();
  bool ready(short events, int also = -1);
  bool fill();
  void close_descriptor();

  scripted_http_server& server_;
  int descriptor_;
  std::size_t number_;
  std::unique_ptr<tls> tls_;
  std::string ahead_;
  std::atomic<std::size_t> sent_{0};
};

using peer_script = std::function<void(peer&)>;

/// A script that answers every request on a connection with what `answer` makes of it.
peer_script answering(std::function<std::string(const seen_request&)> answer);
peer_script answering(std::string answer);

/// A whole answer with Content-Length. Each header line ends with \r\n.
std::string http_answer(int status, std::string_view body, std::string_view headers = {});
/// The head of a chunked answer, one chunk, and the end of such an answer.
std::string chunked_head(std::string_view headers = {});
std::string chunk(std::string_view bytes);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

class scripted_http_server {
 public:
  explicit scripted_http_server(peer_script every, scripted_server_options options = {});
  ~scripted_http_server();
  scripted_http_server(const scripted_http_server&) = delete;
  scripted_http_server& operator=(const scripted_http_server&) = delete;

  /// The script of the next connection that has none yet; called several times, of the ones after it.
  void next(peer_script once);

  std::uint16_t port() const;
  /// With the scheme; the path begins with a slash.
  std::string url(std::string_view path = "/") const;
  /// A PEM file with the server's certificate, for the client to trust. TLS only.
  std::string certificate_file() const;

  std::vector<seen_request> requests() const;
  /// Waits, up to `patience`, until that many requests have come; gives what has.
  std::vector<seen_request> wait_requests(std::size_t count) const;
  std::size_t connections() const;
  /// Waits for a client to close a connection; none if it does not. Only seen
  /// while its script reads, sends or waits.
  std::optional<std::chrono::steady_clock::time_point> wait_closed(std::size_t connection) const;
  /// Waits until clients have closed that many connections; gives how many they have.
  std::size_t wait_closed_count(std::size_t count) const;

 private:
  friend class peer;
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace troupe::test
