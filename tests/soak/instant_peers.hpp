#pragma once

/// \file
/// A model and a tool that answer at once and keep nothing of what they were
/// asked. What the model does is said by the user's last words:
///
///     "Pay"     a call of the tool `pay`, and a reply to its result
///     "Refuse"  status 400
///     "Wait"    the reply's beginning, and nothing more until the server leaves
///     else      a short reply in three pieces
///
/// Thread safety: all members from any thread.

#include "support/luna_client.hpp"
#include "support/scripted_http_server.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <optional>
#include <string>

namespace troupe::test {

class instant_peers {
 public:
  std::string model_url() const { return model_.url("/v1"); }
  std::string tool_url() const { return tool_.url("/mcp"); }
  std::size_t calls() const { return calls_.load(); }
  std::size_t model_connections() const { return model_.connections(); }

 private:
  /// The body of the next request, which is not kept as `read_request` would.
  static std::optional<std::string> next_body(peer& client, std::string& ahead) {
    const auto more = [&] {
      const auto bytes = client.read_some();
      ahead += bytes;
      return !bytes.empty();
    };
    std::size_t end = 0;
    while ((end = ahead.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return std::nullopt;
    static constexpr std::string_view name = "Content-Length: ";
    const auto at = ahead.find(name);
    const auto size = at < end ? std::stoul(ahead.substr(at + name.size(), 20)) : 0;
    while (ahead.size() < end + 4 + size)
      if (!more()) return std::nullopt;
    auto body = ahead.substr(end + 4, size);
    ahead.erase(0, end + 4 + size);
    return body;
  }

  static std::string event(const json::object& delta, const json::value& finish = nullptr) {
    const json::object choice{{"index", 0}, {"delta", delta}, {"finish_reason", finish}};
    return chunk("data: " + json::serialize(json::object{{"choices", json::array{choice}}}) + "\n\n");
  }
  static std::string done(const char* why) {
    return event(json::object(), why) + chunk("data: [DONE]\n\n") + std::string(last_chunk);
  }
  static std::string call(std::size_t number) {
    const json::object function{{"name", "pay"}, {"arguments", R"({"ticket":")" + std::to_string(number) + "\"}"}};
    const json::object call{{"index", 0}, {"id", "call"}, {"type", "function"}, {"function", function}};
    return event({{"tool_calls", json::array{call}}});
  }

  void talk(peer& client) {
    const auto head = chunked_head("Content-Type: text/event-stream\r\n");
    const auto reply = head + event({{"content", "That "}}) + event({{"content", "is "}}) + event({{"content", "all."}})
                       + done("stop");
    for (std::string ahead;;) {
      const auto body = next_body(client, ahead);
      if (!body) return;
      const auto request = json::parse(*body).as_object();
      const auto& last = request.at("messages").as_array().back().as_object();
      const auto words = text_of(last, "content");
      const auto asks = [&](const char* what) {
        return text_of(last, "role") == "user" && words.find(what) != words.npos;
      };
      if (asks("Wait")) {
        client.send(head + event({{"content", "One moment"}}));
        client.wait_closed();
        return;
      }
      const auto answer = asks("Refuse") ? http_answer(400, R"({"error":{"message":"not that"}})")
                          : asks("Pay")  ? head + call(++calls_asked_) + done("tool_calls")
                                         : reply;
      if (!client.send(answer)) return;
    }
  }

  void serve(peer& client) {
    for (std::string ahead;;) {
      const auto body = next_body(client, ahead);
      if (!body || !client.send(answer_to(*body))) return;
    }
  }
  std::string answer_to(const std::string& body) {
    if (body.empty()) return http_answer(405, "");  // GET and DELETE
    const auto message = json::parse(body).as_object();
    if (!message.contains("id") || !message.contains("method")) return http_answer(202, "");
    json::object out{{"jsonrpc", "2.0"}, {"id", message.at("id")}};
    const auto method = text_of(message, "method");
    if (method == "tools/call") {
      ++calls_;
      out["result"] = {{"content", json::array{{{"type", "text"}, {"text", "paid"}}}}};
    } else if (method == "initialize") {
      out["result"] = {{"protocolVersion", message.at("params").at("protocolVersion")},
                       {"capabilities", {{"tools", json::object()}}},
                       {"serverInfo", {{"name", "instant"}, {"version", "1"}}}};
    } else if (method == "tools/list") {
      const json::object pay{{"name", "pay"}, {"description", "pays"}, {"inputSchema", {{"type", "object"}}}};
      out["result"] = {{"tools", json::array{pay}}};
    } else {
      out["error"] = {{"code", -32601}, {"message", "no such method"}};
    }
    return http_answer(200, json::serialize(out), "Content-Type: application/json\r\n");
  }

  std::atomic<std::size_t> calls_asked_ = 0;
  std::atomic<std::size_t> calls_ = 0;
  // The last ones: their scripts use all above.
  scripted_http_server model_{[this](peer& client) { talk(client); }};
  scripted_http_server tool_{[this](peer& client) { serve(client); }};
};

}  // namespace troupe::test
