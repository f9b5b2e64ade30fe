#include "bench/load/client_loop.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::bench {
namespace {

constexpr std::uint32_t source_addresses = 60;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

}  // namespace

client_loop::client_loop(std::uint16_t port, std::string path, client_events& events)
    : port_(port), events_(events), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(256 * 1024) {
  if (path.empty()) return;
  upgrade_ = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
             "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

client_loop::~client_loop() {
  for (auto& client : clients_)
    if (client.descriptor >= 0) ::close(client.descriptor);
  ::close(epoll_);
}

void client_loop::open(std::uint32_t client) {
  if (client >= clients_.size()) clients_.resize(client + 1);
  auto& state = clients_[client];
  const auto generation = state.generation + 1;
  state = {};
  state.generation = generation;
  state.descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (state.descriptor < 0) give_up("socket");
  const int yes = 1;
  ::setsockopt(state.descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (receive_buffer_ > 0)
    ::setsockopt(state.descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer_, sizeof receive_buffer_);
  ::setsockopt(state.descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + client % source_addresses);
  if (::bind(state.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) give_up("bind");
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_);
  if (::connect(state.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS)
    give_up("connect");
  state.step = phase::connecting;
  state.writing = true;
  watch(client, true);
}

void client_loop::watch(std::uint32_t client, bool add) {
  auto& state = clients_[client];
  epoll_event event{};
  event.events = (state.reading ? EPOLLIN : 0u) | (state.writing ? EPOLLOUT : 0u);
  event.data.u64 = std::uint64_t{state.generation} << 32 | client;
  ::epoll_ctl(epoll_, add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, state.descriptor, &event);
}

void client_loop::send(std::uint32_t client, std::string_view frame) {
  auto& state = clients_[client];
  if (state.descriptor < 0) return;
  if (state.output.empty()) {
    const auto written = ::send(state.descriptor, frame.data(), frame.size(), MSG_NOSIGNAL);
    if (written > 0) {
      bytes_out_ += static_cast<std::uint64_t>(written);
      frame.remove_prefix(static_cast<std::size_t>(written));
    }
    if (frame.empty()) return;
  }
  state.output += frame;
  if (!state.writing) {
    state.writing = true;
    watch(client, false);
  }
}

void client_loop::flush(std::uint32_t client) {
  auto& state = clients_[client];
  const auto written = ::send(state.descriptor, state.output.data(), state.output.size(), MSG_NOSIGNAL);
  if (written > 0) {
    bytes_out_ += static_cast<std::uint64_t>(written);
    state.output.erase(0, static_cast<std::size_t>(written));
  } else if (written < 0 && errno != EAGAIN) {
    return drop(client, true);
  }
  if (!state.output.empty()) return;
  state.writing = false;
  watch(client, false);
}

void client_loop::close(std::uint32_t client, bool abrupt) {
  auto& state = clients_[client];
  if (state.descriptor < 0) return;
  if (!abrupt) {
    static const auto goodbye = masked_frame(std::string_view("\x03\xe8", 2), opcode::close);
    state.closing = true;
    return send(client, goodbye);
  }
  const linger now{1, 0};
  ::setsockopt(state.descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(state.descriptor);
  state.descriptor = -1;
}

void client_loop::read(std::uint32_t client, bool on) {
  clients_[client].reading = on;
  if (clients_[client].descriptor >= 0) watch(client, false);
}

void client_loop::drop(std::uint32_t client, bool failed) {
  auto& state = clients_[client];
  ::close(state.descriptor);
  state.descriptor = -1;
  if (failed) ++failures_;
  events_.closed(client);
}

void client_loop::step(std::uint64_t until_ns) {
  epoll_event ready_now[512];
  const auto now = now_ns();
  const auto left = until_ns > now ? until_ns - now : 0;
  const timespec wait{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
  const int count = ::epoll_pwait2(epoll_, ready_now, 512, &wait, nullptr);
  for (int i = 0; i < count; ++i) {
    const auto client = static_cast<std::uint32_t>(ready_now[i].data.u64);
    const auto generation = static_cast<std::uint32_t>(ready_now[i].data.u64 >> 32);
    if (clients_[client].descriptor >= 0 && clients_[client].generation == generation)
      ready(client, ready_now[i].events);
  }
}

void client_loop::ready(std::uint32_t client, std::uint32_t events) {
  const auto generation = clients_[client].generation;
  if (clients_[client].step == phase::connecting && (events & EPOLLOUT)) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(clients_[client].descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return drop(client, true);
    clients_[client].step = upgrade_.empty() ? phase::open : phase::handshaking;
    clients_[client].output = upgrade_;
    if (upgrade_.empty()) {
      flush(client);
      return events_.opened(client);
    }
  }
  if (events & EPOLLOUT) flush(client);
  if (clients_[client].generation != generation || clients_[client].descriptor < 0) return;
  if (clients_[client].reading) {
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(client);
  } else if (events & (EPOLLHUP | EPOLLERR)) {
    drop(client, true);
  }
}

void client_loop::receive(std::uint32_t client) {
  const auto generation = clients_[client].generation;
  const auto size = ::recv(clients_[client].descriptor, buffer_.data(), buffer_.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return drop(client, !clients_[client].closing);
  bytes_in_ += static_cast<std::uint64_t>(size);
  std::string_view fresh(buffer_.data(), static_cast<std::size_t>(size));
  std::string joined;
  if (!clients_[client].input.empty()) {
    joined = std::move(clients_[client].input);
    joined += fresh;
    fresh = joined;
  }
  clients_[client].input.clear();
  const auto used = upgrade_.empty() ? events_.bytes(client, fresh) : take_frames(client, fresh);
  auto& state = clients_[client];
  if (state.generation == generation && state.descriptor >= 0 && used < fresh.size())
    state.input.assign(fresh.substr(used));
}

std::size_t client_loop::take_handshake(std::uint32_t client, std::string_view input) {
  const auto end = input.find("\r\n\r\n");
  if (end == input.npos) return 0;
  if (!input.starts_with("HTTP/1.1 101")) {
    if (failures_ == 0)
      std::fprintf(stderr, "bench_load: the server answered %s\n", std::string(input.substr(0, end)).c_str());
    drop(client, true);
    return input.size();
  }
  clients_[client].step = phase::open;
  events_.opened(client);
  return end + 4;
}

std::size_t client_loop::take_frames(std::uint32_t client, std::string_view input) {
  const auto generation = clients_[client].generation;
  const auto still_there = [&] {
    return clients_[client].generation == generation && clients_[client].descriptor >= 0;
  };
  std::size_t used = 0;
  if (clients_[client].step != phase::open && (used = take_handshake(client, input)) == 0) return 0;
  while (still_there()) {
    const auto frame = next_frame(input.substr(used));
    if (frame.size == 0) break;
    used += frame.size;
    if (!frame.final) ++failures_;  // no server here may cut a message up
    if (frame.kind == opcode::text) {
      events_.frame(client, frame.payload);
    } else if (frame.kind == opcode::ping) {
      send(client, masked_frame(frame.payload, opcode::pong));
    } else if (frame.kind == opcode::close && !clients_[client].closing) {
      const auto code = frame.payload.size() >= 2 ? static_cast<unsigned char>(frame.payload[0]) * 256
                                                        + static_cast<unsigned char>(frame.payload[1])
                                                  : 1005;
      std::fprintf(stderr, "bench_load: the server closed a connection with %d\n", code);
      drop(client, true);
    }
  }
  return used;
}

}  // namespace troupe::bench
