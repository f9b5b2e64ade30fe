/// contracts/character.md §2.4, §11 and the extensions of docs/character-protocol.md:
/// what happens while a reply is generated.

#include "support/catch.hpp"
#include "support/character_client.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

settings_map slow(const character_files& files) {
  return files.settings({{"OFFLINE_PACE_MS", "50"}, {"CHARACTER", "harbor-pilot"}});
}

std::string code_of(const json::object& frame) {
  return text_of(frame, "error_code");
}

}  // namespace

TEST_CASE("others' pings and status requests are answered while a slow reply is generated") {
  character_files files;
  live_server server(slow(files));
  character_client talks(server.port()), looks(server.port());
  talks.get("subscribe");
  looks.init("harbor-pilot");
  const auto chat = talks.send("chat", {{"user_message", "Please tell me all about the tide and the kelp."}});
  talks.event("reply_delta");
  looks.get("ping");
  CHECK(looks.status(true).at("success") == true);
  // The reply was not there yet: only the turn's beginning was told.
  CHECK(talks.reply_to(chat).at("success") == true);
  CHECK(text_of(talks.events.back(), "event") != "turn_started");
}

TEST_CASE("a client's own ping waits for its turn") {
  character_files files;
  live_server server(slow(files));
  character_client client(server.port());
  const auto chat = client.send("chat", {{"user_message", "Hello"}});
  const auto ping = client.send("ping");
  CHECK(text_of(client.reply_to(chat), "message_type") == "chat_response");
  client.reply_to(ping);
}

TEST_CASE("too many requests are told BUSY, each in its place") {
  character_files files;
  live_server server(slow(files));
  character_client client(server.port());
  client.get("subscribe");
  std::vector<std::string> ids{client.send("chat", {{"user_message", "Hello"}})};
  client.event("turn_started");
  for (int i = 0; i < 70; ++i) ids.push_back(client.send("ping"));
  CHECK(client.reply_to(ids[0]).at("success") == true);
  for (std::size_t i = 1; i <= 64; ++i) CHECK(client.reply_to(ids[i]).at("success") == true);
  for (std::size_t i = 65; i <= 70; ++i) {
    const auto frame = client.reply_to(ids[i]);
    CHECK(text_of(frame, "message_type") == "ping_response");
    CHECK(code_of(frame) == "BUSY");
  }
  client.get("ping");
}

TEST_CASE("a character with a long queue answers BUSY") {
  character_files files;
  live_server server(slow(files));
  std::vector<std::unique_ptr<character_client>> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(std::make_unique<character_client>(server.port()));
  for (auto& each : clients) each->status();
  std::vector<std::string> ids;
  for (auto& each : clients) ids.push_back(each->send("chat", {{"user_message", "Hello"}}));
  int busy = 0;
  for (std::size_t i = clients.size(); i-- > 0;) {
    // Those who came late were refused at once; enough of them prove the bound.
    const auto frame = clients[i]->reply_to(ids[i]);
    if (frame.at("success") == true) break;
    CHECK(code_of(frame) == "BUSY");
    ++busy;
  }
  CHECK(busy > 0);
}

TEST_CASE("a subscriber follows a turn of somebody else from its beginning to its end") {
  character_files files;
  live_server server(files.settings());
  character_client talks(server.port()), watches(server.port());
  watches.get("subscribe");
  watches.init("harbor-pilot");
  talks.init("harbor-pilot");
  const auto chat = talks.get("chat", {{"user_message", "How do you read the tide?"}});
  const auto started = watches.event("turn_started");
  CHECK(fields_of(started) == "data event message_id message_type timestamp turn_id");
  CHECK(started.at("message_id").is_null());
  CHECK(at_path(started, "data.user_message") == "How do you read the tide?");
  std::uint64_t offset = 0;
  json::object ended;
  for (;;) {
    auto frame = watches.next();
    CHECK(frame.at("turn_id") == started.at("turn_id"));
    if (text_of(frame, "event") == "turn_ended") {
      ended = std::move(frame);
      break;
    }
    CHECK(text_of(frame, "event") == "reply_delta");
    CHECK(at_path(frame, "data.offset").to_number<std::uint64_t>() == offset);
    offset += at_path(frame, "data.text").as_string().size();
  }
  CHECK(offset > 0);
  CHECK(at_path(ended, "data.response_text") == chat.at("response_text"));
  CHECK(at_path(ended, "data.character_insights") == chat.at("character_insights"));
  CHECK(talks.events.empty());
}

TEST_CASE("a subscription lasts over an init of another character and ends when asked") {
  character_files files;
  live_server server(files.settings());
  character_client watches(server.port()), talks(server.port());
  watches.init("m-playful");
  CHECK(text_of(watches.get("subscribe"), "character_id") == "m-playful");
  watches.init("harbor-pilot");
  talks.init("harbor-pilot");
  talks.say("Hello");
  CHECK(at_path(watches.event("turn_started"), "data.user_message") == "Hello");
  watches.event("turn_ended");
  talks.get("reset");
  CHECK(at_path(watches.event("changed"), "data.reason").is_string());
  watches.get("subscribe", {{"enabled", "no"}});
  watches.events.clear();
  talks.say("Hello again");
  watches.get("ping");
  CHECK(watches.events.empty());
}

TEST_CASE("a stop ends the turn at work, and the character is as it was before") {
  character_files files;
  live_server server(slow(files));
  character_client client(server.port());
  client.get("subscribe");
  const auto before = client.status(true);
  const auto chat = client.send("chat", {{"user_message", "Please tell me everything about the tide and the kelp."}});
  client.event("reply_delta");
  const auto ping = client.send("ping");
  const auto stop = client.send("stop");
  const auto stopped = client.reply_to(stop);
  CHECK(fields_of(stopped) == "error message_id message_type stopped success timestamp");
  CHECK(stopped.at("stopped") == true);
  const auto frame = client.reply_to(chat);
  CHECK(text_of(frame, "message_type") == "chat_response");
  CHECK(frame.at("success") == false);
  CHECK(code_of(frame) == "CANCELLED");
  client.reply_to(ping);
  const auto after = client.status(true);
  CHECK(after.at("conversation_history") == before.at("conversation_history"));
  CHECK(at_path(after, "character_summary.interaction_count")
        == at_path(before, "character_summary.interaction_count"));
  CHECK(client.get("stop").at("stopped") == false);
}

TEST_CASE("the turn of a client that goes is finished for the others") {
  character_files files;
  live_server server(slow(files));
  character_client stays(server.port());
  stays.get("subscribe");
  {
    character_client goes(server.port());
    goes.send("chat", {{"user_message", "I have to go."}});
    stays.event("turn_started");
    goes.socket().drop();
  }
  CHECK(at_path(stays.event("turn_ended"), "data.response_text").is_string());
  CHECK(stays.status(true).at("conversation_history").as_array().size() == 2);
}
