/// The chat's WebSocket link against a server that refuses, is late, breaks off and answers garbage.

#include "cli/chat/json_fields.hpp"
#include "cli/chat/remote_link.hpp"
#include "support/catch.hpp"
#include "support/character_peer.hpp"
#include "support/http_client.hpp"

#include <boost/json/serialize.hpp>

#include <condition_variable>
#include <future>
#include <mutex>

using namespace troupe;
using namespace troupe::chat;
using namespace troupe::test;
namespace json = boost::json;
using std::chrono::milliseconds;

namespace {

std::unique_ptr<remote_link> link_to(const std::string& url, remote_options options = {}) {
  options.url = url;
  options.retry_pause = milliseconds(20);
  options.longest_pause = milliseconds(40);
  auto made = remote_link::make(std::move(options));
  REQUIRE(made);
  return std::move(*made);
}

const json::object init{{"message_type", "init_request"}, {"character_id", "harbor-pilot"}};

json::object saying(const char* text) {
  return {{"message_type", "chat_request"}, {"user_message", text}};
}

/// The link's states, for a test that waits for one.
class states {
 public:
  character_link::listeners listeners() {
    return {[this](json::object event) {
              const std::lock_guard held(guard_);
              events_.push_back(std::move(event));
              changed_.notify_all();
            },
            [this](link_state now, const std::string&) {
              const std::lock_guard held(guard_);
              seen_.push_back(now);
              changed_.notify_all();
            }};
  }
  bool reaches(link_state wanted, std::size_t times) {
    std::unique_lock held(guard_);
    return changed_.wait_for(held, patience, [&] {
      return static_cast<std::size_t>(std::count(seen_.begin(), seen_.end(), wanted)) >= times;
    });
  }
  bool has_events(std::size_t count) {
    std::unique_lock held(guard_);
    return changed_.wait_for(held, patience, [&] { return events_.size() >= count; });
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<link_state> seen_;
  std::vector<json::object> events_;
};

}  // namespace

TEST_CASE("a link connects, asks whether the server is well, and gets answers by their ids") {
  character_peer peer;
  const auto link = link_to(peer.url());
  REQUIRE(chat::connect(*link));
  CHECK(peer.has_received("ping_request"));
  const auto answer = succeeded(ask(*link, saying("Ahoy")), "chat_response");
  REQUIRE(answer);
  CHECK(text_field(*answer, "response_text") == "You said: Ahoy");
  const auto id = std::string(peer.received().back().at("message_id").as_string());
  REQUIRE(id.size() == 36);
  CHECK(id[14] == '4');  // UUID, version 4
}

TEST_CASE("three attempts are made to connect, and then it is told why not") {
  std::uint16_t free_port = 0;
  {
    character_peer gone;
    free_port = gone.port();
  }
  states seen;
  const auto link = link_to("ws://127.0.0.1:" + std::to_string(free_port));
  link->listen(seen.listeners());
  const auto answer = chat::connect(*link);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == failure_kind::unavailable);
  CHECK(answer.error().message.find("no connection to ws://127.0.0.1:") == 0);
  CHECK(seen.reaches(link_state::closed, 1));
}

TEST_CASE("a server that connects but is not well is no server") {
  character_peer peer;
  peer.answer("ping_request", [](auto& request) {
    return character_reply(request, "error_response", {{"error", "?"}});
  });
  const auto link = link_to(peer.url());
  REQUIRE_FALSE(chat::connect(*link));
  CHECK(peer.has_received("ping_request", 3));
}

TEST_CASE("a late answer is dropped and disturbs nothing") {
  character_peer peer;
  std::promise<json::object> asked;
  peer.answer("chat_request", [&](auto& request) {
    asked.set_value(request);
    return std::nullopt;
  });
  const auto link = link_to(peer.url(), {.request_limit = milliseconds(300)});
  REQUIRE(chat::connect(*link));
  const auto answer = ask(*link, saying("Ahoy"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == failure_kind::timeout);
  CHECK(answer.error().message == "no answer within 0.3 s");
  peer.push(character_reply(asked.get_future().get(), "chat_response", {{"response_text", "late"}}));
  peer.answer("chat_request", {});
  const auto next = succeeded(ask(*link, saying("again")), "chat_response");
  REQUIRE(next);
  CHECK(text_field(*next, "response_text") == "You said: again");
}

TEST_CASE("garbage and answers to nobody are dropped; what has no id is an event") {
  character_peer peer;
  states seen;
  const auto link = link_to(peer.url());
  link->listen(seen.listeners());
  REQUIRE(chat::connect(*link));
  peer.answer("chat_request", [&](auto& request) {
    auto other = request;
    other["message_id"] = "somebody-else";
    return character_reply(other, "chat_response", {{"response_text", "not yours"}});
  });
  std::promise<expected<json::object>> got;
  link->request(saying("Ahoy"), [&](auto answer) { got.set_value(std::move(answer)); });
  REQUIRE(peer.has_received("chat_request"));
  for (const char* garbage : {"", "{", "[]", "null", "{\"message_id\":7}", "\"text\""}) peer.push(garbage);
  peer.push(R"({"message_type":"character_event","message_id":null,"event":"changed"})");
  CHECK(seen.has_events(1));
  auto mine = peer.received().back();
  peer.push(character_reply(mine, "chat_response", {{"response_text", "yours"}}));
  const auto answer = got.get_future().get();
  REQUIRE(answer);
  CHECK(text_field(*answer, "response_text") == "yours");
}

TEST_CASE("what was under way when the connection broke fails at once and is not sent again") {
  character_peer peer;
  states seen;
  const auto link = link_to(peer.url());
  link->listen(seen.listeners());
  REQUIRE(chat::connect(*link));
  REQUIRE(succeeded(ask(*link, init), "init_response"));
  peer.answer("chat_request", [](auto&) { return std::nullopt; });
  std::promise<expected<json::object>> got;
  link->request(saying("lost"), [&](auto answer) { got.set_value(std::move(answer)); });
  REQUIRE(peer.has_received("chat_request"));
  peer.drop_all();
  const auto answer = got.get_future().get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == failure_kind::unavailable);
  peer.answer("chat_request", {});
  CHECK(seen.reaches(link_state::open, 2));  // by itself
  REQUIRE(succeeded(ask(*link, saying("next")), "chat_response"));
  std::size_t lost = 0;
  for (auto& each : peer.received())
    if (const auto* text = each.if_contains("user_message")) lost += text->as_string() == "lost";
  CHECK(lost == 1);
}

TEST_CASE("after a reconnect the character is initialised again only where it is not there") {
  character_peer peer;
  states seen;
  const auto link = link_to(peer.url());
  link->listen(seen.listeners());
  REQUIRE(chat::connect(*link));
  REQUIRE(succeeded(ask(*link, init), "init_response"));
  REQUIRE(succeeded(ask(*link, {{"message_type", "status_request"}}), "status_response"));
  peer.drop_all();
  REQUIRE(seen.reaches(link_state::open, 2));
  CHECK(peer.has_received("status_request", 2));
  const auto count_of_inits = [&] {
    std::size_t count = 0;
    for (auto& each : peer.received()) count += each.at("message_type").as_string() == "init_request";
    return count;
  };
  CHECK(count_of_inits() == 1);
  peer.answer("status_request", [](auto& request) {
    return character_reply(request, "status_response", {{"success", false}, {"error", "No character loaded"}});
  });
  peer.drop_all();
  REQUIRE(seen.reaches(link_state::open, 3));
  CHECK(count_of_inits() == 2);
}

TEST_CASE("a request that finds the server gone waits for it to come back") {
  character_peer peer;
  states seen;
  remote_options patient;
  patient.attempts = 1000;
  const auto link = link_to(peer.url(), patient);
  link->listen(seen.listeners());
  REQUIRE(chat::connect(*link));
  REQUIRE(succeeded(ask(*link, init), "init_response"));
  peer.stop_listening();
  REQUIRE(seen.reaches(link_state::closed, 1));
  std::promise<expected<json::object>> got;
  link->request(saying("still there?"), [&](auto answer) { got.set_value(std::move(answer)); });
  peer.listen();
  REQUIRE(succeeded(got.get_future().get(), "chat_response"));
}

TEST_CASE("a request fails when the server stays away") {
  character_peer peer;
  states seen;
  const auto link = link_to(peer.url());
  link->listen(seen.listeners());
  REQUIRE(chat::connect(*link));
  peer.stop_listening();
  REQUIRE(seen.reaches(link_state::closed, 1));
  const auto answer = ask(*link, saying("anybody?"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == failure_kind::unavailable);
}

TEST_CASE("a link that is closed calls nobody back any more") {
  character_peer peer;
  peer.answer("chat_request", [](auto&) { return std::nullopt; });
  const auto link = link_to(peer.url());
  REQUIRE(chat::connect(*link));
  std::promise<expected<json::object>> got;
  link->request(saying("Ahoy"), [&](auto answer) { got.set_value(std::move(answer)); });
  REQUIRE(peer.has_received("chat_request"));
  link->close();
  const auto answer = got.get_future().get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == failure_kind::cancelled);
}

TEST_CASE("a silent connection is tried by pings, unless that is off") {
  character_peer peer;
  remote_options lively;
  lively.idle_limit = milliseconds(20);
  lively.ping_interval = milliseconds(20);
  const auto link = link_to(peer.url(), lively);
  REQUIRE(chat::connect(*link));
  CHECK(peer.has_got_pings(3));
}
