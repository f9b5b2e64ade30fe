#include "support/catch.hpp"

#include "probe.hpp"

using namespace troupe;
using namespace troupe::test;
using numbers = std::vector<std::uint64_t>;

#define PROBES event_probe, typed_probe, role_probe, stateful_probe

TEMPLATE_TEST_CASE("an actor's cell tells what it did", "[inspected]", PROBES) {
  probe_fixture<TestType> f;
  CHECK(f.cell->role == TestType::role_name());
  CHECK(f.cell->label == "probe");
  CHECK(f.cell->id == std::to_string(f.handle.id()));
  CHECK(f.cell->last_message(f.node.system()).empty());
  for (int i = 1; i <= 3; ++i) f.node.send(f.handle, number(i));
  CHECK(f.cell->mailbox_length() == 3);
  CHECK(f.cell->handled == 0);
  f.node.run();
  CHECK(f.cell->mailbox_length() == 0);
  CHECK(f.cell->handled == 3);
  CHECK(f.cell->busy_since_ns == 0);
  CHECK(f.cell->last_message(f.node.system()) == "troupe::model_ready");
  CHECK(f.cell->restarts == 0);
  CHECK(f.cell->shed == 0);
}

TEMPLATE_TEST_CASE("a full mailbox answers requests with busy and sheds messages", "[inspected]", PROBES) {
  probe_fixture<TestType> f({.mailbox_bound = 3});
  for (int i = 1; i <= 3; ++i) f.node.send(f.handle, number(i));
  f.node.send(f.handle, number(4));
  auto refused = f.node.template request<journal_backed_up>(f.handle, journal_backup{});
  CHECK(f.cell->shed == 2);
  CHECK(f.cell->mailbox_length() == 3);
  f.node.send(f.handle, urgent_number(50), urgency::urgent);
  CHECK(f.cell->mailbox_length() == 4);
  f.node.run();
  REQUIRE(*refused);
  CHECK((*refused)->error().kind == failure_kind::busy);
  CHECK((*refused)->error().message.find("mailbox") != std::string::npos);
  CHECK(f.log->handled == numbers{50, 1, 2, 3});
  CHECK(f.backup("now there is room"));
}

TEMPLATE_TEST_CASE("a full mailbox still takes what ends an actor", "[inspected]", PROBES) {
  probe_fixture<TestType> f({.mailbox_bound = 1});
  f.node.send(f.handle, number(1));
  f.node.kill(f.handle);
  CHECK(f.ended());
}

TEMPLATE_TEST_CASE("a handler that throws costs its own state only", "[inspected]", PROBES) {
  probe_fixture<TestType> f;
  f.node.send(f.handle, number(1));
  auto failed = f.node.template request<journal_backed_up>(f.handle, journal_backup{"throw"});
  f.node.send(f.handle, number(2));
  f.node.run();
  CHECK_FALSE(f.ended());
  REQUIRE(*failed);
  CHECK((*failed)->error().kind == failure_kind::internal);
  CHECK(f.log->handled == numbers{1, 2});  // the mailbox stayed
  CHECK(f.log->starts == 2);
  CHECK(f.log->since_start == 1);
  CHECK(f.cell->restarts == 1);
  CHECK(f.cell->handled == 3);
  CHECK(f.cell->last_error().find("bad path") != std::string::npos);
  const auto after = f.backup("four");  // the handle stayed
  REQUIRE(after);
  CHECK(after->bytes == 4);
}

TEMPLATE_TEST_CASE("a request is answered also if its handler took the promise and threw", "[inspected]", PROBES) {
  probe_fixture<TestType> f;
  const auto answer = f.backup("throw with promise");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == failure_kind::internal);
}

TEMPLATE_TEST_CASE("too many faults in a time span end the actor and tell who monitors it", "[inspected]", PROBES) {
  probe_fixture<TestType> f;
  auto parent = f.node.record();
  parent.monitor(f.handle);
  for (int i = 0; i < 5; ++i) f.node.send(f.handle, number(bad_number));
  f.node.run();
  CHECK_FALSE(f.ended());
  CHECK(f.cell->restarts == 5);
  f.node.send(f.handle, number(bad_number));
  auto waiting = f.node.template request<journal_backed_up>(f.handle, journal_backup{});
  f.node.run();
  CHECK(f.ended());
  CHECK(f.node.registry().count() == 0);
  REQUIRE(parent.template count<caf::down_msg>() == 1);
  CHECK(to_failure(parent.template last<caf::down_msg>()->reason).kind == failure_kind::internal);
  REQUIRE(*waiting);
  CHECK_FALSE(**waiting);
}

TEMPLATE_TEST_CASE("faults far apart do not add up", "[inspected]", PROBES) {
  probe_fixture<TestType> f;
  for (int i = 0; i < 20; ++i) {
    f.node.send(f.handle, number(bad_number));
    f.node.advance(std::chrono::seconds(3));
  }
  CHECK_FALSE(f.ended());
  CHECK(f.cell->restarts == 20);
}

TEMPLATE_TEST_CASE("a restart that fails ends the actor", "[inspected]", PROBES) {
  probe_fixture<TestType> f;
  f.log->start_throws = true;
  f.node.send(f.handle, number(bad_number));
  f.node.run();
  CHECK(f.ended());
  CHECK(f.cell->last_error().find("cannot start") != std::string::npos);
}

TEMPLATE_TEST_CASE("a pause holds normal messages while urgent ones are handled", "[inspected]", PROBES) {
  probe_fixture<TestType> f;
  REQUIRE(f.command(actor_command_kind::pause));
  CHECK(f.cell->paused);
  for (int i = 1; i <= 10; ++i) f.node.send(f.handle, number(i));
  f.node.run();
  CHECK(f.log->handled.empty());
  CHECK(f.cell->mailbox_length() == 10);
  CHECK(f.node.ready() == 0);  // it does not spin
  f.node.send(f.handle, urgent_number(50), urgency::urgent);
  f.node.run();
  CHECK(f.log->handled == numbers{50});
  const auto state = f.node.template ask<actor_state>(f.handle, actor_state_query{}, urgency::urgent);
  REQUIRE(state);
  CHECK(state->json == "1");

  SECTION("a step handles exactly one, in order") {
    REQUIRE(f.command(actor_command_kind::step));
    CHECK(f.log->handled == numbers{50, 1});
    CHECK(f.cell->mailbox_length() == 9);
    REQUIRE(f.command(actor_command_kind::step));
    CHECK(f.log->handled == numbers{50, 1, 2});
    f.node.send(f.handle, number(11));
    f.node.run();
    CHECK(f.log->handled == numbers{50, 1, 2});
    REQUIRE(f.command(actor_command_kind::resume));
    CHECK(f.log->handled == numbers{50, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  }
  SECTION("resuming handles all that was held, in order, before what comes later") {
    f.node.send(f.handle, number(11));
    f.node.send(f.handle, actor_command{actor_command_kind::resume}, urgency::urgent);
    f.node.send(f.handle, number(12));
    f.node.run();
    CHECK(f.log->handled == numbers{50, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    CHECK_FALSE(f.cell->paused);
    CHECK(f.cell->mailbox_length() == 0);
  }
  SECTION("a restart keeps what was held") {
    REQUIRE(f.command(actor_command_kind::restart));
    CHECK(f.log->starts == 2);
    CHECK(f.cell->paused);
    REQUIRE(f.command(actor_command_kind::resume));
    CHECK(f.log->handled.size() == 11);
  }
  SECTION("stopping answers the requests that were held") {
    auto waiting = f.node.template request<journal_backed_up>(f.handle, journal_backup{});
    f.node.run();
    CHECK_FALSE(*waiting);
    REQUIRE(f.command(actor_command_kind::stop));
    CHECK(f.ended());
    REQUIRE(*waiting);
    CHECK_FALSE(**waiting);
  }
  SECTION("an exit message is not held") {
    f.node.kill(f.handle);
    CHECK(f.ended());
  }
}

TEMPLATE_TEST_CASE("an urgent stop overtakes normal messages queued earlier", "[inspected]", PROBES) {
  probe_fixture<TestType> f;
  for (int i = 1; i <= 100; ++i) f.node.send(f.handle, number(i));
  f.node.send(f.handle, urgent_number(500), urgency::urgent);
  f.node.step();
  CHECK(f.log->handled == numbers{500});
  f.node.send(f.handle, actor_command{actor_command_kind::stop}, urgency::urgent);
  f.node.run();
  CHECK(f.log->handled.size() < 10);
  CHECK(f.ended());
}

TEMPLATE_TEST_CASE("a message nobody expects ends neither side", "[inspected]", PROBES) {
  probe_fixture<TestType> f;
  auto sender = f.node.record();
  f.node.send_as(sender, f.handle, journal_committed{});
  f.node.send_as(sender, f.handle, caf::make_error(caf::sec::runtime_error));
  f.node.run();
  CHECK_FALSE(f.ended());
  CHECK(sender.messages().empty());
  const auto answer = f.node.template ask<journal_committed>(f.handle, journal_append{});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == failure_kind::invalid);
  CHECK(f.cell->restarts == 0);
}

TEMPLATE_TEST_CASE("an actor that cannot start is not listed", "[inspected]", PROBES) {
  test_node node;
  auto log = std::make_shared<probe_log>();
  log->start_throws = true;
  const auto handle = spawn<TestType>(node.services(), {}, log);
  node.run();
  CHECK(node.registry().count() == 0);
  CHECK_FALSE(node.ask<journal_backed_up>(handle, journal_backup{}));
}
