/// The inspector on real threads: it sees what is stuck while it is stuck.

#include "actors/inspector.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/messages/all.hpp"
#include "support/catch.hpp"
#include "support/real_node.hpp"
#include "support/temporary_folder.hpp"

#include <caf/all.hpp>

#include <boost/json.hpp>

#include <future>
#include <latch>

using namespace troupe;
namespace json = boost::json;

namespace {

/// Stays in its handler until it is let go.
struct stuck_state {
  static constexpr const char* name = "stuck";
  explicit stuck_state(role<stuck_state>*) {}
  caf::behavior start(std::latch* entered, std::shared_future<void> let_go) {
    return {[entered, let_go](const tool_sweep&) {
      entered->count_down();
      let_go.wait();
    }};
  }
};

}  // namespace

TEST_CASE("while every worker is stuck the inspector says which, since when and that their state does not come") {
  test::temporary_folder folder;
  real_node node(2);
  inspector_deps deps;
  deps.node = &node.services;
  auto door = deps.door;
  REQUIRE(deps.audit->open(folder.file("audit.jsonl")));
  auto inspector =
      caf::actor_cast<caf::actor>(spawn<inspector_role>(node.services, {.detached = true}, std::move(deps)));
  const auto ask = [asker = ask_through(door, inspector)](inspect_query query) {
    auto answer = std::make_shared<std::promise<inspect_answer>>();
    asker(std::move(query), [answer](inspect_answer given) { answer->set_value(std::move(given)); });
    return json::parse(answer->get_future().get().json).as_object();
  };

  std::promise<void> end;
  const auto let_go = end.get_future().share();
  std::latch entered(2);
  std::vector<caf::actor> stuck;
  for (int i = 0; i < 2; ++i) {
    stuck.push_back(caf::actor_cast<caf::actor>(spawn<role<stuck_state>>(node.services, {}, &entered, let_go)));
    caf::anon_send(stuck.back(), tool_sweep{});
    caf::anon_send(stuck.back(), tool_sweep{});
  }
  entered.wait();
  const auto id = std::to_string(stuck[0].id());
  const auto table = ask({{"actors"}, {{"state", "busy"}, {"role", "stuck"}}, false, {}, "o", true});
  REQUIRE(table.at("matching") == 2);
  CHECK(table.at("actors").at(0).at("mailbox") == 1);
  CHECK(table.at("actors").at(0).at("busy_ms").to_number<double>() > 0);
  CHECK(ask({{"overview"}, {}, false, {}, "o", true}).at("stuck").at(0).at("role") == "stuck");
  const auto one = ask({{"actors", id}, {}, false, {}, "o", true});
  CHECK(one.at("actor").at("state") == "busy");
  CHECK(one.at("state").is_null());
  CHECK(one.at("state_error") == "the actor did not answer within 100 ms");
  const auto paused = ask({{"actors", id, "pause"}, {}, true, {}, "o", true});
  CHECK(paused.at("done") == false);
  CHECK(paused.at("detail") == "the actor is in a handler; it obeys when that ends");
  end.set_value();
  for (auto& each : stuck) caf::anon_send_exit(each, caf::exit_reason::kill);
  stuck.clear();
  caf::anon_send_exit(inspector, caf::exit_reason::kill);
  inspector = nullptr;
  node.system.await_all_actors_done();
}
