#include "net/ws/write_queue.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace troupe::net {
namespace {

constexpr std::size_t frames_per_call = 64;
constexpr std::size_t kept_entries = 8;

}  // namespace

write_queue::entry write_queue::make(opcode code, shared_bytes payload, std::uint64_t turn) {
  entry out;
  const std::uint64_t size = payload.size();
  out.turn = turn;
  out.header[0] = static_cast<char>(0x80 | static_cast<std::uint8_t>(code));
  std::size_t bytes = 0;
  if (size < 126) {
    out.header[1] = static_cast<char>(size);
  } else {
    bytes = size < 65536 ? 2 : 8;
    out.header[1] = bytes == 2 ? 126 : 127;
    for (std::size_t i = 0; i < bytes; ++i) out.header[2 + i] = static_cast<char>(size >> (8 * (bytes - 1 - i)) & 0xFF);
  }
  out.header_size = static_cast<std::uint8_t>(2 + bytes);
  out.payload = std::move(payload);
  return out;
}

void write_queue::push_raw(std::string bytes) {
  entry raw;
  raw.payload = shared_bytes(std::move(bytes));
  bytes_ += raw.size();
  entries_.push_back(std::move(raw));
}

void write_queue::push(opcode code, shared_bytes payload, std::uint64_t turn) {
  entries_.push_back(make(code, std::move(payload), turn));
  bytes_ += entries_.back().size();
}

void write_queue::push_front(opcode code, shared_bytes payload) {
  auto made = make(code, std::move(payload), 0);
  bytes_ += made.size();
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(first_unbegun()), std::move(made));
}

void write_queue::drop_turn(std::uint64_t turn) {
  if (turn == 0) return;
  auto from = entries_.begin() + static_cast<std::ptrdiff_t>(first_unbegun());
  entries_.erase(std::remove_if(from, entries_.end(), [turn](const entry& e) { return e.turn == turn; }),
                 entries_.end());
  recount();
}

void write_queue::drop_all() {
  entries_.resize(first_unbegun());
  recount();
}

void write_queue::recount() {
  bytes_ = 0;
  for (std::size_t i = head_; i < entries_.size(); ++i) bytes_ += entries_[i].size();
  bytes_ -= begun_;
}

write_queue::outcome write_queue::flush(int descriptor, bool& progress) {
  while (!empty()) {
    iovec parts[2 * frames_per_call];
    std::size_t count = 0;
    std::size_t skip = begun_;
    const auto end = std::min(entries_.size(), head_ + frames_per_call);
    for (auto i = head_; i < end; ++i) {
      auto& e = entries_[i];
      if (skip < e.header_size) parts[count++] = {e.header + skip, e.header_size - skip};
      const auto done = skip > e.header_size ? skip - e.header_size : 0;
      if (e.payload.size() > done)
        parts[count++] = {const_cast<char*>(e.payload.data()) + done, e.payload.size() - done};
      skip = 0;
    }
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    const auto written = ::sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? outcome::blocked : outcome::failed;
    }
    progress = true;
    advance(static_cast<std::size_t>(written));
  }
  return outcome::drained;
}

void write_queue::advance(std::size_t written) {
  bytes_ -= written;
  written += begun_;
  while (head_ < entries_.size() && written >= entries_[head_].size()) {
    written -= entries_[head_].size();
    entries_[head_++].payload = {};
  }
  begun_ = written;
  if (head_ == entries_.size()) {
    head_ = 0;
    entries_.clear();
    if (entries_.capacity() > kept_entries) entries_.shrink_to_fit();
  } else if (head_ > 1024 && head_ > entries_.size() / 2) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string out{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  if (reason.size() > 123) {
    std::size_t cut = 123;
    while (cut > 0 && (static_cast<std::uint8_t>(reason[cut]) & 0xC0) == 0x80) --cut;
    reason = reason.substr(0, cut);
  }
  out.append(reason);
  return out;
}

}  // namespace troupe::net
