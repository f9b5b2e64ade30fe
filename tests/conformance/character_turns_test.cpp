/// contracts/character.md §2.4, §11 and the extensions of docs/character-protocol.md:
/// what happens while a reply is generated.

#include "support/catch.hpp"
#include "support/character_client.hpp"
#include "support/live_server.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace troupe::test;

namespace {

/// A reply of several words takes longer than any of these tests: what ends it is a stop.
settings_map endless(const character_files& files) {
  return files.settings({{"OFFLINE_PACE_MS", "4000"}, {"CHARACTER", "harbor-pilot"}});
}

const json::object long_chat = {{"user_message", "Please tell me everything about the tide and the kelp."}};

std::string code_of(const json::object& frame) {
  return text_of(frame, "error_code");
}

}  // namespace

TEST_CASE("others' pings and status requests are answered while a reply is generated") {
  character_files files;
  live_server server(endless(files));
  character_client talks(server.port()), looks(server.port());
  talks.get("subscribe");
  looks.init("harbor-pilot");
  const auto chat = talks.send("chat", long_chat);
  talks.event("reply_delta");
  looks.get("ping");
  CHECK(looks.status(true).at("success") == true);
  CHECK(looks.get("memory_search", {{"query", "tide"}}).at("count") == 0);
  CHECK(talks.reply_to(talks.send("stop")).at("stopped") == true);  // so it was not there yet
  CHECK(code_of(talks.reply_to(chat)) == "CANCELLED");
}

TEST_CASE("a client's own ping waits for its turn") {
  character_files files;
  live_server server(files.settings({{"OFFLINE_PACE_MS", "5"}, {"CHARACTER", "harbor-pilot"}}));
  character_client client(server.port());
  const auto chat = client.send("chat", long_chat);
  const auto ping = client.send("ping");
  CHECK(text_of(client.reply_to(chat), "message_type") == "chat_response");
  client.reply_to(ping);
}

TEST_CASE("too many requests of one client are told BUSY, each in its place") {
  character_files files;
  live_server server(endless(files));
  character_client client(server.port());
  client.get("subscribe");
  const auto chat = client.send("chat", long_chat);
  client.event("reply_delta");
  std::vector<std::string> ids;
  ids.reserve(70);
  for (int i = 0; i < 70; ++i) ids.push_back(client.send("ping"));
  const auto stop = client.send("stop");
  client.reply_to(stop);
  CHECK(code_of(client.reply_to(chat)) == "CANCELLED");
  for (std::size_t i = 0; i < 64; ++i) CHECK(client.reply_to(ids[i]).at("success") == true);
  for (std::size_t i = 64; i < 70; ++i) {
    const auto frame = client.reply_to(ids[i]);
    CHECK(text_of(frame, "message_type") == "ping_response");
    CHECK(code_of(frame) == "BUSY");
  }
  client.get("ping");
}

TEST_CASE("a character for whom too many wait answers BUSY") {
  character_files files;
  auto settings = endless(files);
  settings["MAX_QUEUED_TURNS"] = "1";
  live_server server(settings);
  character_client first(server.port());
  first.get("subscribe");
  first.send("chat", long_chat);
  first.event("turn_started");
  std::mutex lock;
  std::condition_variable changed;
  std::vector<std::string> codes;
  std::vector<std::thread> others;
  others.reserve(3);
  // One of them gets the place, the other two are told at once; nobody knows who.
  for (int i = 0; i < 3; ++i)
    others.emplace_back([&] {
      try {
        character_client client(server.port());
        const auto frame = client.ask("chat", long_chat);
        const std::lock_guard guard(lock);
        codes.push_back(code_of(frame));
        changed.notify_all();
      } catch (const std::exception&) {  // the one that waits, when the server is ended below
      }
    });
  {
    std::unique_lock guard(lock);
    changed.wait_for(guard, patience, [&] { return codes.size() == 2; });
    CHECK(codes == std::vector<std::string>{"BUSY", "BUSY"});
  }
  server.crash();
  for (auto& each : others) each.join();
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
  live_server server(endless(files));
  character_client client(server.port());
  client.get("subscribe");
  const auto before = client.status(true);
  const auto chat = client.send("chat", long_chat);
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
  live_server server(files.settings({{"OFFLINE_PACE_MS", "5"}, {"CHARACTER", "harbor-pilot"}}));
  character_client stays(server.port());
  stays.get("subscribe");
  {
    character_client goes(server.port());
    goes.send("chat", long_chat);
    stays.event("turn_started");
    goes.socket().drop();
  }
  CHECK(at_path(stays.event("turn_ended"), "data.response_text").is_string());
  CHECK(stays.status(true).at("conversation_history").as_array().size() == 2);
}
