// The actor, the protocol and real processes together, on real threads.

#include "left_behind.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/system_clock_port.hpp"
#include "runtime/system_config.hpp"
#include "runtime/system_random.hpp"
#include "runtime/thread_pool.hpp"
#include "support/catch.hpp"
#include "tools/mcp_connect.hpp"

#include <caf/all.hpp>

#include <future>
#include <thread>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// Asks one question, hands the answer to a promise and ends. A role, since
/// ThreadSanitizer sees only what passes through the actor base.
template <class Answer, class Question>
struct asker_state {
  static constexpr const char* name = "asker";
  using self_pointer = role<asker_state>*;
  using answer_promise = std::shared_ptr<std::promise<expected<Answer>>>;
  explicit asker_state(self_pointer self) : self_(self) {}
  caf::behavior start(answer_promise promise, caf::actor whom, Question question) {
    self_->request(whom, caf::infinite, question)
        .then([this, promise](const Answer& answer) { done(promise, answer); },
              [this, promise](caf::error& error) { done(promise, to_failure(error)); });
    return {[](const tool_sweep&) {}};
  }
  void done(const answer_promise& promise, expected<Answer> answer) {
    promise->set_value(std::move(answer));
    self_->quit();
  }
  self_pointer self_;
};

template <class Answer, class Question>
expected<Answer> ask(node_services& node, const caf::actor& whom, Question question) {
  auto promise = std::make_shared<std::promise<expected<Answer>>>();
  auto future = promise->get_future();
  spawn<role<asker_state<Answer, Question>>>(node, {}, promise, whom, question);
  if (future.wait_for(30s) != std::future_status::ready) return failure{failure_kind::timeout, "no answer in 30 s"};
  return future.get();
}

struct real_stage {
  explicit real_stage(std::string mode, std::chrono::milliseconds call_limit = 30s, std::string protocol = "auto") {
    config::mcp_server_settings settings;
    settings.name = "peer";
    settings.command = {TROUPE_MCP_PEER, std::move(mode)};
    settings.timeout = call_limit;
    settings.protocol = std::move(protocol);
    auto deps = mcp_deps_of(settings, "0.1", processes, nullptr, clock);
    deps.probe_limit = 200ms;
    deps.first_pause = 10ms;
    deps.longest_pause = 20ms;
    actor = spawn<mcp_server_role>(services, {}, deps);
  }
  ~real_stage() {
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    actor = nullptr;
    system.await_all_actors_done();
  }

  std::size_t tools() {
    const auto listed = ask<tools_listed>(services, actor, tools_query{});
    return listed ? listed->tools.size() : 0;
  }
  bool has_tools(std::size_t count) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (tools() != count && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return tools() == count;
  }
  expected<tool_result> call(std::string tool, std::string arguments = "{}") {
    return ask<tool_result>(services, actor, tool_start{{1, 1, 0}, {"c", std::move(tool), std::move(arguments), {}}});
  }

  system_config config;
  system_clock_port clock;
  system_random random;
  thread_pool pool{1, 10};
  actor_registry registry;
  std::shared_ptr<mcp::process_loop> processes = std::make_shared<mcp::process_loop>(50ms);
  caf::actor_system system{config};
  node_services services{system, clock, random, pool, registry, false};
  caf::actor actor;
};

}  // namespace

TEST_CASE("a real process is spoken to in its own revision") {
  for (auto mode : {"normal", "stateless", "silent", "chatty"}) {
    CAPTURE(mode);
    real_stage s(mode);
    REQUIRE(s.has_tools(7));
    auto result = s.call("echo", R"({"text":"hällo"})");
    REQUIRE(result);
    CHECK(result->content == "hällo");
    CHECK(s.call("progress")->content == "done");
    if (std::string(mode) == "stateless") continue;
    CHECK(s.call("grow")->content == "grown");
    CHECK(s.has_tools(8));
  }
}

TEST_CASE("a process that crashes in the middle of a call ends it at once and is started again") {
  real_stage s("normal");
  REQUIRE(s.has_tools(7));
  const auto result = s.call("crash");
  REQUIRE(result);
  CHECK(result->is_error);
  CHECK(result->content.find("outcome unknown: the tool server peer ended with status 7") == 0);
  REQUIRE(s.has_tools(7));
  CHECK(s.call("echo", R"({"text":"again"})")->content == "again");
}

TEST_CASE("a tool that hangs does not hang its caller") {
  real_stage s("normal", 100ms);
  REQUIRE(s.has_tools(7));
  const auto result = s.call("hang");
  REQUIRE(result);
  CHECK(result->content.find("outcome unknown") == 0);
  CHECK(s.call("echo", R"({"text":"on"})")->content == "on");
}

TEST_CASE("nothing is left of an actor's process once all has ended") {
  const auto before = open_descriptors();
  {
    real_stage s("family");
    REQUIRE(s.has_tools(7));
    CHECK(children_of_ours() == 1);
  }
  CHECK(children_of_ours() == 0);
  CHECK(open_descriptors() == before);
}
