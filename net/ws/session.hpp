#pragma once

/// \file
/// One WebSocket connection after its handshake: the transport of a connection
/// actor (DESIGN §4, §9).
///
/// Sending writes straight to the non-blocking socket from whatever thread the
/// caller runs on: no hop and no wake-up while the peer keeps up. Only when the
/// kernel takes no more do frames queue; then the I/O thread waits for the
/// socket (one wake-up under way at a time) and what has gathered goes out in
/// as few system calls as it takes.
///
/// Reading uses a small buffer of the session and, for what does not fit, one
/// per thread, so that an idle client holds neither.
///
/// Ownership: shared by its pending operations, the registry's users and the
/// actor. Descriptor, timer, handler and buffers go when the socket goes, also
/// if an actor keeps the transport.
/// Thread safety: `transport` and `connection` members from any thread; the
/// rest on the I/O thread. `mutex_` is a leaf.

#include "net/connection_registry.hpp"
#include "net/io_threads.hpp"
#include "net/socket.hpp"
#include "net/ws/frame_reader.hpp"
#include "net/ws/handler.hpp"
#include "net/ws/limits.hpp"
#include "net/ws/write_queue.hpp"

#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <optional>

namespace troupe::net {

/// What all sessions of a server share.
struct websocket_context {
  explicit websocket_context(const websocket_limits& l) : limits(l), budget(l.half_read_budget) {}
  websocket_limits limits;
  half_read_budget budget;
  connection_registry registry;
};

class websocket_session final : public transport,
                                public connection,
                                public std::enable_shared_from_this<websocket_session> {
 public:
  websocket_session(stream_socket socket, std::shared_ptr<io_gate> gate, std::shared_ptr<websocket_context> context,
                    std::size_t message_limit, bool binary_as_text = false);
  ~websocket_session() override;

  /// Sends the handshake's answer, makes the handler, reads `early`, what came
  /// behind the request. REQUIRES: the I/O thread, once.
  void start(std::string handshake, const websocket_factory& factory, const upgrade_request& request,
             std::string_view early);

  void send(shared_bytes frame, std::uint64_t turn) override;
  void drop_turn(std::uint64_t turn) override;
  void close(std::uint16_t code, std::string reason) override;
  std::size_t queued_bytes() const override;

  void shut_down(std::uint16_t code) override;
  void abort() override;

 private:
  using clock = std::chrono::steady_clock;
  enum class phase : std::uint8_t { open, closing, gone };

  // Under mutex_, any thread.
  void flush_locked();
  void wake_locked();
  void begin_close_locked(std::uint16_t code, std::string reason, std::chrono::milliseconds linger);
  void overrun_locked(const char* reason);

  // The I/O thread.
  void on_wake();
  void wait_writable();
  void read();
  void on_read(boost::system::error_code error, std::size_t size);
  bool drain_socket();
  bool consume(std::string_view bytes);
  bool handle(frame_reader::event event);
  void account();
  void on_peer_close();
  void break_off(std::uint16_t code, const char* reason);
  void notify_closed();
  void notify_closed(std::uint16_t code, const std::string& reason);
  void finish();
  void on_tick();
  void check_ping(clock::time_point now);
  clock::time_point check_writes(clock::time_point now, bool& give_up);
  void arm(clock::time_point when);
  bool is_open() const { return phase_.load(std::memory_order_acquire) == phase::open; }

  const std::shared_ptr<io_gate> gate_;
  const std::shared_ptr<websocket_context> context_;
  std::uint64_t registered_ = 0;

  mutable std::mutex mutex_;
  write_queue queue_;
  std::atomic<phase> phase_{phase::open};
  int descriptor_ = -1;
  bool blocked_ = false;
  bool broken_ = false;
  bool wake_posted_ = false;
  bool notify_now_ = false;  ///< the handler need not wait for the closing handshake
  bool abrupt_ = false;      ///< `linger_` counts from the decision, not from the close frame's leaving
  std::uint16_t close_code_ = 1006;
  std::string close_reason_;
  std::chrono::milliseconds linger_{0};
  clock::time_point closing_since_{};
  clock::time_point last_progress_{};

  std::optional<stream_socket> socket_;
  std::optional<
      boost::asio::basic_waitable_timer<clock, boost::asio::wait_traits<clock>, boost::asio::io_context::executor_type>>
      timer_;
  std::unique_ptr<websocket_handler> handler_;
  frame_reader reader_;
  bool waiting_writable_ = false;
  bool discarding_ = false;  ///< the stream is out of step: read only to keep the peer from a reset
  bool peer_closed_ = false;
  bool half_closed_ = false;
  bool pong_due_ = false;
  std::size_t held_ = 0;
  std::uint64_t message_seen_ = 0;
  clock::time_point next_ping_;
  clock::time_point message_deadline_;
  clock::time_point armed_;
  std::array<char, 1024> small_buffer_;
};

}  // namespace troupe::net
