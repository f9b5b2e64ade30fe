#include "net/http/session.hpp"

#include "net/ws/handshake.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <optional>

namespace troupe::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

class http_session final : public connection, public std::enable_shared_from_this<http_session> {
 public:
  http_session(stream_socket socket, peer_info peer, std::shared_ptr<io_gate> gate,
               std::shared_ptr<const http_context> context, bool overloaded)
      : gate_(std::move(gate)),
        context_(std::move(context)),
        peer_(std::move(peer)),
        overloaded_(overloaded),
        socket_(std::move(socket)) {
    timer_.emplace(socket_->get_executor());
  }

  void start() {
    registered_ = context_->websocket->registry.add(weak_from_this());
    read_header();
  }

  void shut_down(std::uint16_t) override {
    gate_->post([self = shared_from_this()] {
      self->last_ = true;
      if (self->idle_) self->finish();
    });
  }

  void abort() override {
    gate_->post([self = shared_from_this()] { self->finish(); });
  }

  /// The handler's answer, on the I/O thread.
  void answer(http_response response) {
    auto kept = std::move(waiting_self_);
    if (kept && socket_) write(std::move(response));
  }

 private:
  using timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                           asio::io_context::executor_type>;

  // ---- reading --------------------------------------------------------------

  void next_request() {
    if (last_) return linger();
    if (buffer_.size() > 0) return read_header();
    buffer_ = beast::flat_buffer();  // an idle connection keeps none
    parser_.reset();
    idle_ = true;
    deadline(context_->limits.idle_timeout);
    socket_->async_wait(stream_socket::wait_read, [self = shared_from_this()](error_code error) {
      self->idle_ = false;
      if (!self->socket_) return;
      if (error || self->timed_out_) return self->finish();
      self->read_header();
    });
  }

  void read_header() {
    request_ = http_request();
    request_.peer_address = peer_.address;
    request_.loopback = peer_.loopback;
    request_.local_control = peer_.local_control;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(context_->limits.header_limit));
    parser_->body_limit(boost::none);
    deadline(context_->limits.header_deadline);
    http::async_read_header(*socket_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t) { self->on_header(error); });
  }

  void on_header(error_code error) {
    if (!socket_) return;
    if (error) return on_read_error(error, "The request header did not arrive in time");
    const auto& header = parser_->get();
    keep_alive_ = header.keep_alive();
    head_ = header.method() == http::verb::head;
    request_.method = std::string(header.method_string());
    for (auto& field : header) request_.headers.add(std::string(field.name_string()), std::string(field.value()));
    auto target = parse_target(std::string_view(header.target().data(), header.target().size()));
    if (!target) return refuse(400, "The request target must be an absolute path with valid percent escapes");
    request_.target = std::move(*target);
    if (overloaded_) return refuse(503, "The server has reached its limit of connections");
    beast::websocket::is_upgrade(header) ? upgrade() : route();
  }

  void on_read_error(error_code error, std::string_view late) {
    if (timed_out_) return refuse(408, late);
    if (error == http::error::end_of_stream) return finish();
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
      return refuse(
          431, "The request header may be at most " + std::to_string(context_->limits.header_limit) + " bytes long");
    if (error == http::error::body_limit) return refuse(413, body_rule());
    if (error.category() == make_error_code(http::error::bad_method).category()
        && error != http::error::partial_message)
      return refuse(400, "Not a valid HTTP/1.1 request: " + error.message());
    finish();
  }

  // ---- plain requests -------------------------------------------------------

  void route() {
    const auto& routes = context_->routes;
    const auto found = routes.find(request_.method, request_.target);
    // Host and Origin come before anything that tells what there is here.
    auto entry = admission(found.route ? found.route->options.needs : access::open, false);
    if (!entry.admitted()) return refuse(entry.status, entry.detail, entry.status == 401);
    request_.principal = std::move(entry.principal);
    if (!found.route) return refuse_unrouted();
    route_ = found.route;
    request_.parameters = found.parameters;
    const auto limit = route_->options.body_limit;
    if (auto length = parser_->content_length(); length && *length > limit) return refuse(413, body_rule());
    parser_->body_limit(limit);
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) return send_continue();
    read_body();
  }

  void refuse_unrouted() {
    const auto allowed = context_->routes.allowed_methods(request_.target);
    if (allowed.empty()) return refuse(404, "Not Found");
    auto response = context_->routes.error(request_.target.path, 405, "Method Not Allowed");
    response.headers.emplace_back("Allow", allowed);
    close_if_body_unread();
    write(std::move(response));
  }

  std::string body_rule() const {
    const auto limit = route_ ? route_->options.body_limit : 0;
    return "The request body may be at most " + std::to_string(limit) + " bytes long here";
  }

  void send_continue() {
    static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(*socket_, asio::buffer(text.data(), text.size()),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (self->socket_) error ? self->finish() : self->read_body();
                      });
  }

  void read_body() {
    if (parser_->is_done()) return handle();
    deadline(context_->limits.body_deadline);
    http::async_read(*socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!self->socket_) return;
      error ? self->on_read_error(error, "The request body did not arrive in time") : self->handle();
    });
  }

  void handle() {
    timer_->cancel();
    request_.body = std::move(parser_->get().body());
    waiting_self_ = shared_from_this();
    std::weak_ptr<http_session> weak = waiting_self_;
    auto responder = std::make_shared<http_responder>([weak, gate = gate_](http_response response) {
      gate->post([weak, response = std::move(response)]() mutable {
        if (auto self = weak.lock()) self->answer(std::move(response));
      });
    });
    route_->handler(request_, std::move(responder));
  }

  // ---- upgrade --------------------------------------------------------------

  void upgrade() {
    const auto found = context_->routes.find_websocket(request_.target);
    auto entry = admission(found.route ? found.route->options.needs : access::open, true);
    if (!entry.admitted()) return refuse(entry.status, entry.detail);
    if (!found.route) return refuse(403, "There is no WebSocket at this path");
    const auto& header = parser_->get();
    if (header[http::field::sec_websocket_version] != "13") {
      auto response = context_->routes.error(request_.target.path, 426, "Sec-WebSocket-Version must be 13");
      response.headers.emplace_back("Sec-WebSocket-Version", "13");
      keep_alive_ = false;
      return write(std::move(response));
    }
    const auto key = header[http::field::sec_websocket_key];
    const auto accept = websocket_accept(std::string_view(key.data(), key.size()));
    if (!accept) return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64");
    if (!parser_->is_done()) return refuse(400, "An upgrade request must not have a body");
    request_.principal = std::move(entry.principal);
    request_.parameters = found.parameters;
    request_.thread = gate_;
    become_websocket(*found.route, switching_protocols(*accept));
  }

  void become_websocket(const router::websocket_route& route, std::string answer) {
    timer_.reset();
    parser_.reset();
    auto session = std::make_shared<websocket_session>(std::move(*socket_), gate_, context_->websocket,
                                                       route.options.message_limit, route.options.binary_as_text);
    socket_.reset();
    const std::string early(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    // The new entry first: the number of connections never dips.
    session->start(std::move(answer), route.factory, request_, early);
    context_->websocket->registry.remove(registered_);
  }

  admission_result admission(access needs, bool upgrade) const {
    admission_request ask;
    ask.local_control = peer_.local_control;
    ask.bound_to_loopback = peer_.bound_to_loopback;
    ask.bound_to_any = peer_.bound_to_any;
    ask.bound_host = peer_.bound_host;
    ask.host = request_.headers.find("host");
    ask.host_required = parser_->get().version() >= 11;
    ask.origin = request_.headers.find("origin");
    ask.query_token = request_.target.parameter("token");
    ask.authorization = request_.headers.find("authorization");
    ask.needs = needs;
    ask.upgrade = upgrade;
    return admit(context_->admission, ask);
  }

  // ---- writing --------------------------------------------------------------

  void refuse(unsigned status, std::string_view detail, bool challenge = false) {
    auto response = context_->routes.error(request_.target.path, status, detail);
    if (challenge) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    close_if_body_unread();
    if (status == 400 || status == 408 || status == 413 || status == 431 || status == 503) keep_alive_ = false;
    write(std::move(response));
  }

  void close_if_body_unread() {
    if (!parser_->is_done()) keep_alive_ = false;
  }

  void write(http_response response) {
    http::response<http::string_body> out;
    out.version(11);
    out.result(response.status);
    if (!response.content_type.empty()) out.set(http::field::content_type, response.content_type);
    for (auto& [name, value] : response.headers) out.insert(name, value);
    out.keep_alive(keep_alive_ && !last_);
    if (response.status != 204 && response.status != 304) out.content_length(response.body.size());
    if (!head_) out.body() = std::move(response.body);
    out_.emplace(std::move(out));
    deadline(context_->limits.write_deadline);
    auto done = [self = shared_from_this()](error_code error, std::size_t) { self->on_written(error); };
    if (!head_) return http::async_write(*socket_, *out_, std::move(done));
    header_out_.emplace(*out_);
    http::async_write_header(*socket_, *header_out_, std::move(done));
  }

  void on_written(error_code error) {
    header_out_.reset();
    out_.reset();
    if (!socket_) return;
    if (error) return finish();
    keep_alive_ && !last_ ? next_request() : linger();
  }

  /// Reads and forgets what the client still sends: closing at once would reset
  /// the connection and take the answer away from it.
  void linger() {
    error_code ignored;
    socket_->shutdown(stream_socket::shutdown_send, ignored);
    deadline(context_->limits.linger);
    discard();
  }

  void discard() {
    buffer_.clear();
    socket_->async_read_some(buffer_.prepare(16 * 1024), [self = shared_from_this()](error_code error, std::size_t) {
      if (!self->socket_) return;
      error || self->timed_out_ ? self->finish() : self->discard();
    });
  }

  void deadline(std::chrono::milliseconds after) {
    timed_out_ = false;
    timer_->expires_after(after);
    timer_->async_wait([self = shared_from_this()](error_code error) {
      if (error || !self->socket_) return;
      self->timed_out_ = true;
      error_code ignored;
      self->socket_->cancel(ignored);
    });
  }

  void finish() {
    waiting_self_.reset();
    if (!socket_) return;
    error_code ignored;
    socket_->close(ignored);
    socket_.reset();
    timer_.reset();
    context_->websocket->registry.remove(registered_);
  }

  const std::shared_ptr<io_gate> gate_;
  const std::shared_ptr<const http_context> context_;
  const peer_info peer_;
  const bool overloaded_;
  std::uint64_t registered_ = 0;
  std::optional<stream_socket> socket_;
  std::optional<timer> timer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> out_;
  std::optional<http::response_serializer<http::string_body>> header_out_;
  http_request request_;
  const router::http_route* route_ = nullptr;
  std::shared_ptr<http_session> waiting_self_;
  bool keep_alive_ = false;
  bool head_ = false;
  bool last_ = false;
  bool idle_ = false;
  bool timed_out_ = false;
};

}  // namespace

void serve_http(stream_socket socket, peer_info peer, std::shared_ptr<io_gate> gate,
                std::shared_ptr<const http_context> context, bool overloaded) {
  std::make_shared<http_session>(std::move(socket), std::move(peer), std::move(gate), std::move(context), overloaded)
      ->start();
}

}  // namespace troupe::net
