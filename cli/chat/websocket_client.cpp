#include "cli/chat/websocket_client.hpp"

#include "config/quote.hpp"

#include <boost/asio/connect.hpp>
#include <boost/url.hpp>

#include <charconv>
#include <cstdint>

namespace troupe::chat {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

namespace {

constexpr std::size_t largest_message = 1 << 20;  // contract 2.4
constexpr std::chrono::seconds closing_time{1};

}  // namespace

expected<websocket_address> websocket_address::of(std::string_view url) {
  const auto bad = [&](const char* rule) {
    return failure{failure_kind::invalid, "the server's address " + config::in_quotes(url) + " " + rule};
  };
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return bad("must be a URL like ws://localhost:8765");
  if (parsed->scheme() == "wss") return bad("asks for TLS (wss), which this client does not speak; use ws://");
  if (parsed->scheme() != "ws") return bad("must begin with ws://");
  websocket_address out;
  out.host = parsed->host_address();
  if (out.host.empty()) return bad("names no host");
  out.port = parsed->has_port() && !parsed->port().empty() ? std::string(parsed->port()) : "80";
  std::uint16_t number = 0;
  const auto* const end = out.port.data() + out.port.size();
  if (std::from_chars(out.port.data(), end, number).ec != std::errc{} || number == 0)
    return bad("has a port that is none (1 to 65535)");
  const std::string path(parsed->encoded_path());
  out.target = path.empty() ? "/" : path;
  if (parsed->has_query()) out.target += "?" + std::string(parsed->encoded_query());
  return out;
}

websocket_client::websocket_client(asio::io_context& context, listeners with)
    : context_(context), listeners_(std::move(with)) {}

void websocket_client::open(const websocket_address& to, std::chrono::milliseconds limit,
                            std::function<void(expected<void>)> done) {
  to_ = to;
  opening_ = std::move(done);
  opening_limit_.expires_after(limit);
  opening_limit_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->opened(failure{failure_kind::unavailable, "it took too long"});
  });
  resolver_.async_resolve(to_.host, to_.port, [self = shared_from_this()](error_code error, auto found) {
    if (error) return self->opened(failure{failure_kind::unavailable, error.message()});
    self->connect(found);
  });
}

void websocket_client::connect(const asio::ip::tcp::resolver::results_type& found) {
  asio::async_connect(beast::get_lowest_layer(stream_).socket(), found,
                      [self = shared_from_this()](error_code error, const auto&) {
                        if (error) return self->opened(failure{failure_kind::unavailable, error.message()});
                        self->shake_hands();
                      });
}

void websocket_client::shake_hands() {
  error_code ignored;
  beast::get_lowest_layer(stream_).socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  stream_.read_message_max(largest_message);
  stream_.auto_fragment(false);
  stream_.text(true);
  stream_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
    last_traffic_ = clock::now();
    if (kind == websocket::frame_type::pong) pong(std::string(payload));
  });
  const auto name = to_.host.find(':') == std::string::npos ? to_.host : "[" + to_.host + "]";
  stream_.async_handshake(name + ":" + to_.port, to_.target, [self = shared_from_this()](error_code error) {
    if (error)
      return self->opened(
          failure{failure_kind::unavailable, error == websocket::error::upgrade_declined
                                                 ? std::string("there is a server, but it takes no WebSocket here")
                                                 : error.message()});
    self->opened({});
  });
}

void websocket_client::opened(expected<void> how) {
  if (!opening_) return;
  opening_limit_.cancel();
  auto done = std::exchange(opening_, {});
  if (over_) return;
  if (!how) {
    over_ = true;
    resolver_.cancel();
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
    return done(how);
  }
  open_ = true;
  last_traffic_ = clock::now();
  read();
  done(how);
}

void websocket_client::read() {
  stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t size) {
    if (self->over_) return;
    if (error) {
      const auto code = self->stream_.reason().code;
      return self->drop(error == websocket::error::closed ? "the server closed it with code " + std::to_string(code)
                                                          : error.message());
    }
    self->last_traffic_ = clock::now();
    const std::string_view text(static_cast<const char*>(self->buffer_.data().data()), size);
    self->listeners_.frame(text);
    if (self->over_) return;
    self->buffer_.consume(size);
    self->read();
  });
}

void websocket_client::send(std::string text) {
  if (over_) return;
  queue_.push_back(std::move(text));
  if (!writing_) write();
}

void websocket_client::write() {
  writing_ = true;
  stream_.async_write(asio::buffer(queue_.front()), [self = shared_from_this()](error_code error, std::size_t) {
    self->writing_ = false;
    if (self->over_) return;
    if (error) return self->drop(error.message());
    self->queue_.pop_front();
    if (!self->queue_.empty()) self->write();
  });
}

void websocket_client::ping(std::chrono::milliseconds grace, std::function<void(bool)> done) {
  if (over_ || !open_) return done(false);
  const auto payload = std::to_string(++ping_count_);
  auto deadline = std::make_unique<asio::steady_timer>(context_, grace);
  deadline->async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (!error && self) self->drop("the server did not answer a ping");
  });
  pongs_.emplace(payload, expected_pong{std::move(done), std::move(deadline)});
  pings_.push_back(payload);
  if (pinging_) return;
  pinging_ = true;
  // One at a time is what Beast allows; a later payload goes with the next.
  const auto send_next = [](auto& again, std::shared_ptr<websocket_client> self) -> void {
    const auto next = std::exchange(self->pings_.front(), {});
    self->pings_.pop_front();
    auto* const stream = &self->stream_;
    stream->async_ping(websocket::ping_data(beast::string_view(next)), [again, self](error_code error) {
      self->pinging_ = false;
      if (error || self->over_ || self->pings_.empty()) return;
      self->pinging_ = true;
      again(again, self);
    });
  };
  send_next(send_next, shared_from_this());
}

void websocket_client::pong(const std::string& payload) {
  const auto found = pongs_.find(payload);
  if (found == pongs_.end()) return;
  auto done = std::move(found->second.done);
  pongs_.erase(found);
  // Not within Beast's own call-back, where nothing may be begun.
  asio::post(context_, [done = std::move(done)] { done(true); });
}

void websocket_client::close() {
  if (!open_ || over_) {
    over_ = true;
    opening_ = {};
    opening_limit_.cancel();
    resolver_.cancel();
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
    return;
  }
  over_ = true;
  pongs_.clear();
  closing_limit_.expires_after(closing_time);
  closing_limit_.async_wait([self = shared_from_this()](error_code error) {
    error_code ignored;
    if (!error) beast::get_lowest_layer(self->stream_).socket().close(ignored);
  });
  stream_.async_close(websocket::close_code::normal, [self = shared_from_this()](error_code) {
    self->closing_limit_.cancel();
    error_code ignored;
    beast::get_lowest_layer(self->stream_).socket().close(ignored);
  });
}

void websocket_client::drop(const std::string& why) {
  if (over_) return;
  over_ = true;
  error_code ignored;
  beast::get_lowest_layer(stream_).socket().close(ignored);
  auto pongs = std::move(pongs_);
  pongs_.clear();
  // The owner first, so that it knows the connection is lost when a ping fails.
  if (open_) listeners_.closed(why);
  for (auto& [payload, each] : pongs) each.done(false);
}

}  // namespace troupe::chat
