#include "actors/journal.hpp"
#include "runtime/actor/spawn.hpp"
#include "stores.hpp"
#include "support/catch.hpp"
#include "support/test_node.hpp"

#include <caf/all.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

struct journal_stage {
  test_store store;
  replication_log written;
  test_node node;
  journal_actor journal;

  explicit journal_stage(std::function<void(journal_deps&)> change = {}) {
    journal_deps deps;
    deps.database = store.database.get();
    deps.replication = &written;
    if (change) change(deps);
    journal = spawn<journal_role>(node.services(), {}, deps);
    node.run();
  }
  // What waits for an answer holds the journal, which must not outlive its node.
  ~journal_stage() { written.batches.clear(); }

  answer_slot<journal_committed> append(std::string key, journal_lane lane = journal_lane::turns,
                                        std::size_t count = 1) {
    journal_append message{lane, {}};
    for (std::size_t i = 0; i < count; ++i)
      message.ops.push_back({write_kind::put, column::meta, count == 1 ? key : key + std::to_string(i), "x"});
    return node.request<journal_committed>(journal, std::move(message));
  }
  std::vector<std::string> keys(std::size_t batch) const {
    std::vector<std::string> found;
    for (auto& op : written.batches[batch].ops) found.push_back(op.key);
    return found;
  }
};

using texts = std::vector<std::string>;

bool is_committed(const answer_slot<journal_committed>& slot) {
  return *slot && slot->value().has_value();
}
failure error_of(const answer_slot<journal_committed>& slot) {
  return *slot && !slot->value() ? slot->value().error() : failure{};
}

}  // namespace

TEST_CASE("appends that wait for the journal are written in one batch and all answered") {
  journal_stage stage;
  auto a = stage.append("a"), b = stage.append("b"), c = stage.append("c");
  stage.node.run();
  REQUIRE(stage.written.batches.size() == 1);
  CHECK(stage.keys(0) == texts{"a", "b", "c"});
  CHECK((is_committed(a) && is_committed(b) && is_committed(c)));
  CHECK(stage.store.database->get(column::meta, "b").value() == "x");
}

TEST_CASE("an append that comes after the flush goes into the next batch") {
  journal_stage stage;
  stage.append("a");
  stage.node.run();
  stage.append("b");
  stage.node.run();
  REQUIRE(stage.written.batches.size() == 2);
  CHECK(stage.keys(1) == texts{"b"});
}

TEST_CASE("turns go before bulk, each in the order of arrival, and an append is not split") {
  journal_stage stage([](journal_deps& deps) { deps.bulk_per_flush = 4; });
  stage.append("b", journal_lane::bulk, 3);
  stage.append("c", journal_lane::bulk, 3);
  auto last = stage.append("d", journal_lane::bulk);
  stage.append("t1");
  stage.append("t2");
  stage.node.run();
  REQUIRE(stage.written.batches.size() == 2);
  CHECK(stage.keys(0) == texts{"t1", "t2", "b0", "b1", "b2", "c0", "c1", "c2"});
  CHECK(stage.keys(1) == texts{"d"});
  CHECK(is_committed(last));
}

TEST_CASE("an append without changes is answered after all before it") {
  journal_stage stage;
  stage.written.hold = true;
  auto change = stage.append("a");
  auto barrier = stage.node.request<journal_committed>(stage.journal, journal_append{});
  stage.node.run();
  CHECK_FALSE(*barrier);
  stage.written.answer(0);
  stage.node.run();
  CHECK((is_committed(change) && is_committed(barrier)));
}

TEST_CASE("an append is acknowledged only after replication, and gets its error") {
  journal_stage stage;
  stage.written.hold = true;
  auto a = stage.append("a");
  stage.node.run();
  auto b = stage.append("b");
  stage.node.run();
  CHECK_FALSE((*a || *b));
  stage.written.answer(1, {failure_kind::unavailable, "the other side is gone"});
  stage.node.run();
  CHECK_FALSE(*a);
  CHECK(error_of(b) == failure{failure_kind::unavailable, "the other side is gone"});
  stage.written.answer(0);
  stage.node.run();
  CHECK(is_committed(a));
}

TEST_CASE("a failed write answers all that wait with the reason, and writing resumes when the disk does") {
  journal_stage stage;
  stage.store.disk->fail_now(disk_fault::no_space);
  auto a = stage.append("a"), b = stage.append("b", journal_lane::bulk, 300), c = stage.append("c", journal_lane::bulk);
  stage.node.run();
  const auto reason = stage.store.database->read_only_reason();
  CHECK_FALSE(reason.empty());
  for (auto& slot : {a, b, c})
    CHECK(error_of(slot) == failure{failure_kind::read_only, "nothing can be stored at the moment: " + reason});
  auto refused = stage.append("d");
  stage.node.run();
  CHECK(error_of(refused).kind == failure_kind::read_only);
  stage.store.disk->clear();
  stage.node.advance(std::chrono::seconds(2));
  CHECK_FALSE(stage.store.database->is_read_only());
  auto e = stage.append("e");
  stage.node.run();
  CHECK(is_committed(e));
  CHECK(stage.store.database->get(column::meta, "e").value() == "x");
}

TEST_CASE("the journal refuses more than it may hold and names the bound") {
  journal_stage stage([](journal_deps& deps) { deps.max_waiting = 2; });
  auto a = stage.append("a"), b = stage.append("b"), c = stage.append("c");
  stage.node.run();
  CHECK((is_committed(a) && is_committed(b)));
  CHECK(error_of(c).kind == failure_kind::busy);
  CHECK(error_of(c).message.find("2 writes") != std::string::npos);
}

TEST_CASE("a restart in place answers those that wait with an error") {
  journal_stage stage;
  stage.written.hold = true;
  auto unreplicated = stage.append("a");
  stage.node.run();
  auto unwritten = stage.append("b");
  stage.node.step();  // appended, not flushed
  stage.node.send(stage.journal, actor_command{actor_command_kind::restart}, urgency::urgent);
  stage.node.run();
  CHECK(error_of(unreplicated).kind != failure_kind::none);
  CHECK(error_of(unwritten).kind != failure_kind::none);
  CHECK(stage.written.batches.size() == 1);
  auto after = stage.append("c");
  stage.node.run();
  stage.written.answer(1);
  stage.node.run();
  CHECK(is_committed(after));
}

TEST_CASE("a late replication of before a restart acknowledges nothing of after it") {
  journal_stage stage;
  stage.written.hold = true;
  stage.append("a");
  stage.node.run();
  stage.node.send(stage.journal, actor_command{actor_command_kind::restart}, urgency::urgent);
  stage.node.run();
  auto b = stage.append("b");
  stage.node.run();
  REQUIRE(stage.written.batches.size() == 2);
  stage.written.answer(0);
  stage.node.run();
  CHECK_FALSE(*b);
  stage.written.answer(1);
  stage.node.run();
  CHECK(is_committed(b));
}

TEST_CASE("the end of the journal answers those that wait") {
  journal_stage stage;
  stage.written.hold = true;
  auto a = stage.append("a");
  stage.node.run();
  stage.node.kill(stage.journal);
  CHECK(error_of(a).kind != failure_kind::none);
}
