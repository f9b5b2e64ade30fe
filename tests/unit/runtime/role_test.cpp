#include "support/catch.hpp"
#include "support/test_node.hpp"

#include "runtime/actor/role.hpp"
#include "runtime/messages/journal.hpp"

using namespace troupe;

namespace {

struct probe_state {
  static constexpr const char* name = "probe";
  explicit probe_state(role<probe_state, journal_actor>* self) : self(self) {}
  journal_actor::behavior_type start(int base) {
    committed = base;
    return {[this](const journal_append& x) {
              if (x.ops.size() == 13) throw std::runtime_error("thirteen");
              ++committed;
              return journal_committed{};
            },
            [](const journal_backup&) { return journal_backed_up{1, 2}; },
            [this](const journal_flush&) { ++committed; },
            [](const journal_retry&) {}};
  }
  std::string to_json() const { return "{\"committed\":" + std::to_string(committed) + "}"; }
  role<probe_state, journal_actor>* self;
  int committed = 0;
};

}  // namespace

TEST_CASE("a role answers, and is listed while it lives") {
  test_node node;
  auto handle = spawn<role<probe_state, journal_actor>>(node.services(), {.label = "one"}, 5);
  REQUIRE(node.ask<journal_committed>(handle, journal_append{}));
  const auto listed = node.registry().snapshot();
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].cell->role == "probe");
  CHECK(listed[0].cell->label == "one");
  auto state = node.ask<actor_state>(handle, actor_state_query{}, urgency::urgent);
  REQUIRE(state);
  CHECK(state->json == "{\"committed\":6}");
  node.kill(handle);
  CHECK(node.registry().count() == 0);
}
