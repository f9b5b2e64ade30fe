#include "support/catch.hpp"

#include "probe.hpp"
#include "support/recording_transport.hpp"

#include <set>

using namespace troupe;
using namespace troupe::test;

namespace {

/// The order in which three actors handle two messages each.
std::vector<std::uint64_t> interleaving(std::uint64_t seed) {
  test_node node(seed);
  auto log = std::make_shared<probe_log>();
  std::vector<probe_actor> actors;
  for (int i = 0; i < 3; ++i) actors.push_back(spawn<role_probe>(node.services(), {}, log));
  node.run();
  for (std::uint64_t n = 0; n < 6; ++n) node.send(actors[n % 3], number(n));
  node.run_random();
  return log->handled;
}

}  // namespace

TEST_CASE("a seed is one interleaving and many seeds are many") {
  std::set<std::vector<std::uint64_t>> different;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const auto order = interleaving(seed);
    CHECK(order.size() == 6);
    CHECK(order == interleaving(seed));
    for (std::uint64_t n = 0; n < 3; ++n)  // each mailbox stays in order
      CHECK(std::find(order.begin(), order.end(), n) < std::find(order.begin(), order.end(), n + 3));
    different.insert(order);
  }
  CHECK(different.size() > 10);
}

TEST_CASE("a detached actor takes its turn on the test's thread") {
  test_node node;
  auto log = std::make_shared<probe_log>();
  auto handle = spawn<role_probe>(node.services(), {.detached = true}, log);
  node.send(handle, number(1));
  CHECK(log->handled.empty());
  node.run();
  CHECK(log->handled.size() == 1);
}

TEST_CASE("blocking work runs as a step of the test") {
  test_node node;
  int ran = 0;
  REQUIRE(node.services().pool.submit([&] { ++ran; }));
  CHECK(ran == 0);
  CHECK(node.step());
  CHECK(ran == 1);
  CHECK_FALSE(node.step());
  node.pool().bound = 0;
  CHECK_FALSE(node.services().pool.submit([] {}));
}

TEST_CASE("a request nobody answers is told from one that was answered") {
  test_node node;
  auto silent = node.record();
  const auto nothing = node.ask<journal_committed>(silent.handle(), journal_append{});
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().kind == failure_kind::timeout);
  silent.on<journal_append>([](const journal_append&) { return journal_committed{}; });
  CHECK(node.ask<journal_committed>(silent.handle(), journal_append{}));
  silent.on<journal_append>([](const journal_append&) { return to_error({failure_kind::read_only, "no"}); });
  const auto refused = node.ask<journal_committed>(silent.handle(), journal_append{});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == failure{failure_kind::read_only, "no"});
  CHECK(silent.count<journal_append>() == 3);
  CHECK(silent.messages()[0].asked);
  CHECK_FALSE(silent.messages()[0].urgent);
  CHECK(silent.answer_first<journal_append>(journal_committed{}));
  CHECK_FALSE(silent.answer_first<journal_append>(journal_committed{}));
}

TEST_CASE("asking an actor that has ended is unavailable") {
  test_node node;
  auto log = std::make_shared<probe_log>();
  auto handle = spawn<role_probe>(node.services(), {}, log);
  node.kill(handle);
  const auto answer = node.ask<memory_forgotten>(handle, keeper_open{});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == failure_kind::unavailable);
}

TEST_CASE("the recording transport drops a stopped turn's frames only while it is stalled") {
  recording_transport client;
  client.send(shared_bytes("a"), 1);
  client.drop_turn(1);
  CHECK(client.take() == std::vector<std::string>{"a"});
  client.stalled = true;
  client.send(shared_bytes("b"), 1);
  client.send(shared_bytes("c"), 0);
  client.drop_turn(1);
  CHECK(client.take() == std::vector<std::string>{"c"});
  client.close(1008, "slow");
  client.close(1000, "late");
  client.send(shared_bytes("d"), 0);
  CHECK(client.frames.empty());
  CHECK(client.closed == recording_transport::closing{1008, "slow"});
}
