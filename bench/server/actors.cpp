/// Echo through the project's server and two actors: the smallest thing that
/// takes the way of every message: frame, connection, session, connection,
/// transport.

#include "bench/server/serve.hpp"
#include "net/server.hpp"
#include "runtime/actor/registry.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/messages/connection.hpp"
#include "runtime/system_clock_port.hpp"
#include "runtime/system_config.hpp"
#include "runtime/system_random.hpp"
#include "runtime/thread_pool.hpp"

#include <caf/all.hpp>

namespace troupe::bench {
namespace {

struct echo_ask {
  shared_bytes text;
};
TROUPE_MESSAGE(echo_ask, text)

struct echo_answer {
  shared_bytes text;
};
TROUPE_MESSAGE(echo_answer, text)

struct echo_session {
  using self_pointer = role<echo_session>*;
  static constexpr const char* name = "echo_session";
  explicit echo_session(self_pointer self) : self_(self) {}

  caf::behavior start(caf::actor connection) {
    return {[this, connection](const echo_ask& message) { tell(self_, connection, echo_answer{message.text}); }};
  }

 private:
  self_pointer self_;
};

struct echo_connection {
  using self_pointer = role<echo_connection>*;
  static constexpr const char* name = "echo_connection";
  explicit echo_connection(self_pointer self) : self_(self) {}

  caf::behavior start(node_services* node, std::shared_ptr<transport> out) {
    session_ = spawn<role<echo_session>>(*node, {}, self_->handle());
    return {
        [this](const frame_received& message) { tell(self_, session_, echo_ask{message.text}); },
        [out](const echo_answer& message) { out->send(message.text, 0); },
        [this](const connection_closed&) {
          self_->send_exit(session_, caf::exit_reason::user_shutdown);
          self_->quit();
        },
    };
  }

 private:
  self_pointer self_;
  caf::actor session_;
};

class echo_handler final : public net::websocket_handler {
 public:
  explicit echo_handler(caf::actor connection) : connection_(std::move(connection)) {}
  void on_text(shared_bytes text) override { caf::anon_send(connection_, frame_received{std::move(text)}); }
  void on_binary(std::uint64_t) override {}
  void on_close(std::uint16_t code, std::string reason) override {
    caf::anon_send(connection_, connection_closed{code, std::move(reason)});
  }

 private:
  caf::actor connection_;
};

}  // namespace

int serve_actors(const serve_options& options) {
  system_clock_port clock;
  system_random random;
  thread_pool pool(1);
  actor_registry registry;
  system_config config;
  if (options.workers > 0) config.set("scheduler.max-threads", static_cast<std::size_t>(options.workers));
  caf::actor_system system(config);
  node_services node{system, clock, random, pool, registry};
  {
    net::server_options with;
    with.listen = {{"127.0.0.1", 0}};
    with.threads = options.threads;
    net::server server(std::move(with));
    server.routes().add_websocket("/ws", [&node](std::shared_ptr<transport> out, const net::upgrade_request&) {
      return std::make_unique<echo_handler>(spawn<role<echo_connection>>(node, {}, &node, std::move(out)));
    });
    if (auto started = server.start(); !started) {
      std::fprintf(stderr, "bench_server: %s\n", started.error().message.c_str());
      return 1;
    }
    announce(server.endpoints().front().port);
    wait_for_end_of_input();
    server.close_all(1001, std::chrono::seconds(1));
  }
  return 0;
}

}  // namespace troupe::bench
