#pragma once

/// \file
/// A blocking WebSocket client for tests, on Beast's own client: a peer that
/// shares no framing code with the server. `raw_frame` makes single frames for
/// a `raw_client`, for what a well-behaved client cannot send.
///
/// Thread safety: one thread per client. Every wait has a limit and throws.

#include "support/http_client.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace troupe::test {

struct ws_options {
  std::string origin = {};
  std::string host = {};   ///< default: 127.0.0.1:PORT
  std::string token = {};  ///< sent as Authorization: Bearer
  std::map<std::string, std::string> headers = {};
  std::string unix_path = {};  ///< connect there instead of the port
};

/// The upgrade was refused.
struct ws_refused : std::runtime_error {
  ws_refused(unsigned s, std::string b)
      : std::runtime_error("upgrade refused with " + std::to_string(s)), status(s), body(std::move(b)) {}
  unsigned status;
  std::string body;
};

class ws_client {
 public:
  /// Throws `ws_refused` when the server answers anything but 101.
  ws_client(std::uint16_t port, const std::string& path, const ws_options& options = {});
  ~ws_client();
  ws_client(ws_client&&) noexcept;

  void send(std::string_view text);
  void send_binary(std::string_view bytes);
  void ping(std::string_view payload);
  /// The next message; throws when the connection is closed or time passes.
  std::string receive(std::chrono::milliseconds timeout = patience);
  /// Nothing when the connection has ended: then see `close_code`.
  std::optional<std::string> try_receive(std::chrono::milliseconds timeout = patience);
  /// Reads until the end and tells the server's close code, 1006 if none.
  std::uint16_t wait_close(std::chrono::milliseconds timeout = patience);
  std::uint16_t close_code() const;
  std::string close_reason() const;
  /// Payload of the last pong seen while receiving.
  std::string last_pong() const;
  void close(std::uint16_t code = 1000);
  /// Closes the socket without a word.
  void drop();
  /// Sends bytes past the framing.
  void send_raw(std::string_view bytes);
  std::uint16_t local_port() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// One client frame. `masked` with a fixed key, as every client must.
std::string raw_frame(int opcode, std::string_view payload, bool final = true, bool masked = true);

/// A raw connection after a successful handshake.
raw_client raw_websocket(std::uint16_t port, const std::string& path, int receive_buffer = 0);

}  // namespace troupe::test
