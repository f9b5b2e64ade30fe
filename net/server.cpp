#include "net/server.hpp"

#include <optional>

namespace troupe::net {
namespace {

/// Past the cap this many more are told so; the others are just closed.
constexpr std::size_t told_about_the_cap = 256;
constexpr auto abort_time = std::chrono::seconds(5);

}  // namespace

struct server::state {
  explicit state(server_options o)
      : options(std::move(o)),
        websocket(std::make_shared<websocket_context>(options.websocket)),
        threads(options.threads) {
    http->limits = options.http;
    http->admission = options.admission;
    http->websocket = websocket;
  }

  void accept(stream_socket socket, peer_info peer, std::shared_ptr<io_gate> gate) {
    const auto open = websocket->registry.count();
    const bool over = !peer.local_control && open >= options.connection_cap;
    if (over && open >= options.connection_cap + told_about_the_cap) return;
    serve_http(std::move(socket), std::move(peer), std::move(gate), http, over);
  }

  server_options options;
  std::shared_ptr<http_context> http = std::make_shared<http_context>();
  std::shared_ptr<websocket_context> websocket;
  io_threads threads;
  std::optional<listener> ports;
  std::vector<endpoint> endpoints;
};

server::server(server_options options) : state_(std::make_unique<state>(std::move(options))) {}

server::~server() {
  stop_accepting();
  close_all(1001, std::chrono::milliseconds(0));
  state_->threads.stop();
}

router& server::routes() {
  return state_->http->routes;
}

expected<void> server::start() {
  auto& s = *state_;
  s.ports.emplace(
      s.threads, s.options.sockets,
      [&s](stream_socket socket, peer_info peer, std::shared_ptr<io_gate> gate) {
        s.accept(std::move(socket), std::move(peer), std::move(gate));
      },
      s.options.warn);
  auto give_up = [&](const failure& why) {
    s.ports.reset();
    s.endpoints.clear();
    return why;
  };
  for (auto& wanted : s.options.listen) {
    auto opened = s.ports->listen_tcp(wanted.host, wanted.port);
    if (!opened) return give_up(opened.error());
    s.endpoints.push_back(*opened);
  }
  if (!s.options.local_socket.empty()) {
    auto opened = s.ports->listen_local(s.options.local_socket);
    if (!opened) return give_up(opened.error());
    s.endpoints.push_back(*opened);
  }
  return {};
}

const std::vector<endpoint>& server::endpoints() const {
  return state_->endpoints;
}

std::size_t server::connections() const {
  return state_->websocket->registry.count();
}

std::size_t server::half_read_bytes() const {
  return state_->websocket->budget.total();
}

void server::stop_accepting() {
  if (state_->ports) state_->ports->stop();
}

bool server::close_all(std::uint16_t code, std::chrono::milliseconds deadline) {
  auto& registry = state_->websocket->registry;
  const auto end = std::chrono::steady_clock::now() + deadline;
  for (auto& open : registry.all()) open->shut_down(code);
  if (registry.wait_until_empty(end)) return true;
  for (auto& open : registry.all()) open->abort();
  registry.wait_until_empty(std::chrono::steady_clock::now() + abort_time);
  return false;
}

}  // namespace troupe::net
