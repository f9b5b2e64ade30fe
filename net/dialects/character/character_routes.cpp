#include "net/dialects/character/character_routes.hpp"

#include "net/ws/handler.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/random.hpp"

#include <caf/all.hpp>

namespace troupe::character_dialect {
namespace {

/// The socket's side of a connection actor: hands frames over.
class socket final : public net::websocket_handler {
 public:
  socket(caf::actor actor, metrics& counters, std::string client_id)
      : actor_(std::move(actor)), counters_(counters), client_id_(std::move(client_id)) {
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
    // Counted off here and not in the actor: `/health` shows the loss at once.
    --counters_.active_clients;
    log::info("client_disconnected", {{"client", client_id_}, {"code", code}});
    caf::anon_send(actor_, connection_closed{code, std::move(reason)});
    actor_ = nullptr;
  }

  caf::actor actor_;
  metrics& counters_;
  std::string client_id_;
};

std::unique_ptr<net::websocket_handler> connect(const services& with, std::shared_ptr<transport> out,
                                                const net::upgrade_request& request) {
  connection_deps deps;
  deps.client_id = with.node->random.uuid();
  deps.principal = request.principal;
  if (auto header = request.headers.find("traceparent")) deps.trace = parse_traceparent(*header);
  deps.peer = request.peer_address;
  deps.node = with.node;
  deps.out = std::move(out);
  deps.characters = with.characters;
  deps.library = with.library;
  deps.character = with.character;
  log::info("client_connected", {{"client", deps.client_id}, {"dialect", "character"}, {"peer", request.peer_address}});
  const auto id = deps.client_id;
  auto actor = spawn<connection_role>(*with.node, {.label = id, .mailbox_bound = 10000}, std::move(deps));
  return std::make_unique<socket>(std::move(actor), *with.counters, id);
}

}  // namespace

void add_routes(net::router& routes, services with) {
  auto shared = std::make_shared<const services>(std::move(with));
  const net::websocket_route_options options{
      .needs = net::access::token, .message_limit = frame_limit, .binary_as_text = true};
  const auto factory = [shared](auto out, auto& request) { return connect(*shared, std::move(out), request); };
  routes.add_websocket("/", factory, options);
  routes.add_websocket("/character", factory, options);
  if (shared->any_path) routes.add_websocket("/{path...}", factory, options);
}

}  // namespace troupe::character_dialect
