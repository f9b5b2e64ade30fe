#include "actors/model.hpp"
#include "scripts.hpp"
#include "support/catch.hpp"
#include "support/test_node.hpp"

#include <caf/all.hpp>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

const failure overload{failure_kind::overload, "503"};

struct model_stage {
  explicit model_stage(std::size_t most_calls = 10000) : runner(node.record()) {
    script->most = most_calls;
    actor = spawn<model_role>(node.services(), {}, model_deps{.model = script, .random = &node.random()});
  }
  void open(std::uint64_t turn) {
    model_request request;
    request.messages.push_back({chat_role::user, "Hi"});
    node.send(actor, model_open{turn_ref{turn, turn, 0}, runner.handle(), request});
    node.run();
  }
  std::vector<model_ended> ends() const { return runner.all<model_ended>(); }

  std::shared_ptr<scripted_model> script = std::make_shared<scripted_model>();
  test_node node;
  recorder runner;
  caf::actor actor;
};

}  // namespace

TEST_CASE("a call that fails before it has said anything is tried again, twice") {
  model_stage stage;
  stage.script->next = {{.deltas = {}, .error = overload}, {.deltas = {}, .error = overload}, {.deltas = {"Hi."}}};
  stage.open(1);
  CHECK(stage.script->calls.size() == 1);
  stage.node.advance(500ms);
  CHECK(stage.script->calls.size() == 2);
  stage.node.advance(1s);
  CHECK(stage.script->calls.size() == 3);
  REQUIRE(stage.ends().size() == 1);
  CHECK(stage.ends()[0].error.kind == failure_kind::none);
  CHECK(stage.script->calls[2]->request.messages.at(0).text == "Hi");
}

TEST_CASE("what has said something, or was refused for good, is not tried again") {
  for (auto kind : {failure_kind::auth, failure_kind::upstream, failure_kind::filtered, failure_kind::quota}) {
    model_stage stage;
    stage.script->next = {{.deltas = {}, .error = {kind, "no"}}};
    stage.open(1);
    stage.node.advance(60s);
    CHECK(stage.script->calls.size() == 1);
    REQUIRE(stage.ends().size() == 1);
    CHECK(stage.ends()[0].error.kind == kind);
  }
  model_stage stage;
  stage.script->next = {{.deltas = {"Well"}, .error = {failure_kind::broken_stream, "cut"}}};
  stage.open(1);
  stage.node.advance(60s);
  CHECK(stage.script->calls.size() == 1);
  CHECK(stage.ends().at(0).error.kind == failure_kind::broken_stream);
}

TEST_CASE("a rate limit is waited for as long as the provider says, if that is short") {
  model_stage stage;
  const failure limit{failure_kind::quota, "429"};
  stage.script->next = {{.deltas = {}, .error = limit, .retry_after = 3s}, {}};
  stage.open(1);
  stage.node.advance(2999ms);
  CHECK(stage.script->calls.size() == 1);
  stage.node.advance(1ms);
  CHECK(stage.script->calls.size() == 2);
  CHECK(stage.ends().at(0).error.kind == failure_kind::none);
  stage.script->next = {{.deltas = {}, .error = limit, .retry_after = 60s}};
  stage.open(2);
  CHECK(stage.ends().at(1).error.kind == failure_kind::quota);
}

TEST_CASE("the circuit breaker opens after failures in a row, lets one try, and closes with a success") {
  model_stage stage;
  stage.script->usual = {.deltas = {}, .error = overload};
  stage.open(1);
  stage.node.advance(10s);
  stage.open(2);
  stage.node.advance(1s);
  // Five failures in a row: the breaker is open, and calls end at once.
  const auto made = stage.script->calls.size();
  CHECK(made == 5);
  stage.open(3);
  CHECK(stage.script->calls.size() == made);
  REQUIRE(stage.ends().size() >= 2);
  CHECK(stage.ends().back().error.kind == failure_kind::overload);
  CHECK(stage.ends().back().error.message.find("times in a row") != std::string::npos);
  stage.node.advance(11s);
  stage.script->usual = {};
  stage.open(4);
  CHECK(stage.ends().back().error.kind == failure_kind::none);
  stage.open(5);
  CHECK(stage.ends().back().error.kind == failure_kind::none);
}

TEST_CASE("no more calls than the model takes are in flight; the others wait in order") {
  model_stage stage(2);
  stage.script->usual = {.deltas = {"x"}, .ends = false};
  for (std::uint64_t turn = 1; turn <= 4; ++turn) stage.open(turn);
  CHECK(stage.script->calls.size() == 2);
  stage.node.send(stage.actor, model_cancel{turn_ref{3, 3, 0}}, urgency::urgent);  // it waits
  stage.node.run();
  CHECK(stage.script->calls.size() == 2);
  stage.node.send(stage.actor, model_cancel{turn_ref{1, 1, 0}}, urgency::urgent);
  stage.node.run();
  CHECK(stage.script->calls.size() == 3);
  const auto deltas = stage.runner.all<model_delta>();
  CHECK(deltas.back().ref.turn == 4);
}

TEST_CASE("a call that is cancelled between attempts is not tried again") {
  model_stage stage;
  stage.script->usual = {.deltas = {}, .error = overload};
  stage.open(1);
  stage.node.send(stage.actor, model_cancel{turn_ref{1, 1, 0}}, urgency::urgent);
  stage.node.advance(60s);
  CHECK(stage.script->calls.size() == 1);
  CHECK(stage.ends().empty());
}
