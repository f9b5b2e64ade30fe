/// A turn whose session lives on another node (DESIGN §11): two real actor
/// systems in one process, connected over loopback.

#include "actors/journal.hpp"
#include "actors/keeper.hpp"
#include "actors/memory.hpp"
#include "actors/model.hpp"
#include "actors/session.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/system_clock_port.hpp"
#include "runtime/system_config.hpp"
#include "runtime/system_random.hpp"
#include "runtime/thread_pool.hpp"
#include "scripts.hpp"
#include "stores.hpp"
#include "support/catch.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <future>

using namespace troupe;
using namespace troupe::test;

namespace {

struct real_node {
  real_node() {
    config.with_middleman();
    system = std::make_unique<caf::actor_system>(config);
  }
  ~real_node() {
    for (auto& entry : registry.snapshot())
      if (auto handle = entry.handle()) caf::anon_send_exit(handle, caf::exit_reason::kill);
    pool.stop();
    system.reset();
  }
  node_services& services() {
    if (!services_) services_.reset(new node_services{*system, clock, random, pool, registry, false});
    return *services_;
  }

  system_clock_port clock;
  system_random random;
  thread_pool pool{2, 64};
  actor_registry registry;
  system_config config;
  std::unique_ptr<caf::actor_system> system;

 private:
  std::unique_ptr<node_services> services_;
};

struct outcome {
  failure error;
  std::uint64_t started = 0;
  std::string deltas;
  turn_ended end;
};

/// One turn, then it detaches.
class remote_client final : public caf::event_based_actor {
 public:
  remote_client(caf::actor_config& config, caf::actor keeper, std::shared_ptr<std::promise<outcome>> done)
      : caf::event_based_actor(config), keeper_(std::move(keeper)), done_(std::move(done)) {}

  caf::behavior make_behavior() override {
    request(keeper_, caf::infinite, keeper_open{"s"})
        .then([this](const keeper_opened& opened) { attach(opened.handle); }, failed());
    return {
        [this](const turn_started& message) { outcome_.started = message.number; },
        [this](const turn_delta& message) {
          if (message.offset != outcome_.deltas.size()) return finish({failure_kind::internal, "wrong offset"});
          outcome_.deltas += message.text.view();
        },
        [this](const turn_ended& message) {
          outcome_.end = message;
          finish({});
        },
        [this](const session_reset&) {
          finish({failure_kind::internal, "reset"});
        },
    };
  }

 private:
  std::function<void(caf::error&)> failed() {
    return [this](caf::error& error) { finish(to_failure(error)); };
  }
  void attach(const caf::actor& session) {
    session_spec spec{"s", "luna", "alice", "Be kind.", session_retention::ephemeral, 0};
    request(session, caf::infinite, session_attach{spec, true, this, 0, 0, 0})
        .then([this, session](const session_attached&) { submit(session); }, failed());
  }
  void submit(const caf::actor& session) {
    const std::string words = "My dog is called Rex.";
    request(session, caf::infinite, turn_submit{turn_ref{1, 7, 0}, words, words, words, turn_policy::queue})
        .then([](const turn_accepted&) {}, failed());
  }
  void finish(failure error) {
    outcome_.error = std::move(error);
    done_->set_value(std::move(outcome_));
    quit();
  }

  caf::actor keeper_;
  std::shared_ptr<std::promise<outcome>> done_;
  outcome outcome_;
};

}  // namespace

TEST_CASE("a client on one node holds a turn in a conversation that lives on another") {
  test_store store;
  auto script = std::make_shared<scripted_model>();
  auto embed = std::make_shared<fake_embedder>();
  real_node far;
  auto& services = far.services();
  journal_deps journal_options;
  journal_options.database = store.database.get();
  auto journal = spawn<journal_role>(services, {.detached = true}, journal_options);
  auto model = spawn<model_role>(services, {}, model_deps{script});
  keeper_deps memories{"memory", [&](const std::string& space, caf::actor keeper) {
                         memory_deps deps;
                         deps.space = space;
                         deps.node = &services;
                         deps.database = store.database.get();
                         deps.journal = journal;
                         deps.keeper = std::move(keeper);
                         deps.embed = embed;
                         return caf::actor_cast<caf::actor>(spawn<memory_role>(services, {}, std::move(deps)));
                       }};
  auto memory_keeper = caf::actor_cast<caf::actor>(spawn<keeper_role>(services, {}, std::move(memories)));
  keeper_deps sessions{"session", [&](const std::string& id, caf::actor keeper) {
                         session_deps deps;
                         deps.id = id;
                         deps.node = &services;
                         deps.database = store.database.get();
                         deps.journal = journal;
                         deps.keeper = std::move(keeper);
                         deps.memory_keeper = memory_keeper;
                         deps.model = model;
                         return caf::actor_cast<caf::actor>(spawn<session_role>(services, {}, std::move(deps)));
                       }};
  auto keeper = caf::actor_cast<caf::actor>(spawn<keeper_role>(services, {}, std::move(sessions)));
  auto port = far.system->middleman().publish(keeper, 0, "127.0.0.1");
  REQUIRE(port);

  real_node near;
  auto remote = near.system->middleman().remote_actor("127.0.0.1", *port);
  REQUIRE(remote);
  auto done = std::make_shared<std::promise<outcome>>();
  auto waiting = done->get_future();
  near.system->spawn<remote_client>(*remote, done);
  REQUIRE(waiting.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  auto result = waiting.get();
  CHECK(result.error == failure{});
  CHECK(result.started == 2);
  CHECK(result.deltas == "Hello there.");
  CHECK(result.end.number == 3);
  CHECK(result.end.kind == event_kind::reply);
  CHECK(result.end.text.view() == "Hello there.");
}
