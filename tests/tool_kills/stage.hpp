#pragma once

/// \file
/// One conversation with a tool call in it, the server's death in the middle,
/// and what is found afterwards.

#include "shop.hpp"
#include "support/catch.hpp"
#include "support/kill_points/kill_point.hpp"
#include "support/live_server.hpp"

#include <fstream>

namespace troupe::test {

/// What the server still knows of a call after its death.
enum class known { nothing, begun, finished, replied };

class kill_stage {
 public:
  /// `tool`: the table of troupe.toml that says where the tool is.
  kill_stage(shop& around, const std::string& tool) : shop_(around), point_(folder_.file("control")) {
    std::ofstream(folder_.file("troupe.toml")) << "[mcp.shop]\n" << tool;
    auto settings = point_.settings();
    settings["MODEL"] = "openai:scripted";
    settings["OPENAI_BASE_URL"] = around.model_url();
    settings["OPENAI_API_KEY"] = "test-key";
    server_.emplace(settings, std::vector<std::string>{"--config", folder_.file("troupe.toml")});
    wait_for_tool();
  }

  kill_point& point() { return point_; }
  live_server& server() { return *server_; }

  /// A turn whose user event is durable; the model goes on when `shop.go` opens.
  void begin(const std::string& words) {
    client_.emplace(server_->connect());
    const auto first = client_->request(text_action("chat", "Hello", numbered));
    REQUIRE(first.complete());
    session_ = text_of(first.end, "session_id");
    number_ = first.end.at("number").to_number<std::int64_t>();
    client_->send(text_action("chat", words, numbered));
    REQUIRE(type_of(client_->next()) == "text_turn_started");
  }
  luna_client& client() { return *client_; }

  /// The server has been killed at its kill point.
  void wait_for_kill() {
    CHECK(server_->wait() == 128 + SIGKILL);
    CHECK(point_.reached());
  }

  void restart(bool power_cut) {
    point_.disarm();
    shop_.let_go();
    if (power_cut) point_.cut_power();
    start_again();
  }
  void start_again() {
    server_->start();
    wait_for_tool();
  }

  /// Kinds of the events since the conversation's first turn, as a client that
  /// resumes gets them.
  std::string resume() {
    client_.emplace(server_->connect());
    client_->send(R"({"type":"resume_text_session","session_id":")" + session_ + R"(","after_number":)"
                  + std::to_string(number_) + "}");
    const auto state = client_->next();
    REQUIRE(type_of(state) == "text_session_resumed");
    CHECK_FALSE(state.contains("open_turn"));
    std::string kinds;
    auto number = number_;
    for (auto& each : state.at("events").as_array()) {
      CHECK(each.at("number") == ++number);
      kinds += (kinds.empty() ? "" : " ") + text_of(each.as_object(), "kind");
    }
    CHECK(state.at("last_number") == number);
    return kinds;
  }

 private:
  static constexpr std::string_view numbered = R"(,"numbered":true)";

  void wait_for_tool() {
    auto asking = server_->connect();
    const auto end = std::chrono::steady_clock::now() + patience;
    while (asking.say("Can you pay?") != "Yes.")
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the tool never came: " + server_->output());
  }

  shop& shop_;
  temporary_folder folder_;
  kill_point point_;
  std::optional<live_server> server_;
  std::optional<luna_client> client_;
  std::string session_;
  std::int64_t number_ = 0;
};

inline std::string kinds_of(known what) {
  switch (what) {
    case known::nothing: return "user interrupted";
    case known::begun: return "user tool_begun interrupted";
    case known::finished: return "user tool_begun tool_finished interrupted";
    case known::replied: return "user tool_begun tool_finished reply";
  }
  return {};
}

/// What must hold of the ticket A1 after the restart, whatever happened.
inline void check_after(kill_stage& stage, const shop& around, known what) {
  CHECK(stage.resume() == kinds_of(what));
  CHECK(stage.client().say("Go on.") == "Fine.");
  const auto asked = around.last_asked();
  CAPTURE(asked);
  const auto tells = [&](const std::string& text) { return asked.find(text) != std::string::npos; };
  CHECK(tells(R"(pay({"ticket":"A1"}): outcome unknown, it may have happened)") == (what == known::begun));
  CHECK(tells(R"(pay({"ticket":"A1"}): finished: paid for A1)") == (what == known::finished));
  CHECK(tells(whole_reply) == (what == known::replied));
  // A second crash changes nothing of it.
  stage.server().crash();
  stage.start_again();
  CHECK(stage.resume() == kinds_of(what) + " user reply");
}

}  // namespace troupe::test
