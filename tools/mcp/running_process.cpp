#include "tools/mcp/running_process.hpp"

#include "tools/mcp/transport.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <unistd.h>

namespace troupe::mcp {
namespace {

constexpr std::size_t most_unread = 2 * largest_message;
constexpr std::size_t most_unread_lines = 10000;
constexpr std::size_t kept_errors = 2048;
constexpr int reads_per_turn = 16;

void wake_user(process_link& link) {  // REQUIRES: the link is locked
  if (std::exchange(link.waiting, false) && link.wake) link.wake();
}

/// Reads once; -1: would block, 0: end of file, else bytes.
ssize_t read_some(const descriptor& from, std::array<char, 65536>& buffer) {
  ssize_t got;
  do {
    got = read(from.get(), buffer.data(), buffer.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return 0;
  return got;
}

pollfd wait_for(int number, short events) {
  return {number, events, 0};
}

}  // namespace

void close_link(process_link& link, failure error, std::string errors) {
  std::lock_guard lock(link.guard);
  if (link.closed) return;
  link.closed = true;
  link.error = std::move(error);
  link.errors = std::move(errors);
  link.to_write.clear();
  wake_user(link);
}

process_loop::running_process::running_process(std::shared_ptr<process_link> link, child_process child,
                                               std::chrono::milliseconds grace)
    : link_(std::move(link)), child_(std::move(child)), grace_(grace), reader_(largest_message) {}

void process_loop::running_process::append_polls(std::vector<pollfd>& out) {
  take_from_user();
  // A negative number is ignored by poll.
  out.push_back(wait_for(child_.ended_descriptor(), POLLIN));
  out.push_back(wait_for(has_room_ ? child_.output.get() : -1, POLLIN));
  out.push_back(wait_for(child_.errors.get(), POLLIN));
  out.push_back(wait_for(written_ < to_write_.size() ? child_.input.get() : -1, POLLOUT));
}

void process_loop::running_process::take_polls(const pollfd* polls) {
  ended_ = polls[0].revents != 0;
  output_ready_ = polls[1].revents != 0;
  errors_ready_ = polls[2].revents != 0;
}

void process_loop::running_process::take_from_user() {
  std::lock_guard lock(link_->guard);
  note_room();
  // What waits stays with the link, where it is counted.
  if (phase_ == phase::running && written_ == to_write_.size()) {
    to_write_ = std::exchange(link_->to_write, {});
    written_ = 0;
  }
  if (link_->let_go && phase_ == phase::running) begin_end(link_->let_go_why);
}

void process_loop::running_process::note_room() {
  has_room_ = link_->unread < most_unread && link_->lines.size() < most_unread_lines;
  link_->paused = !has_room_;
}

void process_loop::running_process::serve() {
  if (errors_ready_) read_errors();
  if (output_ready_ || ended_) read_output();
  write_input();
  if (ended_) return ended();
  if (phase_ != phase::running && std::chrono::steady_clock::now() >= deadline_) next_step();
}

void process_loop::running_process::read_output() {
  static thread_local std::array<char, 65536> buffer;
  // What one that has ended left in its pipe is all there is, and not much.
  for (int i = 0; child_.output.is_open() && i < (ended_ ? 4 : 1) * reads_per_turn; ++i) {
    const auto got = read_some(child_.output, buffer);
    if (got < 0) break;
    if (got == 0) {
      child_.output.close();
      if (!ended_) begin_end({failure_kind::unavailable, "closed its output"});
      break;
    }
    reader_.feed({buffer.data(), static_cast<std::size_t>(got)});
    deliver_lines();
    if (!has_room_ && !ended_) break;
  }
}

void process_loop::running_process::deliver_lines() {
  std::lock_guard lock(link_->guard);
  while (true) {
    auto line = reader_.next();
    if (!line) {
      child_.output.close();
      return begin_end({failure_kind::broken_stream, "sent a line of over 16 MiB"});
    }
    if (!*line) break;
    link_->unread += (*line)->size();
    link_->lines.push_back(std::move(**line));
  }
  note_room();
  if (!link_->lines.empty()) wake_user(*link_);
}

void process_loop::running_process::read_errors() {
  static thread_local std::array<char, 65536> buffer;
  for (int i = 0; child_.errors.is_open() && i < reads_per_turn; ++i) {
    const auto got = read_some(child_.errors, buffer);
    if (got < 0) break;
    if (got == 0) {
      child_.errors.close();
      break;
    }
    errors_.append(buffer.data(), static_cast<std::size_t>(got));
    if (errors_.size() > kept_errors) errors_.erase(0, errors_.size() - kept_errors);
  }
}

void process_loop::running_process::write_input() {
  while (child_.input.is_open() && written_ < to_write_.size()) {
    const auto put = write(child_.input.get(), to_write_.data() + written_, to_write_.size() - written_);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (put < 0) return begin_end({failure_kind::unavailable, "closed its input"});
    written_ += static_cast<std::size_t>(put);
  }
}

void process_loop::running_process::begin_end(failure why) {
  if (phase_ != phase::running) return;
  why_ = std::move(why);
  phase_ = phase::input_closed;
  deadline_ = std::chrono::steady_clock::now() + grace_;
  child_.input.close();
  to_write_.clear();
  written_ = 0;
}

void process_loop::running_process::next_step() {
  deadline_ = std::chrono::steady_clock::now() + grace_;
  if (phase_ == phase::input_closed) {
    phase_ = phase::terminated;
    child_.signal(SIGTERM);
  } else {
    phase_ = phase::killed;
    child_.signal(SIGKILL);
  }
}

void process_loop::running_process::ended() {
  read_errors();
  auto how = child_.reap();
  // Its pipes close a moment before it is gone; how it went says more. If we
  // had to end it, the reason for that does.
  const bool by_itself =
      phase_ == phase::running || (phase_ == phase::input_closed && why_.kind == failure_kind::unavailable);
  auto why = by_itself ? failure{failure_kind::unavailable, std::move(how)} : why_;
  over_ = true;
  close_link(*link_, std::move(why), std::move(errors_));
}

}  // namespace troupe::mcp
