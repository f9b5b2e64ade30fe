/// Luna contract, sections 4, 5.4, 6 (order) and 14: many requests at once,
/// cancelling, stopping, and the bound on what may wait.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

constexpr int many = 12;

std::string text(std::string_view words) {
  return R"({"type":"text","payload":{"text":)" + quoted(words) + "}}";
}

std::string start_rewrite(std::string_view selected) {
  return R"({"type":"start_text_session","payload":{"session_type":"rewrite","content":{"selected_text":)"
         + quoted(selected) + R"(,"user_query":""}}})";
}

/// Several messages in one piece.
void send_at_once(luna_client& client, const std::vector<std::string>& messages) {
  std::string bytes;
  for (auto& message : messages) bytes += raw_frame(1, message);
  client.socket().send_raw(bytes);
}

}  // namespace

TEST_CASE("many requests at once are answered one at a time and in order") {
  live_server server;
  auto client = server.connect();
  std::vector<std::string> requests;
  for (int i = 0; i < many; ++i) {
    const auto words = "Answer " + std::to_string(i) + " has several words.";
    requests.push_back(i % 2 == 0
                           ? text_action("rewrite", words)
                           : R"({"type":"start_text_session","action":"rewrite","selected_text":")" + words + "\"}");
  }
  send_at_once(client, requests);
  for (int i = 0; i < many; ++i) {
    const auto answer = client.read_answer();
    INFO(i);
    CHECK(answer.text == "Answer " + std::to_string(i) + " has several words.");
    CHECK(type_of(answer.end) == (i % 2 == 0 ? "complete" : "text_session_result"));
  }
  CHECK(client.silent());
}

TEST_CASE("messages that need no model are answered while an answer streams") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "20"}});
  auto client = server.connect();
  client.send(text_action("rewrite", sentences(25)));
  const auto before = client.rest();
  for (auto& frame : before) CHECK(type_of(frame) == "chunk");
  const auto answer = client.read_answer();
  CHECK_FALSE(answer.pieces.empty());
  std::string all;
  for (auto& frame : before) all += text_of(frame, "data");
  CHECK(all + answer.text == sentences(25));
}

TEST_CASE("a request over the bound gets its own error in its turn, says Busy, and the others are answered") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "20"}, {"MAX_QUEUED_TURNS", "2"}});
  auto client = server.connect();
  std::vector<std::string> requests(3, text_action("rewrite", sentences(10)));
  requests.push_back(text_action("rewrite", "too much"));
  requests.push_back(R"({"type":"start_text_session","action":"rewrite","selected_text":"too much"})");
  send_at_once(client, requests);
  std::vector<json::object> refusals;
  int completed = 0;
  std::string said;
  while (refusals.size() < 2) {
    auto frame = client.next();
    if (type_of(frame) == "complete") {
      ++completed;
      CHECK(said == sentences(10));
      said.clear();
    } else if (type_of(frame) == "chunk") {
      said += text_of(frame, "data");
    } else {
      CHECK(completed == 3);  // amid an answer it would read as that answer's end
      refusals.push_back(std::move(frame));
    }
  }
  REQUIRE(refusals.size() == 2);
  CHECK(type_of(refusals[0]) == "error");
  CHECK(type_of(refusals[1]) == "text_session_error");
  for (auto& frame : refusals) CHECK(text_of(frame, "error").rfind("Busy:", 0) == 0);
  CHECK(client.request(text_action("rewrite", "we was late")).text == "We were late.");
}

TEST_CASE("a new text cancels the running answer, which then has no end") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "10"}});
  auto client = server.connect();
  client.send(start_rewrite(sentences(200)));
  CHECK(type_of(client.next()) == "text_session_started");
  std::string said;
  for (int i = 0; i < 3; ++i) said += text_of(client.next(), "data");
  client.send(text("I keep bees."));
  const auto answer = client.read_answer();
  CHECK(type_of(answer.end) == "complete");
  said += answer.text;
  const std::string noted = "Noted: “I keep bees”.";
  REQUIRE(said.size() >= noted.size());
  CHECK(said.substr(said.size() - noted.size()) == noted);
  CHECK(sentences(200).rfind(said.substr(0, said.size() - noted.size()), 0) == 0);
  CHECK(said.size() < sentences(200).size());
  CHECK(client.silent());
}

TEST_CASE("several texts at once: only the last is sure to be answered, and with one end") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "5"}});
  auto client = server.connect();
  client.request(start_rewrite("we was late"));
  send_at_once(client,
               {text("One is the first thing I say."), text("Two is the second thing I say."), text("I keep bees.")});
  const auto answer = client.read_answer();
  const std::string noted = "Noted: “I keep bees”.";
  REQUIRE(answer.text.size() >= noted.size());
  CHECK(answer.text.substr(answer.text.size() - noted.size()) == noted);
  CHECK(client.silent());
}

TEST_CASE("a stop in mid-stream ends the answer without an end and the conversation with it") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "10"}});
  auto client = server.connect();
  SECTION("canonical: silently") {
    const std::string stop = GENERATE(R"({"type":"stop_text_session"})", R"({"type":"stop_session"})");
    client.send(text_action("rewrite", sentences(200)));
    client.send(text_action("rewrite", sentences(200)));
    CHECK(type_of(client.next()) == "chunk");
    client.send(stop);
    for (auto& frame : client.rest()) CHECK(type_of(frame) == "chunk");
  }
  SECTION("newer: with text_session_ended") {
    client.send(start_rewrite(sentences(200)));
    CHECK(type_of(client.next()) == "text_session_started");
    CHECK(type_of(client.next()) == "text_content");
    client.send(R"({"type":"stop_text_session","payload":{}})");
    const auto frames = client.rest();
    REQUIRE_FALSE(frames.empty());
    for (std::size_t i = 0; i + 1 < frames.size(); ++i) CHECK(type_of(frames[i]) == "text_content");
    CHECK(frames.back() == object_of(R"({"type":"text_session_ended"})"));
    client.send(text("hello"));
    CHECK(text_of(client.next(), "error") == "No text session is active");
  }
  CHECK(server.health().at("active_text_sessions") == 0);
  CHECK(client.say("What did I just say?") == "Nothing was said before in this conversation.");
}

TEST_CASE("start and stop many times in a row, without waiting, and the last start is answered") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "1"}});
  auto client = server.connect();
  std::vector<std::string> messages;
  for (int i = 0; i < 50; ++i) {
    messages.push_back(text_action("rewrite", sentences(20)));
    messages.push_back(R"({"type":"stop_text_session"})");
  }
  messages.push_back(R"({"type":"start_text_session","action":"rewrite","selected_text":"we was late"})");
  send_at_once(client, messages);
  for (;;) {
    const auto frame = client.next();
    if (type_of(frame) == "chunk") continue;
    CHECK(text_of(frame, "result") == "We were late.");
    break;
  }
  CHECK(client.silent());
  CHECK(server.health().at("active_text_sessions") == 1);
}

TEST_CASE("answers of two clients do not mix") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "2"}});
  auto one = server.connect();
  auto other = server.connect();
  const std::string others = "Other words are said here, all of them good. They end here.";
  one.send(text_action("rewrite", sentences(20)));
  other.send(text_action("rewrite", others));
  CHECK(one.read_answer().text == sentences(20));
  CHECK(other.read_answer().text == others);
}
