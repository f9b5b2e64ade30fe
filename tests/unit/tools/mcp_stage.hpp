#pragma once

/// \file
/// An MCP server's actor on a stepped node, and the server as a script.

#include "runtime/actor/spawn.hpp"
#include "support/catch.hpp"
#include "support/test_node.hpp"
#include "tools/mcp_server.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace troupe::test {

/// One connection as the server sees it.
struct fake_connection {
  std::vector<mcp::outgoing> sent;
  std::deque<mcp::transport_event> events;
  std::vector<std::int64_t> abandoned;
  std::function<void()> wake;
  bool waiting = false, open = true, finished = false, older = false, is_established = false;

  void give(mcp::transport_event event) {
    events.push_back(std::move(event));
    if (std::exchange(waiting, false) && wake) wake();
  }
  void say(std::string text) {
    mcp::transport_event event;
    event.what = mcp::transport_event::kind::message;
    event.text = std::move(text);
    give(std::move(event));
  }
  void close(failure why, std::string detail = "") {
    mcp::transport_event event;
    event.what = mcp::transport_event::kind::closed;
    event.error = std::move(why);
    event.detail = std::move(detail);
    give(std::move(event));
  }
  void answer(std::int64_t request, const std::string& result) {
    say("{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(request) + ",\"result\":" + result + "}");
  }
  void answer_text(std::int64_t request, const std::string& text) {
    answer(request, "{\"content\":[{\"type\":\"text\",\"text\":\"" + text + "\"}]}");
  }

  static std::string method_of(const mcp::outgoing& message) {
    const auto read = tools::json_document::parse(message.text);
    return std::string(tools::text_member(read->root(), "method").value_or(""));
  }
  /// Ids of the requests with this method.
  std::vector<std::int64_t> requests(const std::string& method) const {
    std::vector<std::int64_t> out;
    for (auto& each : sent)
      if (method_of(each) == method) out.push_back(each.request);
    return out;
  }
  std::size_t count(const std::string& method) const { return requests(method).size(); }
};

class fake_transport final : public mcp::transport {
 public:
  explicit fake_transport(std::shared_ptr<fake_connection> of) : of_(std::move(of)) {}
  ~fake_transport() override {
    of_->open = false;
    of_->wake = nullptr;
  }
  void send(mcp::outgoing message) override {
    of_->sent.push_back(std::move(message));
    of_->waiting = false;  // a new request that no poll has seen yet wakes nobody
  }
  mcp::transport_event poll() override {
    if (of_->events.empty()) {
      of_->waiting = true;
      return {};
    }
    auto next = std::move(of_->events.front());
    of_->events.pop_front();
    return next;
  }
  void abandon(std::int64_t request) override { of_->abandoned.push_back(request); }
  void established(http_headers) override { of_->is_established = true; }
  bool use_older_http() override { return of_->older = true; }
  void finish() override { of_->finished = true; }

 private:
  std::shared_ptr<fake_connection> of_;
};

struct mcp_stage {
  explicit mcp_stage(std::function<void(mcp_server_deps&)> change = {}, std::uint64_t seed = 1) : node(seed) {
    mcp_server_deps deps;
    deps.options.server = "peer";
    deps.connect = [made = connections](std::function<void()> wake) {
      made->push_back(std::make_shared<fake_connection>());
      made->back()->wake = std::move(wake);
      return std::make_unique<fake_transport>(made->back());
    };
    if (change) change(deps);
    actor = spawn<mcp_server_role>(node.services(), {}, deps);
    node.run();
  }
  ~mcp_stage() {
    node.kill(actor);
    for (auto& each : *connections) each->wake = nullptr;
  }

  fake_connection& peer() { return *connections->back(); }
  /// Answers the handshake and the list of tools.
  void shake_hands(const std::string& tools =
                       R"([{"name":"echo","inputSchema":{"type":"object","properties":{"text":{"type":"string"}}}}])") {
    answer_last("server/discover", {}, true);
    answer_last("initialize", R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}}})");
    list(tools);
  }
  void list(const std::string& tools) { answer_last("tools/list", "{\"tools\":" + tools + "}"); }
  void answer_last(const std::string& method, const std::string& result, bool refuse = false) {
    const auto ids = peer().requests(method);
    REQUIRE_FALSE(ids.empty());
    if (refuse)
      peer().say("{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(ids.back())
                 + ",\"error\":{\"code\":-32601,\"message\":\"no\"}}");
    else
      peer().answer(ids.back(), result);
    node.run();
  }

  std::vector<std::string> tools() {
    const auto listed = node.ask<tools_listed>(actor, tools_query{});
    std::vector<std::string> names;
    for (auto& each : listed->tools) names.push_back(each.name);
    return names;
  }
  answer_slot<tool_result> call(std::uint64_t turn = 1, std::string id = "c1", std::string arguments = "{}",
                                std::string tool = "echo") {
    auto slot = node.request<tool_result>(
        actor, tool_start{{1, turn, 0}, {std::move(id), std::move(tool), std::move(arguments), {}}});
    node.run();
    return slot;
  }
  std::int64_t last_call() { return peer().requests("tools/call").back(); }

  std::shared_ptr<std::vector<std::shared_ptr<fake_connection>>> connections =
      std::make_shared<std::vector<std::shared_ptr<fake_connection>>>();
  test_node node;
  caf::actor actor;
};

}  // namespace troupe::test
