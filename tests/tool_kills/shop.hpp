#pragma once

/// \file
/// What stands around the server in these tests: a model that speaks OpenAI's
/// protocol and asks for what the user's words name, and a tool that counts how
/// often it was run. Both are in the test's process and outlive every kill.
///
///     "Spend A1 A2"        the model calls pay for A1 and A2, then says `whole_reply`
///     "Can you pay?"       "Yes." or "No.", as the model was given the tool or not
///     anything else        "Fine."
///
/// Thread safety: all members from any thread.

#include "support/luna_client.hpp"
#include "support/scripted_http_server.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace troupe::test {

inline const std::string whole_reply = "That is the whole reply.";

/// Notes what has happened, by name, and lets threads wait for it.
class board {
 public:
  void note(const std::string& what) {
    std::lock_guard guard(mutex_);
    ++counts_[what];
    changed_.notify_all();
  }
  std::size_t count(const std::string& what) const {
    std::lock_guard guard(mutex_);
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }
  bool wait(const std::string& what) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return counts_.contains(what); });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, std::size_t> counts_;
};

/// Where the model or the tool stops, until the server is gone.
enum class hold { nowhere, asking, tool, second_round, speaking };

class shop {
 public:
  /// The tool does not answer for tickets in `held`.
  explicit shop(hold at = hold::nowhere, std::set<std::string> held = {}) : hold_(at), held_(std::move(held)) {}

  std::string model_url() const { return model_.url("/v1"); }
  std::string tool_url() const { return tool_.url("/mcp"); }
  /// The model waits for it before it asks for a call.
  gate& go() { return go_; }
  /// "asking", "second round", "speaking", "runs A1" once that has been reached.
  const board& seen() const { return seen_; }
  std::size_t runs(const std::string& ticket) const { return seen_.count("runs " + ticket); }
  /// From now on nobody holds anything.
  void let_go() { hold_ = hold::nowhere; }

  /// The messages of the model's last request, one text.
  std::string last_asked() const {
    const auto body = json::parse(model_.requests().back().body);
    std::string out;
    for (auto& each : body.at("messages").as_array())
      out += text_of(each.as_object(), "role") + ": " + text_of(each.as_object(), "content") + "\n";
    return out;
  }

 private:
  static std::string event(const json::object& delta, const json::value& finish = nullptr) {
    const json::object choice{{"index", 0}, {"delta", delta}, {"finish_reason", finish}};
    const json::object whole{{"id", "c"}, {"object", "chat.completion.chunk"}, {"choices", json::array{choice}}};
    return chunk("data: " + json::serialize(whole) + "\n\n");
  }
  static std::string said(const std::string& text) { return event({{"content", text}}); }
  static std::string done(const char* why) {
    return event(json::object(), why) + chunk("data: [DONE]\n\n") + std::string(last_chunk);
  }
  static json::object function(const std::string& ticket) {
    return {{"name", "pay"}, {"arguments", json::serialize(json::object{{"ticket", ticket}})}};
  }

  /// False when the server has gone.
  bool reach(hold where, const char* name, peer& client) {
    seen_.note(name);
    if (hold_ != where) return true;
    client.wait_closed();
    return false;
  }

  void talk(peer& client) {
    while (const auto request = client.read_request())
      if (!client.send(chunked_head("Content-Type: text/event-stream\r\n")) || !answer(client, *request)) return;
  }
  bool answer(peer& client, const seen_request& request) {
    const auto body = json::parse(request.body).as_object();
    const auto& last = body.at("messages").as_array().back().as_object();
    const auto words = text_of(last, "content");
    if (text_of(last, "role") == "tool") return reach(hold::second_round, "second round", client) && reply(client);
    if (const auto at = words.find("Spend "); at != words.npos) return client.wait(go_) && ask(client, words, at + 6);
    const bool knows = body.contains("tools") && json::serialize(body.at("tools")).find("\"pay\"") != std::string::npos;
    const bool asked = words.find("Can you pay?") != words.npos;
    return client.send(said(!asked ? "Fine." : knows ? "Yes." : "No.") + done("stop"));
  }
  bool reply(peer& client) {
    const auto half = whole_reply.size() / 2;
    return client.send(said(whole_reply.substr(0, half))) && reach(hold::speaking, "speaking", client)
           && client.send(said(whole_reply.substr(half)) + done("stop"));
  }
  bool ask(peer& client, const std::string& words, std::size_t at) {
    json::array calls;
    for (; at + 1 < words.size() && words[at] >= 'A' && words[at] <= 'Z'; at += 3) {
      const auto ticket = words.substr(at, 2);
      calls.push_back(
          {{"index", calls.size()}, {"id", "call-" + ticket}, {"type", "function"}, {"function", function(ticket)}});
    }
    return client.send(event({{"tool_calls", calls}})) && reach(hold::asking, "asking", client)
           && client.send(done("tool_calls"));
  }

  void serve(peer& client) {
    while (const auto request = client.read_request()) {
      if (request->method != "POST") {
        if (!client.send(http_answer(405, ""))) return;
        continue;
      }
      const auto message = json::parse(request->body).as_object();
      if (!message.contains("id") || !message.contains("method")) {
        if (!client.send(http_answer(202, ""))) return;
        continue;
      }
      json::object out{{"jsonrpc", "2.0"}, {"id", message.at("id")}};
      const auto method = text_of(message, "method");
      if (method == "tools/call") {
        const auto ticket = text_of(message.at("params").at("arguments").as_object(), "ticket");
        seen_.note("runs " + ticket);
        if (hold_ == hold::tool && held_.contains(ticket)) return void(client.wait_closed());
        out["result"] = {{"content", json::array{{{"type", "text"}, {"text", "paid for " + ticket}}}}};
      } else if (method == "initialize") {
        out["result"] = {{"protocolVersion", message.at("params").at("protocolVersion")},
                         {"capabilities", {{"tools", json::object()}}},
                         {"serverInfo", {{"name", "shop"}, {"version", "1"}}}};
      } else if (method == "tools/list") {
        out["result"] = {{"tools", json::array{pay_tool()}}};
      } else {
        out["error"] = {{"code", -32601}, {"message", "no such method"}};
      }
      if (!client.send(http_answer(200, json::serialize(out), "Content-Type: application/json\r\n"))) return;
    }
  }
  static json::object pay_tool() {
    return {{"name", "pay"},
            {"description", "pays for a ticket"},
            {"inputSchema", {{"type", "object"}, {"properties", {{"ticket", {{"type", "string"}}}}}}}};
  }

  std::atomic<hold> hold_;
  const std::set<std::string> held_;
  board seen_;
  gate go_;
  // The last ones: their scripts use all above.
  scripted_http_server model_{[this](peer& client) { talk(client); }};
  scripted_http_server tool_{[this](peer& client) { serve(client); }};
};

}  // namespace troupe::test
