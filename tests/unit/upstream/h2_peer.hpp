#pragma once

/// \file
/// A server's side of HTTP/2 (RFC 9113), as much as tests of a client need:
/// requests are known by their stream only, their headers are not decoded;
/// answers have one fixed head. Flow control is obeyed.

#include "support/scripted_http_server.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace troupe::test {

class h2_peer {
 public:
  explicit h2_peer(peer& connection) : connection_(connection) {
    alive_ = take(24).starts_with("PRI * HTTP/2.0") && send(settings, 0, 0, "");
  }

  /// The stream of the next request whose body has ended; none at the end.
  std::optional<std::uint32_t> next_request() {
    while (ready_.empty())
      if (!read_frame()) return std::nullopt;
    const auto stream = *ready_.begin();
    ready_.erase(ready_.begin());
    return stream;
  }

  /// 200, content-type: text/plain.
  bool send_head(std::uint32_t stream) {
    return send(headers, end_headers, stream, std::string("\x88\x0f\x10\x0a", 4) + "text/plain");
  }

  /// Blocks while the client's windows are closed; false if it has closed.
  bool send_data(std::uint32_t stream, std::string_view bytes, bool last) {
    while (!bytes.empty()) {
      while (std::min(window_, first_window_ + extra_[stream]) <= 0)
        if (!read_frame() || cancelled_.contains(stream)) return false;
      const auto room = static_cast<std::size_t>(std::min(window_, first_window_ + extra_[stream]));
      const auto part = bytes.substr(0, std::min<std::size_t>(room, 16384));
      bytes.remove_prefix(part.size());
      window_ -= static_cast<std::int64_t>(part.size());
      extra_[stream] -= static_cast<std::int64_t>(part.size());
      if (!send(data, last && bytes.empty() ? end_stream : 0, stream, part)) return false;
    }
    return true;
  }

  bool reset_stream(std::uint32_t stream) { return send(rst_stream, 0, stream, std::string("\0\0\0\2", 4)); }

  /// Waits until the client has reset the stream or closed the connection.
  void wait_cancelled(std::uint32_t stream) {
    while (!cancelled_.contains(stream) && read_frame()) {
    }
  }

 private:
  enum type : std::uint8_t { data = 0, headers = 1, rst_stream = 3, settings = 4, ping = 6, window_update = 8 };
  static constexpr std::uint8_t end_stream = 1, acknowledged = 1, end_headers = 4;

  std::string take(std::size_t size) {
    while (buffer_.size() < size) {
      auto more = connection_.read_some();
      if (more.empty()) {
        alive_ = false;
        return {};
      }
      buffer_ += more;
    }
    auto out = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }

  static std::uint32_t number(std::string_view bytes) {
    std::uint32_t out = 0;
    for (unsigned char c : bytes) out = out << 8 | c;
    return out;
  }

  bool send(std::uint8_t what, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    std::string frame;
    for (int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift);
    frame += static_cast<char>(what);
    frame += static_cast<char>(flags);
    for (int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
    return connection_.send(frame.append(payload));
  }

  bool read_frame() {
    const auto head = take(9);
    if (!alive_) return false;
    const auto payload = take(number(head.substr(0, 3)));
    if (!alive_) return false;
    const auto flags = static_cast<std::uint8_t>(head[4]);
    const auto stream = number(head.substr(5));
    switch (static_cast<std::uint8_t>(head[3])) {
      case settings:
        if ((flags & acknowledged) != 0) return true;
        for (std::size_t at = 0; at + 6 <= payload.size(); at += 6)
          if (number(payload.substr(at, 2)) == 4) first_window_ = number(payload.substr(at + 2, 4));
        return send(settings, acknowledged, 0, "");
      case ping: return (flags & acknowledged) != 0 || send(ping, acknowledged, 0, payload);
      case window_update: (stream == 0 ? window_ : extra_[stream]) += number(payload); return true;
      case rst_stream: cancelled_.insert(stream); return true;
      case headers:
      case data:
        if ((flags & end_stream) != 0) ready_.insert(stream);
        return true;
      default: return true;
    }
  }

  peer& connection_;
  std::string buffer_;
  bool alive_ = true;
  std::int64_t window_ = 65535;        // of the connection
  std::int64_t first_window_ = 65535;  // of each stream
  std::map<std::uint32_t, std::int64_t> extra_;
  std::set<std::uint32_t> ready_;
  std::set<std::uint32_t> cancelled_;
};

}  // namespace troupe::test
