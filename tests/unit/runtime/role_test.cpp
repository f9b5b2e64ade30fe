#include "support/catch.hpp"

#include "probe.hpp"
#include "runtime/actor/pending_answer.hpp"
#include "runtime/messages/keeper.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// Holds another actor's handle, a request in flight and a token whose life
/// shows when the state and the arguments are released.
struct holder_state {
  static constexpr const char* name = "holder";
  explicit holder_state(role<holder_state>* actor) : self(actor) {}

  caf::behavior start(std::shared_ptr<int> given, caf::actor other) {
    token = std::move(given);
    peer = std::move(other);
    return {[this](const keeper_opened& x) { peer = x.handle; },
            [this](const keeper_open& x) -> caf::result<keeper_opened> {
              auto promise = self->make_response_promise<keeper_opened>();
              waiting.push_back(promise);
              return promise;
            },
            [this](const model_ready& x) {
              if (x.turn == bad_number) throw std::runtime_error("bad number");
              self->request(peer, caf::infinite, journal_append{})
                  .then([this](const journal_committed&) { ++*token; }, [this](caf::error&) { *token += 100; });
            },
            [this](const idle_check&) {
              ++*token;
              self->delayed_send(self, std::chrono::seconds(1), idle_check{});
            }};
  }

  role<holder_state>* self;
  std::shared_ptr<int> token;
  caf::actor peer;
  std::vector<pending_answer<keeper_opened>> waiting;
};
using holder = role<holder_state>;

/// A state whose constructor can be made to throw.
struct fragile_state {
  static constexpr const char* name = "fragile";
  static inline bool broken = false;
  explicit fragile_state(role<fragile_state>*) {
    if (broken) throw std::runtime_error("broken");
  }
  caf::behavior start() {
    return {[](const model_ready&) { throw std::runtime_error("bad number"); }};
  }
  std::vector<int> memory = std::vector<int>(100);
};

}  // namespace

TEST_CASE("roles that hold each other's handles are freed when both end") {
  test_node node;
  auto token = std::make_shared<int>(0);
  auto first = spawn<holder>(node.services(), {}, token, caf::actor{});
  auto second = spawn<holder>(node.services(), {.parent = std::to_string(first.id())}, token, first);
  node.send(first, keeper_opened{"", second});
  auto unanswered = node.request<keeper_opened>(first, keeper_open{"x"});
  node.run();
  CHECK(token.use_count() == 5);  // two states, two sets of arguments, ours
  CHECK(node.registry().find(second.id())->cell->parent == std::to_string(first.id()));

  caf::weak_actor_ptr weak_first{first.address().get()}, weak_second{second.address().get()};
  node.send(first, actor_command{actor_command_kind::stop}, urgency::urgent);
  node.send(second, actor_command{actor_command_kind::stop}, urgency::urgent);
  node.run();
  CHECK(token.use_count() == 1);
  CHECK(node.registry().count() == 0);
  first = nullptr;
  second = nullptr;
  CHECK_FALSE(weak_first.lock());
  CHECK_FALSE(weak_second.lock());
  REQUIRE(*unanswered);
  CHECK((*unanswered)->error().kind == failure_kind::interrupted);
}

TEST_CASE("a restart rebuilds the state from the arguments of spawn") {
  test_node node;
  auto token = std::make_shared<int>(0);
  auto peer = node.record();
  auto handle = spawn<holder>(node.services(), {}, token, peer.handle());
  auto unanswered = node.request<keeper_opened>(handle, keeper_open{"x"});
  node.send(handle, keeper_opened{"", caf::actor{}});
  node.send(handle, model_ready{bad_number});
  node.run();
  REQUIRE(*unanswered);  // what the old state owed
  CHECK((*unanswered)->error().kind == failure_kind::interrupted);
  node.send(handle, model_ready{1});
  node.run();
  CHECK(peer.count<journal_append>() == 1);  // the peer of the arguments, not the one set since
}

TEST_CASE("an answer to the old state does not run on the new one") {
  test_node node;
  auto token = std::make_shared<int>(0);
  auto peer = node.record();
  auto handle = spawn<holder>(node.services(), {}, token, peer.handle());
  node.send(handle, model_ready{1});
  node.run();
  REQUIRE(peer.count<journal_append>() == 1);
  node.send(handle, model_ready{bad_number});
  node.run();
  REQUIRE(peer.answer_first<journal_append>(journal_committed{}));
  node.run();
  CHECK(*token == 0);
  node.send(handle, model_ready{1});
  node.run();
  REQUIRE(peer.answer_first<journal_append>(journal_committed{}));
  node.run();
  CHECK(*token == 1);
}

TEST_CASE("responses pass a full mailbox") {
  test_node node;
  auto token = std::make_shared<int>(0);
  auto peer = node.record();
  auto handle = spawn<holder>(node.services(), {.mailbox_bound = 1}, token, peer.handle());
  node.send(handle, model_ready{1});
  node.run();
  node.send(handle, model_ready{1});
  REQUIRE(peer.answer_first<journal_append>(journal_committed{}));
  node.run();
  CHECK(*token == 1);
  CHECK(node.registry().find(handle.id())->cell->shed == 0);
}

TEST_CASE("a busy error of a full mailbox reaches a role's continuation") {
  test_node node;
  auto token = std::make_shared<int>(0);
  auto log = std::make_shared<probe_log>();
  auto full = spawn<role_probe>(node.services(), {.mailbox_bound = 1}, log);
  auto handle = spawn<holder>(node.services(), {}, token, caf::actor_cast<caf::actor>(full));
  node.run();
  node.send(full, actor_command{actor_command_kind::pause}, urgency::urgent);
  node.run();
  node.send(full, model_ready{1});
  node.send(handle, model_ready{1});
  node.run();
  CHECK(*token == 100);
}

TEST_CASE("a state that cannot be rebuilt ends its actor without being destroyed twice") {
  test_node node;
  fragile_state::broken = false;
  auto handle = spawn<role<fragile_state>>(node.services(), {});
  node.run();
  REQUIRE(node.registry().count() == 1);
  fragile_state::broken = true;
  node.send(handle, model_ready{1});
  node.run();
  fragile_state::broken = false;
  CHECK(node.registry().count() == 0);
}

TEST_CASE("delayed messages follow the fake clock") {
  test_node node;
  auto token = std::make_shared<int>(0);
  auto handle = spawn<holder>(node.services(), {}, token, caf::actor{});
  const auto start = node.clock().wall_ms();
  node.send(handle, idle_check{});
  node.run();
  CHECK(*token == 1);
  node.advance(std::chrono::milliseconds(999));
  CHECK(*token == 1);
  node.advance(std::chrono::milliseconds(1));
  CHECK(*token == 2);
  node.advance(std::chrono::seconds(60));  // each sends the next on its way
  CHECK(*token == 62);
  CHECK(node.clock().wall_ms() == start + 61'000);
}

TEST_CASE("a role is known to CAF by its name") {
  test_node node;
  auto handle = spawn<holder>(node.services(), {}, std::make_shared<int>(0), caf::actor{});
  const auto* actor = dynamic_cast<caf::local_actor*>(caf::actor_cast<caf::abstract_actor*>(handle));
  REQUIRE(actor);
  CHECK(std::string(actor->name()) == "holder");
  const auto state = node.ask<actor_state>(handle, actor_state_query{}, urgency::urgent);
  REQUIRE(state);
  CHECK(state->json == "{}");
}

TEST_CASE("the registry finds live actors and forgets ended ones") {
  test_node node;
  auto token = std::make_shared<int>(0);
  std::vector<caf::actor> handles;
  for (int i = 0; i < 50; ++i)
    handles.push_back(spawn<holder>(node.services(), {.label = std::to_string(i)}, token, caf::actor{}));
  auto& registry = node.registry();
  CHECK(registry.count() == 50);
  const auto all = registry.snapshot();
  REQUIRE(all.size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(all[static_cast<std::size_t>(i)].cell->label == std::to_string(i));
  const auto found = registry.find(all[7].cell->id);
  REQUIRE(found);
  CHECK(found->handle() == handles[7]);
  CHECK_FALSE(registry.find("seven"));
  CHECK_FALSE(registry.find("7x"));
  CHECK_FALSE(registry.find(""));
  for (const auto& each : all) node.send(each.handle(), actor_command{actor_command_kind::stop}, urgency::urgent);
  node.run();
  CHECK(registry.count() == 0);
  CHECK(registry.snapshot().empty());
  handles.clear();
  CHECK_FALSE(found->handle());
}
