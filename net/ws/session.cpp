#include "net/ws/session.hpp"

#include <boost/asio/buffer.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace troupe::net {
namespace {

constexpr auto never = std::chrono::steady_clock::time_point::max();
constexpr const char* shutting_down = "the server is shutting down";
constexpr std::size_t scratch_size = 64 * 1024;
/// Reads of one connection in a row, before the others of its thread get a turn.
constexpr int reads_in_a_row = 16;

char* scratch() {
  thread_local const auto buffer = std::make_unique<char[]>(scratch_size);
  return buffer.get();
}

}  // namespace

websocket_session::websocket_session(stream_socket socket, std::shared_ptr<io_gate> gate,
                                     std::shared_ptr<websocket_context> context, std::size_t message_limit,
                                     bool binary_as_text)
    : gate_(std::move(gate)),
      context_(std::move(context)),
      reader_(message_limit, binary_as_text),
      message_deadline_(never),
      armed_(never) {
  descriptor_ = socket.native_handle();
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket_.emplace(std::move(socket));
  timer_.emplace(socket_->get_executor());
  last_progress_ = clock::now();
  next_ping_ = last_progress_ + context_->limits.ping_interval;
}

websocket_session::~websocket_session() = default;

void websocket_session::start(std::string handshake, const websocket_factory& factory, const upgrade_request& request,
                              std::string_view early) {
  registered_ = context_->registry.add(weak_from_this());
  {
    std::lock_guard lock(mutex_);
    queue_.push_raw(std::move(handshake));
  }
  // The handshake leaves with the handler's first frame, in one system call.
  handler_ = factory(shared_from_this(), request);
  {
    std::lock_guard lock(mutex_);
    flush_locked();
  }
  if (!handler_) close(1013, "the server takes no more of these connections now");
  arm(next_ping_);
  if (consume(early)) read();
}

// ---- any thread -----------------------------------------------------------

void websocket_session::send(shared_bytes frame, std::uint64_t turn) {
  std::lock_guard lock(mutex_);
  if (phase_ != phase::open) return;
  if (!queue_.empty() && queue_.bytes() + frame.size() > context_->limits.write_queue)
    return overrun_locked("the client reads too slowly");
  queue_.push(opcode::text, std::move(frame), turn);
  flush_locked();
}

void websocket_session::drop_turn(std::uint64_t turn) {
  std::lock_guard lock(mutex_);
  if (phase_ == phase::open) queue_.drop_turn(turn);
}

void websocket_session::close(std::uint16_t code, std::string reason) {
  std::lock_guard lock(mutex_);
  if (phase_ != phase::open) return;
  begin_close_locked(code, std::move(reason), context_->limits.close_timeout);
}

std::size_t websocket_session::queued_bytes() const {
  std::lock_guard lock(mutex_);
  return queue_.bytes();
}

void websocket_session::shut_down(std::uint16_t code) {
  gate_->post([self = shared_from_this(), code] {
    if (!self->is_open()) return;
    if (!self->handler_ || !self->handler_->on_shut_down(code, shutting_down)) self->close(code, shutting_down);
  });
}

void websocket_session::abort() {
  gate_->post([self = shared_from_this()] {
    self->close(1001, shutting_down);  // as far as the kernel takes it now
    self->finish();
  });
}

void websocket_session::flush_locked() {
  if (blocked_ || broken_ || descriptor_ < 0) return;
  bool progress = false;
  const auto outcome = queue_.flush(descriptor_, progress);
  if (outcome == write_queue::outcome::drained) return;
  // The clock is read only here: while everything goes out at once, nobody asks.
  last_progress_ = clock::now();
  blocked_ = outcome == write_queue::outcome::blocked;
  broken_ = !blocked_;
  wake_locked();
}

void websocket_session::wake_locked() {
  if (wake_posted_) return;
  wake_posted_ = true;
  gate_->post([self = shared_from_this()] { self->on_wake(); });
}

void websocket_session::begin_close_locked(std::uint16_t code, std::string reason, std::chrono::milliseconds linger) {
  phase_ = phase::closing;
  close_code_ = code;
  close_reason_ = std::move(reason);
  linger_ = linger;
  closing_since_ = clock::now();
  const bool says_nothing = code == 1005 || code == 1006;
  queue_.push(opcode::close, shared_bytes(says_nothing ? std::string() : close_payload(code, close_reason_)));
  flush_locked();
  wake_locked();
}

void websocket_session::overrun_locked(const char* reason) {
  queue_.drop_all();
  notify_now_ = abrupt_ = true;
  begin_close_locked(1008, reason, context_->limits.abort_after);
}

// ---- the I/O thread -------------------------------------------------------

void websocket_session::on_wake() {
  bool wait = false, broken = false, notify = false, drained = false, closing = false;
  {
    std::lock_guard lock(mutex_);
    wake_posted_ = false;
    if (phase_ == phase::gone) return;
    wait = blocked_;
    broken = broken_;
    notify = notify_now_;
    drained = queue_.empty();
    closing = phase_ == phase::closing;
  }
  if (broken) {
    notify_closed(1006, "the connection broke while writing");
    return finish();
  }
  if (notify) notify_closed();
  if (wait) wait_writable();
  if (closing && drained) {
    if (peer_closed_) return finish();
    if (discarding_ && !half_closed_) {
      half_closed_ = true;
      boost::system::error_code ignored;
      socket_->shutdown(stream_socket::shutdown_send, ignored);
    }
  }
  arm(clock::now());
}

void websocket_session::wait_writable() {
  if (waiting_writable_) return;
  waiting_writable_ = true;
  socket_->async_wait(stream_socket::wait_write, [self = shared_from_this()](boost::system::error_code error) {
    self->waiting_writable_ = false;
    if (error || !self->socket_) return;
    {
      std::lock_guard lock(self->mutex_);
      self->blocked_ = false;
      const auto before = self->queue_.bytes();
      bool progress = false;
      const auto outcome = self->queue_.flush(self->descriptor_, progress);
      if (self->queue_.bytes() != before) self->last_progress_ = clock::now();
      self->blocked_ = outcome == write_queue::outcome::blocked;
      self->broken_ = outcome == write_queue::outcome::failed;
    }
    self->on_wake();
  });
}

void websocket_session::read() {
  socket_->async_read_some(
      boost::asio::buffer(small_buffer_),
      [self = shared_from_this()](boost::system::error_code error, std::size_t size) { self->on_read(error, size); });
}

void websocket_session::on_read(boost::system::error_code error, std::size_t size) {
  if (!socket_) return;
  if (error) {
    if (is_open()) notify_closed(1006, "the client is gone");
    return finish();
  }
  if (!consume({small_buffer_.data(), size})) return;
  if (size == small_buffer_.size() && !drain_socket()) return;
  read();
}

bool websocket_session::drain_socket() {
  for (int i = 0; i < reads_in_a_row; ++i) {
    const auto size = ::recv(descriptor_, scratch(), scratch_size, MSG_DONTWAIT);
    // End and errors are reported again by the read that follows.
    if (size <= 0) return true;
    if (!consume({scratch(), static_cast<std::size_t>(size)})) return false;
    if (static_cast<std::size_t>(size) < scratch_size) return true;
  }
  return true;
}

bool websocket_session::consume(std::string_view bytes) {
  while (!discarding_ && !peer_closed_) {
    const auto event = reader_.next(bytes);
    if (event == frame_reader::event::need_more) break;
    if (!handle(event)) return false;
  }
  if (!discarding_) account();
  return socket_.has_value();
}

/// False if the session is gone.
bool websocket_session::handle(frame_reader::event event) {
  switch (event) {
    case frame_reader::event::text: {
      shared_bytes text(reader_.take());
      if (handler_ && is_open()) handler_->on_text(std::move(text));
      break;
    }
    case frame_reader::event::binary:
      if (handler_ && is_open()) handler_->on_binary(reader_.size());
      break;
    case frame_reader::event::ping: {
      std::lock_guard lock(mutex_);
      // While the peer does not read, its pings are not answered: the queue stays bounded.
      if (phase_ == phase::open && !blocked_) {
        queue_.push_front(opcode::pong, shared_bytes(reader_.control()));
        flush_locked();
      }
      break;
    }
    case frame_reader::event::pong: {
      if (!pong_due_) break;
      pong_due_ = false;
      next_ping_ = clock::now() + context_->limits.ping_interval;
      arm(next_ping_);
      break;
    }
    case frame_reader::event::close: on_peer_close(); break;
    case frame_reader::event::error: break_off(reader_.close_code(), reader_.error_text()); break;
    case frame_reader::event::need_more: break;
  }
  return socket_.has_value();
}

/// Deadline and budget of the message under way.
void websocket_session::account() {
  const auto held = reader_.busy() ? reader_.held() : 0;
  if (held != held_) {
    const bool granted = context_->budget.change(held_, held);
    held_ = held;
    if (!granted) return break_off(1008, "the server holds too many unfinished messages: send it again later");
  }
  if (!reader_.busy()) {
    message_deadline_ = never;
  } else if (message_deadline_ == never || message_seen_ != reader_.finished()) {
    message_deadline_ = clock::now() + context_->limits.message_deadline;
    arm(message_deadline_);
  }
  message_seen_ = reader_.finished();
}

void websocket_session::on_peer_close() {
  peer_closed_ = true;
  const auto code = reader_.close_code();
  {
    std::lock_guard lock(mutex_);
    if (phase_ == phase::open) {
      queue_.drop_all();
      begin_close_locked(code, reader_.control(), context_->limits.close_timeout);
    } else {
      wake_locked();
    }
  }
  notify_closed();
}

/// Closes for a fault in what the peer sends.
void websocket_session::break_off(std::uint16_t code, const char* reason) {
  discarding_ = true;
  message_deadline_ = never;
  context_->budget.change(held_, 0);
  held_ = 0;
  reader_ = frame_reader(0);
  {
    std::lock_guard lock(mutex_);
    if (phase_ == phase::open) {
      queue_.drop_all();
      abrupt_ = true;
      begin_close_locked(code, reason, context_->limits.close_timeout);
    } else {
      wake_locked();
    }
  }
  notify_closed();
}

void websocket_session::notify_closed() {
  std::uint16_t code;
  std::string reason;
  {
    std::lock_guard lock(mutex_);
    code = close_code_;
    reason = close_reason_;
  }
  notify_closed(code, reason);
}

void websocket_session::notify_closed(std::uint16_t code, const std::string& reason) {
  if (auto handler = std::move(handler_)) handler->on_close(code, reason);
}

void websocket_session::finish() {
  if (!socket_) return;
  {
    std::lock_guard lock(mutex_);
    phase_ = phase::gone;
    descriptor_ = -1;
    queue_ = write_queue();
  }
  boost::system::error_code ignored;
  socket_->shutdown(stream_socket::shutdown_both, ignored);
  socket_->close(ignored);
  socket_.reset();
  timer_.reset();
  context_->budget.change(held_, 0);
  held_ = 0;
  reader_ = frame_reader(0);
  notify_closed();
  context_->registry.remove(registered_);
}

// ---- time -----------------------------------------------------------------

void websocket_session::arm(clock::time_point when) {
  if (!timer_ || when >= armed_) return;
  armed_ = when;
  timer_->expires_at(when);
  timer_->async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error && self->socket_) self->on_tick();
  });
}

void websocket_session::on_tick() {
  armed_ = never;
  const auto now = clock::now();
  if (message_deadline_ <= now) break_off(1008, "a message took too long to arrive");
  if (is_open() && next_ping_ <= now) check_ping(now);
  bool give_up = false;
  const auto write_deadline = socket_ ? check_writes(now, give_up) : never;
  if (give_up) {
    notify_closed();
    return finish();
  }
  arm(std::min({message_deadline_, write_deadline, is_open() ? next_ping_ : never}));
}

void websocket_session::check_ping(clock::time_point now) {
  if (!pong_due_) {
    std::lock_guard lock(mutex_);
    pong_due_ = true;
    next_ping_ = now + context_->limits.pong_timeout;
    queue_.push_front(opcode::ping, shared_bytes(std::string("troupe")));
    return flush_locked();
  }
  // A pong cannot overtake a frame under way, and a peer that does not read has
  // not seen the ping; both have deadlines of their own.
  std::unique_lock lock(mutex_);
  if (reader_.busy() || blocked_) {
    next_ping_ = now + context_->limits.pong_timeout;
    return;
  }
  lock.unlock();
  notify_closed(1006, "the client did not answer a ping in time");
  finish();
}

/// When to look again. `give_up`: the closing handshake took too long.
websocket_session::clock::time_point websocket_session::check_writes(clock::time_point now, bool& give_up) {
  std::lock_guard lock(mutex_);
  const auto& limits = context_->limits;
  if (phase_ == phase::open) {
    if (!blocked_) return never;
    const auto stalled = last_progress_ + limits.write_stall;
    if (stalled > now) return stalled;
    overrun_locked("the client has read nothing for too long");
  }
  auto since = closing_since_;
  if (!abrupt_ && !queue_.empty()) since = std::max(since, last_progress_);
  const auto allowed = queue_.empty() || abrupt_ ? linger_ : std::max(linger_, limits.write_stall);
  give_up = since + allowed <= now;
  return since + allowed;
}

}  // namespace troupe::net
