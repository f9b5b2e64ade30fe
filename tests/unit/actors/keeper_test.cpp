#include "actors/keeper.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/messages/journal.hpp"
#include "support/catch.hpp"
#include "support/test_node.hpp"

#include <caf/all.hpp>

using namespace troupe;

namespace {

/// What the sleepers of a run tell about themselves.
struct sleepers_log {
  std::map<std::string, int> awake;
  int woken = 0;
  bool double_wake = false;
  bool slept_while_leased = false;
  std::function<bool(const caf::actor&)> is_held;
};

struct sleeper_state {
  using self_pointer = role<sleeper_state>*;
  static constexpr const char* name = "sleeper";
  explicit sleeper_state(self_pointer self) : self_(self) {}
  ~sleeper_state() { leave(); }

  caf::behavior start(std::string id, caf::actor keeper, std::shared_ptr<sleepers_log> log) {
    id_ = std::move(id);
    log_ = std::move(log);
    keeper_ = std::move(keeper);
    ++log_->woken;
    if (++log_->awake[id_] > 1) log_->double_wake = true;
    return {
        [this](const idle_check& message) {
          if (message.activity == 0) return tell_self_later(self_, std::chrono::seconds(1), idle_check{1});
          tell(self_, keeper_, sleep_request{id_});
        },
        [this](const sleep_now&) {
          if (log_->is_held && log_->is_held(caf::actor_cast<caf::actor>(self_))) log_->slept_while_leased = true;
          if (busy_) return tell(self_, keeper_, sleep_refused{id_}), tell_self(self_, idle_check{0});
          self_->quit();
        },
        // Stands for work: while busy it refuses to sleep.
        [this](const journal_flush&) { busy_ = !busy_; },
        [this](const drain&) { return drained{}; },
    };
  }

 private:
  void leave() {
    if (log_) --log_->awake[id_];
    log_ = nullptr;
  }
  self_pointer self_;
  std::string id_;
  caf::actor keeper_;
  std::shared_ptr<sleepers_log> log_;
  bool busy_ = false;
};

struct keeper_stage {
  test_node node;
  std::shared_ptr<sleepers_log> log = std::make_shared<sleepers_log>();
  caf::actor keeper;

  explicit keeper_stage(std::uint64_t seed = 1) : node(seed) {
    keeper_deps deps;
    deps.kind = "sleeper";
    deps.wake = [this](const std::string& id, caf::actor keeper) {
      return spawn<role<sleeper_state>>(node.services(), {.label = id}, id, std::move(keeper), log);
    };
    keeper = caf::actor_cast<caf::actor>(spawn<keeper_role>(node.services(), {}, deps));
    node.run();
  }
  caf::event_based_actor& actor_of(const recorder& which) {
    return dynamic_cast<caf::event_based_actor&>(*caf::actor_cast<caf::abstract_actor*>(which.handle()));
  }
  answer_slot<keeper_opened> open(const recorder& holder, const std::string& id) {
    auto slot = std::make_shared<std::optional<expected<keeper_opened>>>();
    actor_of(holder)
        .request(keeper, caf::infinite, keeper_open{id})
        .then([slot](const keeper_opened& x) { slot->emplace(boost::system::in_place_value, x); },
              [slot](caf::error& e) { slot->emplace(boost::system::in_place_error, to_failure(e)); });
    return slot;
  }
  caf::actor sleeper(const std::string& id) {
    for (auto& entry : node.registry().snapshot())
      if (entry.cell->role == "sleeper" && entry.cell->label == id) return entry.handle();
    return {};
  }
};

}  // namespace

TEST_CASE("an id is woken once for all who open it, and again after it has ended") {
  keeper_stage stage;
  auto a = stage.node.record(), b = stage.node.record();
  auto first = stage.open(a, "one"), second = stage.open(b, "one");
  stage.node.run();
  REQUIRE((*first && **first && *second && **second));
  CHECK(first->value()->handle == second->value()->handle);
  CHECK(stage.log->woken == 1);
  stage.node.kill(first->value()->handle);
  auto third = stage.open(a, "one");
  stage.node.run();
  REQUIRE((*third && **third));
  CHECK(third->value()->handle != first->value()->handle);
  CHECK(stage.log->woken == 2);
  CHECK_FALSE(stage.log->double_wake);
}

TEST_CASE("an open that comes while an actor goes to sleep wakes a new one") {
  keeper_stage stage;
  auto a = stage.node.record();
  auto first = stage.open(a, "one");
  stage.node.run();
  stage.node.send_as(a, stage.keeper, keeper_release{"one"});
  stage.node.run();
  stage.node.send(stage.keeper, sleep_request{"one"});
  auto second = stage.open(a, "one");
  stage.node.run();
  REQUIRE((*second && **second));
  CHECK(stage.log->woken == 2);
  CHECK_FALSE(stage.log->double_wake);
}

TEST_CASE("an actor that is held is not told to sleep") {
  keeper_stage stage;
  auto a = stage.node.record();
  auto first = stage.open(a, "one");
  stage.node.run();
  stage.node.send(stage.keeper, sleep_request{"one"});
  stage.node.advance(std::chrono::seconds(10));
  CHECK(stage.log->awake["one"] == 1);
  stage.node.kill(a.handle());
  stage.node.advance(std::chrono::seconds(10));
  CHECK(stage.log->awake["one"] == 0);
}

TEST_CASE("an actor that refuses to sleep is handed to those who waited") {
  keeper_stage stage;
  auto a = stage.node.record();
  auto first = stage.open(a, "one");
  stage.node.run();
  stage.node.send(first->value()->handle, journal_flush{});  // busy
  stage.node.send_as(a, stage.keeper, keeper_release{"one"});
  stage.node.run();
  stage.node.send(stage.keeper, sleep_request{"one"});
  auto second = stage.open(a, "one");
  stage.node.run();
  REQUIRE((*second && **second));
  CHECK(second->value()->handle == first->value()->handle);
}

TEST_CASE("a keeper that is restarted in place still knows who is awake") {
  keeper_stage stage;
  auto a = stage.node.record();
  auto first = stage.open(a, "one");
  stage.node.run();
  stage.node.send(stage.keeper, actor_command{actor_command_kind::restart}, urgency::urgent);
  auto second = stage.open(a, "one");
  stage.node.run();
  REQUIRE((*second && **second));
  CHECK(second->value()->handle == first->value()->handle);
  CHECK_FALSE(stage.log->double_wake);
  stage.node.kill(first->value()->handle);
  auto third = stage.open(a, "one");
  stage.node.run();
  REQUIRE((*third && **third));
  CHECK(stage.log->woken == 2);
}

TEST_CASE("draining asks every awake actor, answers once, and opens are refused from then on") {
  keeper_stage stage;
  auto a = stage.node.record();
  stage.open(a, "one");
  stage.open(a, "two");
  stage.node.run();
  auto done = stage.node.ask<keeper_drained>(stage.keeper, keeper_drain{100});
  REQUIRE(done);
  CHECK(done->count == 2);
  auto late = stage.open(a, "three");
  stage.node.run();
  REQUIRE((*late && !**late));
  CHECK(late->value().error() == failure{failure_kind::unavailable, "the server is shutting down"});
}

TEST_CASE("draining an idle keeper answers at once, and one whose actors die while it waits answers too") {
  keeper_stage stage;
  auto none = stage.node.ask<keeper_drained>(stage.keeper, keeper_drain{100});
  REQUIRE(none);
  CHECK(none->count == 0);

  keeper_stage other;
  auto a = other.node.record();
  auto first = other.open(a, "one");
  other.node.run();
  other.node.send(first->value()->handle, actor_command{actor_command_kind::pause}, urgency::urgent);
  auto slot = other.node.request<keeper_drained>(other.keeper, keeper_drain{100});
  caf::anon_send_exit(first->value()->handle, caf::exit_reason::kill);
  other.node.run();
  CHECK((*slot && slot->value()));
}

TEST_CASE(
    "in any order of opens, releases, sleeps, kills and restarts an id has one actor at most and all opens are "
    "answered") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    keeper_stage stage(seed);
    auto& node = stage.node;
    const std::vector<std::string> ids{"a", "b", "c"};
    std::vector<recorder> holders;
    for (int i = 0; i < 3; ++i) holders.push_back(node.record());
    std::vector<std::pair<std::size_t, answer_slot<keeper_opened>>> opens;
    std::vector<bool> dead(holders.size());
    // What each holder believes to have; it forgets what it sees ended.
    std::map<std::pair<std::size_t, std::string>, answer_slot<keeper_opened>> leases;
    stage.log->is_held = [&](const caf::actor& sleeper) {
      for (auto& [key, slot] : leases)
        if (!dead[key.first] && *slot && **slot && slot->value()->handle == sleeper) return true;
      return false;
    };
    for (int action = 0; action < 40; ++action) {
      const auto who = node.random().below(holders.size());
      const auto& id = ids[node.random().below(ids.size())];
      auto lease = leases.find({who, id});
      switch (node.random().below(12)) {
        case 0:
        case 1:
        case 2:
        case 3:
          if (dead[who] || lease != leases.end()) break;
          opens.emplace_back(who, stage.open(holders[who], id));
          leases[{who, id}] = opens.back().second;
          break;
        case 4:
        case 5:
        case 6:
          if (dead[who] || lease == leases.end() || !*lease->second || !**lease->second) break;
          if (stage.sleeper(id) == lease->second->value()->handle)
            node.send_as(holders[who], stage.keeper, keeper_release{id});
          leases.erase(lease);
          break;
        case 7: node.send(stage.keeper, sleep_request{id}); break;
        case 8:
          if (auto sleeper = stage.sleeper(id)) node.send(sleeper, journal_flush{});
          break;
        case 9:
          if (auto sleeper = stage.sleeper(id)) caf::anon_send_exit(sleeper, caf::exit_reason::kill);
          break;
        case 10: node.send(stage.keeper, actor_command{actor_command_kind::restart}, urgency::urgent); break;
        case 11:
          if (who != 0) break;
          dead[who] = true;
          caf::anon_send_exit(holders[who].handle(), caf::exit_reason::kill);
          break;
      }
      for (auto steps = node.random().below(6); steps > 0; --steps) node.step_random();
    }
    node.run_random();
    REQUIRE_FALSE(stage.log->double_wake);
    REQUIRE_FALSE(stage.log->slept_while_leased);
    for (auto& [who, slot] : opens)
      if (!dead[who]) REQUIRE((*slot && **slot));
    leases.clear();
    // All leave: everything sleeps, except what is busy.
    for (auto& holder : holders) caf::anon_send_exit(holder.handle(), caf::exit_reason::kill);
    node.run_random();
    node.advance(std::chrono::seconds(3));
    for (auto& id : ids)
      if (auto sleeper = stage.sleeper(id)) node.send(sleeper, journal_flush{});
    node.advance(std::chrono::seconds(5));
    for (auto& id : ids) REQUIRE(stage.log->awake[id] == 0);
    stage.log->is_held = nullptr;
    REQUIRE_FALSE(stage.log->double_wake);
  }
}
