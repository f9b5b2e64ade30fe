/// The inspector of a node on one thread: what it shows and what it does.

#include "actors/inspector.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/inspection/dead_letters.hpp"
#include "runtime/messages/all.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_node.hpp"

#include <boost/json.hpp>

using namespace troupe;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

/// Takes `tool_sweep`s; a 9 makes it throw, its state is what it has taken.
struct worker_state {
  using self_pointer = role<worker_state>*;
  static constexpr const char* name = "worker";
  explicit worker_state(self_pointer self) : self_(self) {}
  caf::behavior start(test_clock* clock) {
    return {[this, clock](const tool_sweep& message) {
      ++taken_;
      clock->move(static_cast<std::int64_t>(message.timer) * 1'000'000);
      if (message.timer == 7) tell_self_later(self_, 60s, tool_sweep{1});
      if (message.timer == 9) throw std::runtime_error("nine is too many");
    }};
  }
  std::string to_json() const {
    const std::string huge = taken_ == 5 ? ",\"list\":\"" + std::string(50'000'000, 'x') + '"' : "";
    return "{\"taken\":" + std::to_string(taken_) + huge + "}";
  }

 private:
  self_pointer self_;
  int taken_ = 0;
};
using worker_role = role<worker_state>;

struct stage {
  test::temporary_folder folder;
  test_node node;
  metrics counters;
  caf::actor inspector;

  explicit stage(bool contents = false) {
    inspector_deps deps;
    deps.node = &node.services();
    deps.counters = &counters;
    deps.version = "0.0.1";
    deps.contents = contents;
    REQUIRE(deps.audit->open(folder.file("audit.jsonl")));
    inspector = caf::actor_cast<caf::actor>(
        spawn<inspector_role>(node.services(), {.label = "inspector", .detached = true}, std::move(deps)));
    node.run();
  }

  caf::actor worker(const std::string& label, const std::string& parent = {}) {
    auto made = caf::actor_cast<caf::actor>(
        spawn<worker_role>(node.services(), {.label = label, .parent = parent}, &node.clock()));
    node.run();
    return made;
  }
  json::object ask(std::vector<std::string> path, std::vector<inspect_parameter> parameters = {},
                   std::uint32_t status = 200, bool may_act = false) {
    return answered({std::move(path), std::move(parameters), false, {}, "token:ops", may_act}, status);
  }
  json::object act(std::vector<std::string> path, std::uint32_t status = 200, std::string body = {},
                   bool may_act = true) {
    return answered({std::move(path), {}, true, std::move(body), "token:ops", may_act}, status);
  }
  json::object answered(inspect_query query, std::uint32_t status) {
    const auto answer = node.ask<inspect_answer>(inspector, std::move(query));
    REQUIRE(answer);
    INFO(answer->json);
    CHECK(answer->status == status);
    return json::parse(answer->json).as_object();
  }
  static std::string id_of(const caf::actor& actor) { return std::to_string(actor.id()); }
};

std::vector<std::string> labels(const json::object& answer) {
  std::vector<std::string> out;
  for (auto& row : answer.at("actors").as_array()) out.emplace_back(row.at("label").as_string());
  return out;
}

std::string text(const json::object& from, const char* name) {
  return std::string(from.at(name).as_string());
}

}  // namespace

TEST_CASE("the table is sorted, searched and paged by the inspector") {
  stage s;
  std::vector<caf::actor> workers;
  for (int i = 0; i < 30; ++i) workers.push_back(s.worker((i < 20 ? "cook " : "waiter ") + std::to_string(i)));
  for (int i = 0; i < 30; ++i)
    for (int n = 0; n < i % 7; ++n) s.node.send(workers[static_cast<std::size_t>(i)], tool_sweep{0});
  s.node.run();
  auto answer = s.ask({"actors"}, {{"sort", "handled"}, {"order", "desc"}, {"role", "worker"}, {"limit", "3"}});
  CHECK(answer.at("total") == 31);
  CHECK(answer.at("matching") == 30);
  CHECK(answer.at("roles").at("worker") == 30);
  CHECK(labels(answer) == std::vector<std::string>{"cook 6", "cook 13", "waiter 20"});
  CHECK(answer.contains("cost_us"));
  answer =
      s.ask({"actors"}, {{"sort", "handled"}, {"order", "desc"}, {"role", "worker"}, {"limit", "3"}, {"offset", "3"}});
  CHECK(labels(answer) == std::vector<std::string>{"waiter 27", "cook 5", "cook 12"});
  answer = s.ask({"actors"}, {{"q", "WAITER 2"}});
  CHECK(answer.at("matching") == 10);
  CHECK(labels(s.ask({"actors"}, {{"q", stage::id_of(workers[4])}}))[0] == "cook 4");
}

TEST_CASE("a parameter that breaks its rule is named") {
  stage s;
  const auto detail = [&](std::vector<inspect_parameter> parameters) {
    return text(s.ask({"actors"}, std::move(parameters), 400), "detail");
  };
  CHECK(detail({{"sort", "beauty"}}) == "sort: must be the name of a column");
  CHECK(detail({{"order", "up"}}) == "order: must be asc or desc");
  CHECK(detail({{"limit", "501"}}) == "limit: must be a number from 1 to 500");
  CHECK(detail({{"limit", "-1"}}) == "limit: must be a number from 1 to 500");
  CHECK(detail({{"window", "7"}}) == "window: must be 1, 10 or 60");
  CHECK(detail({{"state", "sad"}}) == "state: must be idle, busy, waiting or paused");
  CHECK(text(s.ask({"actors", "99999"}, {}, 404), "detail").find("no such actor") == 0);
  CHECK(text(s.ask({"kitchen"}, {}, 404), "detail") == "Not Found");
  CHECK(text(s.ask({"log"}, {{"level", "loud"}}, 400), "detail").find("level:") == 0);
}

TEST_CASE("rates and handling times are there once somebody looks") {
  stage s;
  auto worker = s.worker("busy one");
  CHECK(s.ask({"actors"}, {{"role", "worker"}}).at("actors").at(0).at("p50_us").is_null());
  s.node.advance(1s);
  for (int i = 0; i < 9; ++i) s.node.send(worker, tool_sweep{100});
  s.node.run();
  s.node.advance(1s);
  const auto row = s.ask({"actors"}, {{"role", "worker"}, {"window", "10"}}).at("actors").at(0).as_object();
  CHECK(row.at("handled") == 9);
  // 9 messages of 0.1 s each within the 2.9 s since the first look.
  CHECK(row.at("messages_per_second").to_number<double>() == Approx(9 / 2.9).epsilon(0.02));
  CHECK(row.at("busy_share").to_number<double>() == Approx(0.9 / 2.9).epsilon(0.02));
  CHECK(row.at("p50_us").to_number<double>() >= 100'000);
  CHECK(row.at("p50_us").to_number<double>() <= 150'000);
  // A minute after the last look nothing is sampled any more.
  s.node.advance(62s);
  CHECK(s.ask({"actors", stage::id_of(s.inspector)}).at("state").at("answered") == 3);
  CHECK(s.ask({"actors"}, {{"role", "worker"}}).at("actors").at(0).at("messages_per_second") == 0);
}

TEST_CASE("one actor is shown with its state, its last messages and its children") {
  stage s;
  auto worker = s.worker("head");
  const auto helper = s.worker("helper", stage::id_of(worker));
  s.ask({"actors", stage::id_of(worker)});
  s.node.send(worker, tool_sweep{5});
  s.node.send(worker, tool_sweep{0});
  s.node.run();
  const auto answer = s.ask({"actors", stage::id_of(worker)});
  CHECK(answer.at("state").at("taken") == 2);
  CHECK(answer.at("state_age_ms") == 0);
  CHECK(answer.at("state_error") == "");
  REQUIRE(answer.at("children").as_array().size() == 1);
  CHECK(answer.at("children").at(0).at("label") == "helper");
  const auto& messages = answer.at("messages").as_array();
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].at("type").as_string().find("tool_sweep") != json::string::npos);
  CHECK(messages[0].at("handling_us") == 5000);
  // The second waited for the first.
  CHECK(messages[1].at("wait_us") == 5000);
  CHECK_FALSE(messages[0].as_object().contains("contents"));
}

TEST_CASE("waiting times are known however often somebody has looked") {
  stage s;
  auto worker = s.worker("seen");
  const auto id = stage::id_of(worker);
  // Each look asks for the state, by a message that is never recorded itself.
  for (std::size_t i = 0; i <= message_ring::arrivals_kept; ++i) s.ask({"actors", id});
  s.node.send(worker, tool_sweep{0});
  s.node.run();
  CHECK(s.ask({"actors", id}).at("messages").at(0).at("wait_us") == 0);
}

TEST_CASE("contents are shown only where that is allowed, to who may act") {
  stage closed;
  auto worker = closed.worker("a");
  CHECK(text(closed.ask({"actors", stage::id_of(worker)}, {{"contents", "1"}}, 403, true), "detail")
        == "contents: INSPECT_CONTENTS is not on");
  stage open(true);
  worker = open.worker("a");
  CHECK(text(open.ask({"actors", stage::id_of(worker)}, {{"contents", "1"}}, 403), "detail")
        == "contents: needs the scope act");
  open.ask({"actors", stage::id_of(worker)}, {{"contents", "1"}}, 200, true);
  open.node.send(worker, tool_sweep{77});
  open.node.run();
  const auto answer = open.ask({"actors", stage::id_of(worker)}, {{"contents", "1"}}, 200, true);
  CHECK(answer.at("messages").at(0).at("contents").as_string().find("77") != json::string::npos);
  CHECK_FALSE(open.ask({"actors", stage::id_of(worker)}).at("messages").at(0).as_object().contains("contents"));
}

TEST_CASE("a paused actor holds its messages, steps through them and goes on") {
  stage s;
  auto worker = s.worker("held");
  std::vector<caf::actor> neighbours;
  neighbours.reserve(1000);
  for (int i = 0; i < 1000; ++i) neighbours.push_back(s.worker("free"));
  const auto id = stage::id_of(worker);
  CHECK(s.act({"actors", id, "pause"}).at("done") == true);
  for (int i = 0; i < 3; ++i) s.node.send(worker, tool_sweep{0});
  for (int n = 0; n < 2; ++n)
    for (auto& each : neighbours) s.node.send(each, tool_sweep{0});
  s.node.run();
  const auto row = [&] { return s.ask({"actors", id}).at("actor").as_object(); };
  CHECK(row().at("state") == "paused");
  CHECK(row().at("mailbox") == 3);
  std::size_t gone_on = 0;
  for (auto& each : neighbours) gone_on += s.ask({"actors", stage::id_of(each)}).at("state").at("taken") == 2;
  CHECK(gone_on == 1000);
  s.node.advance(1s);
  CHECK(row().at("oldest_ms").to_number<double>() >= 1000);
  s.act({"actors", id, "step"});
  CHECK(s.ask({"actors", id}).at("state").at("taken") == 1);
  CHECK(row().at("mailbox") == 2);
  s.act({"actors", id, "resume"});
  CHECK(row().at("state") == "idle");
  CHECK(s.ask({"actors", id}).at("state").at("taken") == 3);
}

TEST_CASE("what fails is recorded from then on, counted, and can be restarted and stopped") {
  stage s;
  auto worker = s.worker("clumsy");
  const auto id = stage::id_of(worker);
  s.node.send(worker, tool_sweep{9});
  s.node.send(worker, tool_sweep{0});
  s.node.run();
  auto answer = s.ask({"actors", id});
  CHECK(text(answer.at("actor").as_object(), "last_error").find("nine is too many") != std::string::npos);
  CHECK(answer.at("actor").at("restarts") == 1);
  CHECK(answer.at("messages").as_array().size() == 1);  // the one after the failure
  CHECK(answer.at("state").at("taken") == 1);
  s.act({"actors", id, "restart"});
  CHECK(s.ask({"actors", id}).at("actor").at("restarts") == 2);
  CHECK(s.act({"actors", id, "stop"}).at("done") == true);
  s.ask({"actors", id}, {}, 404);
  s.act({"actors", id, "pause"}, 404);
}

TEST_CASE("acting needs the scope, and neither journal nor inspector can be held") {
  stage s;
  auto worker = s.worker("a");
  CHECK(text(s.act({"actors", stage::id_of(worker), "pause"}, 403, {}, false), "detail")
        == "acting needs the scope act");
  CHECK(s.ask({"actors", stage::id_of(worker)}).at("actor").at("state") == "idle");
  s.act({"actors", stage::id_of(s.inspector), "pause"}, 409);
  s.act({"actors", stage::id_of(worker), "tickle"}, 404);
}

TEST_CASE("every act is on record with who, when and how it ended, also after a restart") {
  stage s;
  auto worker = s.worker("a");
  const auto id = stage::id_of(worker);
  s.act({"actors", id, "pause"});
  s.act({"actors", id, "log"}, 400, R"({"level":"loud"})");
  s.act({"actors", id, "log"}, 200, R"({"level":"debug"})");
  CHECK(s.ask({"actors", id}).at("actor").at("log_level") == "debug");
  s.act({"actors", id, "log"}, 200, R"({"level":null})");
  CHECK(s.ask({"actors", id}).at("actor").at("log_level").is_null());
  const auto entries = s.ask({"audit"}).at("entries").as_array();
  REQUIRE(entries.size() == 4);
  CHECK(entries[3].at("act") == "pause");
  CHECK(entries[3].at("who") == "token:ops");
  CHECK(entries[3].at("target").as_string() == "actor " + id + " worker");
  CHECK(entries[3].at("outcome") == "done");
  CHECK(entries[2].at("outcome") == "refused");
  audit_log again;
  REQUIRE(again.open(s.folder.file("audit.jsonl")));
  REQUIRE(again.recent().size() == 4);
  CHECK(again.recent().back().act == "pause");
  CHECK(again.recent().back().outcome == "done");
}

TEST_CASE("an act that cannot be recorded is not done") {
  stage s;
  inspector_deps deps;
  deps.node = &s.node.services();
  const auto blind = caf::actor_cast<caf::actor>(spawn<inspector_role>(s.node.services(), {}, std::move(deps)));
  auto worker = s.worker("a");
  const auto answer = s.node.ask<inspect_answer>(
      blind, inspect_query{{"actors", stage::id_of(worker), "pause"}, {}, true, {}, "operator", true});
  REQUIRE(answer);
  CHECK(answer->status == 503);
  CHECK(s.ask({"actors", stage::id_of(worker)}).at("actor").at("state") == "idle");
}

TEST_CASE("a state too large to show is said to be, and the last one that was not is shown") {
  stage s;
  auto worker = s.worker("collector");
  const auto id = stage::id_of(worker);
  const auto take = [&] {
    s.node.send(worker, tool_sweep{0});
    s.node.run();
    return s.ask({"actors", id});
  };
  for (int i = 1; i <= 4; ++i) CHECK(take().at("state").at("taken") == i);
  const auto answer = take();
  CHECK(text(answer, "state_error").find("more than can be shown") != std::string::npos);
  CHECK(answer.at("state").at("taken") == 4);
  CHECK(take().at("state").at("taken") == 6);
}

TEST_CASE("the trees show supervisors, clients and sessions") {
  stage s;
  auto parent = s.worker("parent");
  const auto first = s.worker("child 1", stage::id_of(parent)), second = s.worker("child 2", stage::id_of(parent));
  auto roots = s.ask({"tree"}, {{"q", "parent"}}).at("nodes").as_array();
  REQUIRE(roots.size() == 1);
  CHECK(roots[0].at("children") == 2);
  auto below = s.ask({"tree"}, {{"root", stage::id_of(parent)}}).at("nodes").as_array();
  REQUIRE(below.size() == 2);
  CHECK(below[0].at("actor").at("label") == "child 1");
  CHECK(text(s.ask({"tree"}, {{"by", "colour"}}, 400), "detail") == "by: must be supervisor, client or session");
}

TEST_CASE("the overview adds up and has a point a second while somebody looks") {
  stage s;
  s.counters.active_clients = 3;
  auto worker = s.worker("slow");
  auto first = s.ask({"overview"});
  CHECK(first.at("clients") == 3);
  CHECK(first.at("actors") == 2);
  CHECK(first.at("version") == "0.0.1");
  CHECK(first.at("rss_bytes").to_number<std::uint64_t>() > 1'000'000);
  s.act({"actors", stage::id_of(worker), "pause"});
  for (int i = 0; i < 5; ++i) s.node.send(worker, tool_sweep{0});
  s.node.advance(3s);
  const auto answer = s.ask({"overview"});
  REQUIRE(answer.at("pressure").as_array().size() == 1);
  CHECK(answer.at("pressure").at(0).at("label") == "slow");
  CHECK(answer.at("pressure").at(0).at("mailbox") == 5);
  CHECK(answer.at("history").at("at").as_array().size() == 4);
}

TEST_CASE("what nobody handles is a dead letter") {
  stage s;
  const auto before = dead_letters::total();
  auto worker = s.worker("gone");
  s.node.send(worker, recall_deadline{1});
  s.node.run();
  s.act({"actors", stage::id_of(worker), "stop"});
  s.node.send(worker, tool_sweep{1});
  s.node.run();
  // A deadline that an actor had set for itself and outlived is none.
  auto hasty = s.worker("hasty");
  s.node.send(hasty, tool_sweep{7});
  s.node.run();
  s.act({"actors", stage::id_of(hasty), "stop"});
  s.node.advance(61s);
  const auto answer = s.ask({"dead_letters"});
  CHECK(answer.at("total").to_number<std::uint64_t>() == before + 2);
  CHECK(answer.at("letters").at(0).at("kind") == "ended");
  CHECK(answer.at("letters").at(0).at("role") == "worker");
  CHECK(answer.at("letters").at(0).at("message").as_string().find("tool_sweep") != json::string::npos);
  CHECK(answer.at("letters").at(1).at("kind") == "unexpected");
}

TEST_CASE("too many questions at once are told so") {
  stage s;
  auto door = std::make_shared<inspector_door>();
  const auto ask = ask_through(door, s.inspector);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < inspector_door::capacity + 2; ++i)
    ask({{"overview"}, {}, false, {}, "operator", true},
        [&](const inspect_answer& answer) { refused += answer.status == 503; });
  CHECK(refused == 2);
}
