#pragma once

/// \file
/// Thousands of WebSocket clients on one thread: raw frames over epoll, so that
/// the load costs as little as it can and the server gets the rest of the machine.
///
/// A client is a number from 0; what a scenario keeps for each is its own.
/// Clients come from many loopback addresses (127.0.0.2 and on), since one has
/// too few ports for runs of ten thousand connections. Without a path the
/// clients are plain TCP: `send` sends any bytes, `bytes` gets what comes.
///
/// Ownership: owns the sockets. Thread safety: none. Units: nanoseconds of the
/// monotonic clock. Errors: counted (`failures`); a client that fails is
/// `closed`. Cost: one read per readiness, one write per frame.

#include "bench/load/frames.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::bench {

/// A scenario's side of it; called from `client_loop::step`.
class client_events {
 public:
  virtual ~client_events() = default;
  virtual void opened(std::uint32_t client) {}
  virtual void frame(std::uint32_t client, std::string_view payload) {}
  /// Of a plain client, all that is there. Returns how much of it was whole; the
  /// rest comes again with what follows.
  virtual std::size_t bytes(std::uint32_t client, std::string_view input) { return input.size(); }
  virtual void closed(std::uint32_t client) {}
};

class client_loop {
 public:
  client_loop(std::uint16_t port, std::string path, client_events& events);  ///< path: empty for plain TCP
  ~client_loop();
  client_loop(const client_loop&) = delete;
  client_loop& operator=(const client_loop&) = delete;

  /// Of the clients opened from now on; 0: the kernel sizes it, which for a
  /// client that does not read goes on for many seconds.
  void receive_buffer(int bytes) { receive_buffer_ = bytes; }
  /// Connects; `opened` follows. A client may be opened again once it is closed.
  void open(std::uint32_t client);
  /// Sends a frame as `masked_frame` makes it.
  void send(std::uint32_t client, std::string_view frame);
  /// With a close frame, then waits for the server's end of it; or at once, with
  /// a reset. `closed` follows a close in order only.
  void close(std::uint32_t client, bool abrupt);
  /// Leaves what the client is sent unread in the kernel.
  void read(std::uint32_t client, bool on);
  int descriptor(std::uint32_t client) const { return clients_[client].descriptor; }

  /// Handles what is ready; waits for it, if it must, until `until_ns`.
  void step(std::uint64_t until_ns);
  void run(std::uint64_t until_ns) {
    while (now_ns() < until_ns) step(until_ns);
  }

  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t bytes_out() const { return bytes_out_; }
  std::uint64_t failures() const { return failures_; }

 private:
  enum class phase : std::uint8_t { none, connecting, handshaking, open };
  struct client_state {
    int descriptor = -1;
    std::uint32_t generation = 0;
    phase step = phase::none;
    bool reading = true;
    bool writing = false;
    bool closing = false;
    std::string input;   ///< of a frame that is not whole yet
    std::string output;  ///< what the kernel did not take
  };

  void ready(std::uint32_t client, std::uint32_t events);
  void watch(std::uint32_t client, bool add);
  void receive(std::uint32_t client);
  std::size_t take_frames(std::uint32_t client, std::string_view input);
  std::size_t take_handshake(std::uint32_t client, std::string_view input);
  void flush(std::uint32_t client);
  void drop(std::uint32_t client, bool failed);

  std::uint16_t port_;
  std::string upgrade_;  ///< empty: plain TCP
  client_events& events_;
  int epoll_;
  std::vector<client_state> clients_;
  std::vector<char> buffer_;
  int receive_buffer_ = 0;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace troupe::bench
