#include "support/ws_client.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <cstring>

namespace troupe::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

struct ws_client::state {
  using socket = asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

  asio::io_context context{1};
  websocket::stream<socket> stream{context};
  beast::flat_buffer buffer;
  std::string pong;

  /// Runs one asynchronous operation to its end, or throws at the deadline.
  template <class Start>
  error_code await(std::chrono::milliseconds timeout, Start start) {
    std::optional<error_code> result;
    start([&result](error_code error, auto&&...) { result = error; });
    context.restart();
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (!result) {
      if (context.run_one_until(end) == 0) {
        beast::get_lowest_layer(stream).close();
        while (!result && context.run_one() > 0) {
        }
        throw std::runtime_error("nothing came in time");
      }
    }
    return *result;
  }
};

ws_client::ws_client(std::uint16_t port, const std::string& path, const ws_options& options)
    : state_(std::make_unique<state>()) {
  auto& stream = state_->stream;
  if (options.unix_path.empty()) {
    beast::get_lowest_layer(stream).connect(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), port));
    beast::get_lowest_layer(stream).set_option(asio::ip::tcp::no_delay(true));
  } else {
    beast::get_lowest_layer(stream).connect(asio::local::stream_protocol::endpoint(options.unix_path));
  }
  stream.auto_fragment(false);
  stream.read_message_max(64 * 1024 * 1024);
  stream.control_callback([state = state_.get()](websocket::frame_type kind, beast::string_view payload) {
    if (kind == websocket::frame_type::pong) state->pong = std::string(payload.data(), payload.size());
  });
  stream.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    if (!options.origin.empty()) request.set("Origin", options.origin);
    if (!options.token.empty()) request.set("Authorization", "Bearer " + options.token);
    for (auto& [name, value] : options.headers) request.set(name, value);
  }));
  const auto host = options.host.empty() ? "127.0.0.1:" + std::to_string(port) : options.host;
  websocket::response_type response;
  const auto error = state_->await(patience, [&](auto done) { stream.async_handshake(response, host, path, done); });
  if (error == websocket::error::upgrade_declined) throw ws_refused(response.result_int(), response.body());
  if (error) throw boost::system::system_error(error);
}

ws_client::~ws_client() = default;
ws_client::ws_client(ws_client&&) noexcept = default;

void ws_client::send(std::string_view text) {
  state_->stream.text(true);
  state_->stream.write(asio::buffer(text.data(), text.size()));
}

void ws_client::send_binary(std::string_view bytes) {
  state_->stream.binary(true);
  state_->stream.write(asio::buffer(bytes.data(), bytes.size()));
}

void ws_client::ping(std::string_view payload) {
  state_->stream.ping(websocket::ping_data(beast::string_view(payload.data(), payload.size())));
}

std::optional<std::string> ws_client::try_receive(std::chrono::milliseconds timeout) {
  state_->buffer.clear();
  const auto error = state_->await(timeout, [&](auto done) { state_->stream.async_read(state_->buffer, done); });
  if (error) return std::nullopt;
  return beast::buffers_to_string(state_->buffer.data());
}

std::string ws_client::receive(std::chrono::milliseconds timeout) {
  auto message = try_receive(timeout);
  if (!message) throw std::runtime_error("the connection is closed with " + std::to_string(close_code()));
  return *message;
}

std::uint16_t ws_client::wait_close(std::chrono::milliseconds timeout) {
  while (try_receive(timeout)) {
  }
  return close_code();
}

std::uint16_t ws_client::close_code() const {
  const auto code = state_->stream.reason().code;
  return code == websocket::close_code::none ? 1006 : code;
}

std::string ws_client::close_reason() const {
  const auto& reason = state_->stream.reason().reason;
  return std::string(reason.data(), reason.size());
}

std::string ws_client::last_pong() const {
  return state_->pong;
}

void ws_client::close(std::uint16_t code) {
  state_->await(patience, [&](auto done) {
    state_->stream.async_close(websocket::close_reason(static_cast<websocket::close_code>(code)), done);
  });
}

void ws_client::drop() {
  beast::get_lowest_layer(state_->stream).close();
}

void ws_client::send_raw(std::string_view bytes) {
  asio::write(beast::get_lowest_layer(state_->stream), asio::buffer(bytes.data(), bytes.size()));
}

std::uint16_t ws_client::local_port() const {
  const auto local = beast::get_lowest_layer(state_->stream).local_endpoint();
  asio::ip::tcp::endpoint out;
  std::memcpy(out.data(), local.data(), std::min(local.size(), out.capacity()));
  return out.port();
}

std::string raw_frame(int opcode, std::string_view payload, bool final, bool masked) {
  std::string out(1, static_cast<char>((final ? 0x80 : 0) | opcode));
  const char mask_bit = masked ? '\x80' : '\0';
  const auto size = payload.size();
  const int bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  out += static_cast<char>(mask_bit | static_cast<char>(bytes == 0 ? size : bytes == 2 ? 126 : 127));
  for (int i = bytes; i > 0; --i) out += static_cast<char>(size >> (8 * (i - 1)) & 0xFF);
  static constexpr std::string_view key = "\x12\x34\x56\x78";
  if (masked) out += key;
  const auto from = out.size();
  out += payload;
  if (masked)
    for (std::size_t i = 0; i < size; ++i) out[from + i] = static_cast<char>(out[from + i] ^ key[i & 3]);
  return out;
}

raw_client raw_websocket(std::uint16_t port, const std::string& path, int receive_buffer) {
  raw_client out(port, receive_buffer);
  out.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const auto answer = out.receive_until("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 101 "))
    throw ws_refused(static_cast<unsigned>(std::stoul(answer.substr(9, 3))), answer);
  return out;
}

}  // namespace troupe::test
