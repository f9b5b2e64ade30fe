/// Echo through the project's server and two actors: the smallest thing that
/// takes the way of every message: frame, connection, session, connection,
/// transport.

#include "actors/inspector.hpp"
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

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

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

/// Does nothing.
struct idle_state {
  static constexpr const char* name = "idle";
  explicit idle_state(role<idle_state>*) {}
  caf::behavior start() {
    return {[](const echo_ask&) {}};
  }
};

/// Consoles that are open: each asks for a page of the table and the overview
/// every second. `end` prints how long the tables took.
class open_consoles {
 public:
  open_consoles(node_services& node, unsigned count) {
    inspector_deps deps;
    deps.node = &node;
    auto door = deps.door;
    inspector_ = spawn<inspector_role>(node, {.label = "inspector", .detached = true}, std::move(deps));
    for (unsigned i = 0; i < count; ++i)
      threads_.emplace_back(
          [this, ask = ask_through(door, inspector_)](std::stop_token stopped) { look(ask, stopped); });
  }
  void end() {
    for (auto& each : threads_) each.request_stop();
    wake_.notify_all();
    threads_.clear();
    caf::anon_send_exit(inspector_, caf::exit_reason::kill);
    inspector_ = nullptr;
    if (took_us_.empty()) return;
    std::sort(took_us_.begin(), took_us_.end());
    std::printf("table_median_us %.0f\ntable_most_us %.0f\n", took_us_[took_us_.size() / 2], took_us_.back());
    std::fflush(stdout);
  }

 private:
  void look(const ask_inspector_function& ask, const std::stop_token& stopped) {
    std::unique_lock lock(mutex_);
    while (!stopped.stop_requested()) {
      lock.unlock();
      const auto began = std::chrono::steady_clock::now();
      std::promise<void> table, overview;
      ask({{"actors"}, {{"sort", "messages_per_second"}, {"order", "desc"}}, false, {}, "operator", true},
          [&](const inspect_answer&) { table.set_value(); });
      table.get_future().wait();
      const auto took = std::chrono::steady_clock::now() - began;
      ask({{"overview"}, {}, false, {}, "operator", true}, [&](const inspect_answer&) { overview.set_value(); });
      overview.get_future().wait();
      lock.lock();
      took_us_.push_back(std::chrono::duration<double, std::micro>(took).count());
      wake_.wait_for(lock, stopped, std::chrono::seconds(1), [] { return false; });
    }
  }

  caf::actor inspector_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<double> took_us_;
  std::vector<std::jthread> threads_;
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
    std::vector<caf::actor> idle;
    for (unsigned i = 0; i < options.idle; ++i)
      idle.push_back(spawn<role<idle_state>>(node, {.label = "idle " + std::to_string(i)}));
    open_consoles consoles(node, options.consoles);
    announce(server.endpoints().front().port);
    wait_for_end_of_input();
    consoles.end();
    server.close_all(1001, std::chrono::seconds(1));
  }
  return 0;
}

}  // namespace troupe::bench
