#include "support/catch.hpp"

#include "support/real_node.hpp"

#include "runtime/actor/role.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/messages/model.hpp"
#include "runtime/system_config.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <future>
#include <stdexcept>
#include <thread>

using namespace troupe;

namespace {

/// Counts on real workers; fulfils its promise when it has seen enough.
struct counter_state {
  static constexpr const char* name = "counter";
  explicit counter_state(role<counter_state>*) {}
  caf::behavior start(const std::shared_ptr<std::promise<std::thread::id>>& done, std::uint64_t goal) {
    return {[this, done, goal](const model_ready& x) {
      sum += x.turn;
      if (++count == goal) done->set_value(std::this_thread::get_id());
    }};
  }
  std::string to_json() const { return std::to_string(count); }
  std::uint64_t count = 0, sum = 0;
};

void count_to(bool detached) {
  constexpr std::uint64_t each = 5000, senders = 3;
  real_node node;
  auto done = std::make_shared<std::promise<std::thread::id>>();
  auto finished = done->get_future();
  auto handle = spawn<role<counter_state>>(node.services, {.mailbox_bound = 2 * each * senders, .detached = detached},
                                           done, each * senders);
  const auto entry = node.registry.find(handle.id());
  entry->cell->measured();  // exactly, not in ticks
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < senders; ++i)
    threads.emplace_back([handle] {
      for (std::uint64_t n = 0; n < each; ++n) caf::anon_send(handle, model_ready{1});
    });
  // Pausing, stepping and resuming meanwhile loses nothing.
  for (int i = 0; i < 100; ++i)
    for (auto kind : {actor_command_kind::pause, actor_command_kind::step, actor_command_kind::resume})
      caf::anon_send<caf::message_priority::high>(handle, actor_command{kind});
  for (auto& thread : threads) thread.join();
  const auto ran_on = finished.get();
  CHECK(ran_on != std::this_thread::get_id());
  CHECK(entry->cell->shed == 0);
  caf::anon_send<caf::message_priority::high>(handle, actor_command{actor_command_kind::stop});
  handle = nullptr;
  node.system.await_all_actors_done();
  CHECK(node.registry.count() == 0);
  CHECK(entry->cell->ended);
  CHECK(entry->cell->handling_ns > 0);
}

}  // namespace

TEST_CASE("a role on the scheduler's workers loses no message") {
  count_to(false);
}

TEST_CASE("a role on a thread of its own loses no message") {
  count_to(true);
}

TEST_CASE("the middleman is loaded only on request") {
  {
    system_config config;
    caf::actor_system system(config);
    CHECK_FALSE(system.has_middleman());
  }
  system_config config;
  config.with_middleman();
  caf::actor_system system(config);
  CHECK(system.has_middleman());
}
