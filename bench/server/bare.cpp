/// The baseline: what Beast does with nothing on top of it.

#include "bench/load/frames.hpp"
#include "bench/load/paced_text.hpp"
#include "bench/server/serve.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace troupe::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;
using socket_type = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;

class bare_session : public std::enable_shared_from_this<bare_session> {
 public:
  explicit bare_session(socket_type socket) : stream_(std::move(socket)), timer_(stream_.get_executor()) {}

  void run() {
    auto& socket = stream_.next_layer();
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    stream_.auto_fragment(false);
    stream_.text(true);
    stream_.async_accept([self = shared_from_this()](error_code error) {
      if (!error) self->read();
    });
  }

 private:
  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) { self->received(error); });
  }

  void received(error_code error) {
    if (error) {
      timer_.cancel();
      source_.reset();
      return;
    }
    std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    if (text.find("bench{") != text.npos) {
      source_.emplace(*find_order(text), now_ns());
      limit_send_buffer();
      speak();
    } else if (source_ && text.find("stop_text_session") != text.npos) {
      source_.reset();
      timer_.cancel();
      // Everything but what is being written already.
      if (queue_.size() > 1) queue_.erase(queue_.begin() + 1, queue_.end());
      send(R"({"type":"text_session_ended"})");
    } else {
      send(std::move(text));
    }
    read();
  }

  /// The project's server does the same (DESIGN §4, Stop): without it the
  /// kernel would hold megabytes, and a comparison would be of that alone.
  void limit_send_buffer() {
    error_code ignored;
    stream_.next_layer().set_option(asio::socket_base::send_buffer_size(128 * 1024), ignored);
  }

  void speak() {
    while (source_ && !source_->done() && source_->due() <= now_ns())
      send(R"({"type":"chunk","data":")" + source_->take() + R"("})");
    if (!source_) return;
    if (source_->done()) {
      source_.reset();
      return send(R"({"type":"complete","data":""})");
    }
    timer_.expires_at(asio::steady_timer::time_point(std::chrono::nanoseconds(source_->due())));
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->speak();
    });
  }

  void send(std::string text) {
    queue_.push_back(std::move(text));
    if (queue_.size() == 1) write();
  }

  void write() {
    stream_.async_write(asio::buffer(queue_.front()), [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return;
      self->queue_.pop_front();
      if (!self->queue_.empty()) self->write();
    });
  }

  beast::websocket::stream<socket_type> stream_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             asio::io_context::executor_type>
      timer_;
  beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  std::optional<paced_source> source_;
};

class bare_listener {
 public:
  bare_listener(std::vector<std::unique_ptr<asio::io_context>>& contexts)
      : contexts_(contexts), acceptor_(*contexts.front(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    acceptor_.listen(4096);
    accept();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    next_ = (next_ + 1) % contexts_.size();
    auto socket = std::make_shared<socket_type>(*contexts_[next_]);
    acceptor_.async_accept(*socket, [this, socket](error_code error) {
      if (!error) {
        auto session = std::make_shared<bare_session>(std::move(*socket));
        asio::post(*contexts_[next_], [session] { session->run(); });
      }
      accept();
    });
  }

  std::vector<std::unique_ptr<asio::io_context>>& contexts_;
  tcp::acceptor acceptor_;
  std::size_t next_ = 0;
};

}  // namespace

int serve_bare(const serve_options& options) {
  std::vector<std::unique_ptr<asio::io_context>> contexts;
  for (unsigned i = 0; i < options.threads; ++i) contexts.push_back(std::make_unique<asio::io_context>(1));
  bare_listener listener(contexts);
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::vector<std::thread> threads;
  for (auto& context : contexts) {
    work.emplace_back(context->get_executor());
    threads.emplace_back([&context] { context->run(); });
  }
  announce(listener.port());
  wait_for_end_of_input();
  for (auto& context : contexts) context->stop();
  for (auto& thread : threads) thread.join();
  return 0;
}

}  // namespace troupe::bench
