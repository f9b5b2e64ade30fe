/// What a provider's answer costs when the model behind it costs nothing: a stream
/// of OpenAI's chat completions, each piece in a write of its own as real servers
/// do it, or all in one.

#include "bench/load/frames.hpp"
#include "bench/load/paced_text.hpp"
#include "bench/server/serve.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

namespace troupe::bench {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;
using socket_type = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;
using timer_type = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                              asio::io_context::executor_type>;

constexpr std::string_view answer_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string http_chunk(std::string_view bytes) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

std::string event(std::string_view choice, std::string_view rest = {}) {
  return http_chunk(
      R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench",)"
      R"("choices":[)"
      + std::string(choice) + "]" + std::string(rest) + "}\n\n");
}

std::string piece(std::string_view text) {
  return event(R"({"index":0,"delta":{"content":")" + std::string(text) + R"("},"finish_reason":null})");
}

const std::string& answer_end() {
  static const std::string text = event(R"({"index":0,"delta":{},"finish_reason":"stop"})")
                                  + event("", R"(,"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2})")
                                  + http_chunk("data: [DONE]\n\n") + "0\r\n\r\n";
  return text;
}

/// The size of the request at the front of `input`, 0 if it is not whole.
std::size_t request_size(std::string_view input) {
  const auto end = input.find("\r\n\r\n");
  if (end == input.npos) return 0;
  std::string head(input.substr(0, end));
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::string_view name = "\r\ncontent-length:";
  const auto at = head.find(name);
  const auto size =
      end + 4 + (at == head.npos ? 0 : static_cast<std::size_t>(std::atoll(head.c_str() + at + name.size())));
  return input.size() < size ? 0 : size;
}

struct request_counts {
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
};

class upstream_session : public std::enable_shared_from_this<upstream_session> {
 public:
  upstream_session(socket_type socket, bool at_once, request_counts& counts)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), at_once_(at_once), counts_(counts) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](error_code error, std::size_t size) {
      if (error) return self->timer_.cancel(), void();
      self->input_.append(self->buffer_.data(), size);
      if (const auto whole = request_size(self->input_)) self->answer(whole);
      self->read();
    });
  }

 private:
  void answer(std::size_t size) {
    const std::string_view request(input_.data(), size);
    ++counts_.requests;
    counts_.bytes += size;
    const auto at = request.rfind("bench{");
    source_.emplace(find_order(request.substr(std::min(at, size))).value_or(paced_order{}), now_ns());
    input_.erase(0, size);
    send(std::string(answer_head));
    speak();
  }

  void speak() {
    while (!source_->done() && source_->due() <= now_ns()) send(piece(source_->take()));
    if (source_->done()) {
      source_.reset();
      send(answer_end());
      return write();
    }
    if (at_once_) write();
    timer_.expires_at(timer_type::time_point(std::chrono::nanoseconds(source_->due())));
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && self->source_) self->speak();
    });
  }

  void send(std::string bytes) {
    waiting_ += bytes;
    if (!at_once_) write();
  }

  /// At once if the kernel takes it, the rest when it does.
  void write() {
    if (writing_) return;
    error_code error;
    const auto written = socket_.write_some(asio::buffer(waiting_), error);
    if (error && error != asio::error::would_block) return;
    if (!error) waiting_.erase(0, written);
    if (waiting_.empty()) return;
    writing_ = true;
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](error_code failed) {
      self->writing_ = false;
      if (!failed) self->write();
    });
  }

  socket_type socket_;
  timer_type timer_;
  const bool at_once_;
  request_counts& counts_;
  std::array<char, 65536> buffer_;
  std::string input_;
  std::optional<paced_source> source_;
  std::string waiting_;  ///< for the kernel to take
  bool writing_ = false;
};

class upstream_listener {
 public:
  upstream_listener(asio::io_context& context, bool at_once)
      : context_(context), at_once_(at_once), acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    acceptor_.listen(4096);
    accept();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const request_counts& counts() const { return counts_; }

 private:
  void accept() {
    auto socket = std::make_shared<socket_type>(context_);
    acceptor_.async_accept(*socket, [this, socket](error_code error) {
      if (!error) std::make_shared<upstream_session>(std::move(*socket), at_once_, counts_)->read();
      accept();
    });
  }

  asio::io_context& context_;
  const bool at_once_;
  request_counts counts_;
  tcp::acceptor acceptor_;
};

}  // namespace

int serve_upstream(const serve_options& options) {
  asio::io_context context(1);
  upstream_listener listener(context, options.at_once);
  std::thread thread([&context] { context.run(); });
  announce(listener.port());
  wait_for_end_of_input();
  context.stop();
  thread.join();
  const auto& counts = listener.counts();
  std::printf("request_bytes %.6g\n",
              static_cast<double>(counts.bytes) / static_cast<double>(std::max<std::uint64_t>(1, counts.requests)));
  std::fflush(stdout);
  return 0;
}

}  // namespace troupe::bench
