#include "net/dialects/luna/luna_routes.hpp"

#include "net/dialects/luna/client_relays.hpp"
#include "net/dialects/luna/luna_mcp_route.hpp"
#include "net/json.hpp"
#include "net/ws/handler.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/random.hpp"

#include <caf/all.hpp>

namespace troupe::luna {
namespace {

/// The socket's side of a connection actor: hands frames over.
class socket final : public net::websocket_handler {
 public:
  socket(caf::actor actor, metrics& counters, std::shared_ptr<client_relays> relays, std::string client_id)
      : actor_(std::move(actor)), counters_(counters), relays_(std::move(relays)), client_id_(std::move(client_id)) {
    ++counters_.active_clients;
    ++counters_.clients_accepted;
  }
  ~socket() override { leave(1006, {}); }

  void on_text(shared_bytes text) override {
    ++counters_.frames_in;
    caf::anon_send(actor_, frame_received{std::move(text)});
  }
  void on_binary(std::uint64_t size) override { caf::anon_send(actor_, binary_received{size}); }
  bool on_shut_down(std::uint16_t code, const std::string& reason) override {
    caf::anon_send(actor_, connection_shut_down{code, reason});
    return true;
  }
  void on_close(std::uint16_t code, std::string reason) override { leave(code, std::move(reason)); }

 private:
  void leave(std::uint16_t code, std::string reason) {
    if (!actor_) return;
    // Counted off here and not in the actor: `/health` shows the loss at once (contract 12).
    // For the same reason those who wait for its answers learn it here.
    --counters_.active_clients;
    relays_->leave(client_id_);
    log::info("client_disconnected", {{"client", client_id_}, {"code", code}});
    caf::anon_send(actor_, connection_closed{code, std::move(reason)});
    actor_ = nullptr;
  }

  caf::actor actor_;
  metrics& counters_;
  std::shared_ptr<client_relays> relays_;
  std::string client_id_;
};

std::unique_ptr<net::websocket_handler> connect(const services& with, const std::shared_ptr<client_relays>& relays,
                                                std::shared_ptr<transport> out, const net::upgrade_request& request) {
  connection_deps deps;
  deps.client_id = with.node->random.uuid();
  deps.principal = with.space_of(request.principal);
  if (auto header = request.headers.find("traceparent")) deps.trace = parse_traceparent(*header);
  deps.peer = request.peer_address;
  deps.node = with.node;
  deps.counters = with.counters;
  deps.out = std::move(out);
  deps.sessions = with.sessions;
  deps.max_queued_turns = with.max_queued_turns;
  deps.relays = relays;
  deps.ask_model = with.ask_model;
  log::info("client_connected", {{"client", deps.client_id}, {"dialect", "luna"}, {"peer", request.peer_address}});
  const auto id = deps.client_id;
  auto actor = spawn<connection_role>(*with.node, {.label = id, .mailbox_bound = 10000}, std::move(deps));
  return std::make_unique<socket>(std::move(actor), *with.counters, relays, id);
}

std::string describe(const services& with) {
  const auto clients = std::to_string(with.counters->active_clients.load());
  std::string out = with.exact ? R"({"name":"Luna AI Multi-Client Streaming Server","version":"1.0.0")"
                               : R"({"name":"Troupe","version":")" + with.version + '"';
  out += R"(,"status":"running","active_clients":)" + clients
         + R"(,"endpoints":{"health":"/health","websocket":"/ws"},"description":)";
  return out += with.exact ? R"("Multi-client WebSocket server for Luna AI agent communication"})"
                           : R"("Agent server; Luna clients connect at /ws"})";
}

std::string health(const services& with) {
  return R"({"status":"healthy","active_clients":)" + std::to_string(with.counters->active_clients.load())
         + R"(,"active_voice_sessions":)" + std::to_string(with.counters->active_voice_sessions.load())
         + R"(,"active_text_sessions":)" + std::to_string(with.counters->active_text_sessions.load()) + "}";
}

}  // namespace

void add_routes(net::router& routes, services with) {
  auto shared = std::make_shared<const services>(std::move(with));
  const net::route_options open{net::access::open};
  routes.add(
      "GET", "/", [shared](auto&, auto to) { to->respond({.body = describe(*shared)}); }, open);
  routes.add(
      "GET", "/health", [shared](auto&, auto to) { to->respond({.body = health(*shared)}); }, open);
  auto relays = std::make_shared<client_relays>();
  if (shared->serves_socket)
    routes.add_websocket(
        "/ws", [shared, relays](auto out, auto& request) { return connect(*shared, relays, std::move(out), request); },
        {net::access::token, shared->message_limit});
  add_mcp_route(routes, std::move(relays), shared->node->random, shared->message_limit);
}

}  // namespace troupe::luna
