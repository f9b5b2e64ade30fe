/// contracts/character.md §2.4, §5.6, §11: requests and replies of a connection, in
/// their order.

#include "connection_stage.hpp"

using namespace troupe;
using namespace troupe::character_dialect;
using namespace troupe::character_dialect::test;

TEST_CASE("a ping is answered without a character") {
  stage s;
  s.frame(ask("ping", "1"));
  const auto frames = s.out->take();
  REQUIRE(frames.size() == 1);
  CHECK(gist(frames[0]) == "ping_response 1 ok");
  CHECK(field(frames[0], "server_time").size() == 26);
  CHECK(s.keeper.messages().empty());
}

TEST_CASE("without a character each request is answered with its own type and NO_CHARACTER") {
  stage s;
  s.frame(chat("1"));
  s.frame(ask("status", "2"));
  s.frame(ask("save", "3"));
  s.frame(ask("reset", "4"));
  s.frame(ask("memory_search", "5", R"(,"query":"x")"));
  CHECK(s.gists()
        == lines{"chat_response 1 NO_CHARACTER", "status_response 2 NO_CHARACTER", "save_response 3 NO_CHARACTER",
                 "reset_response 4 NO_CHARACTER", "memory_search_response 5 NO_CHARACTER"});
}

TEST_CASE("requests are handed on one at a time, with their fields") {
  stage s("pilot");
  s.frame(ask("chat", "1", R"(,"user_message":"Hello","context":{"debug_mode":true})"));
  s.frame(ask("status", "2", R"(,"include_vitals":false,"include_history":true,"include_performance":"yes")"));
  s.frame(ask("memory_search", "3", R"(,"query":"kelp","limit":2)"));
  s.frame(ask("save", "4", R"(,"filename":"one")"));
  s.frame(ask("reset", "5", R"(,"preserve_memories":false)"));
  CHECK(s.out->take().empty());
  CHECK(s.pilot.count<character_status>() == 0);
  const auto said = *s.pilot.last<character_say>();
  CHECK(said.text == "Hello");
  CHECK(said.context == R"({"debug_mode":true})");
  CHECK(said.ref.turn != 0);
  s.reply();
  CHECK(s.gists()
        == lines{"chat_response 1 ok", "status_response 2 ok", "memory_search_response 3 ok", "save_response 4 ok",
                 "reset_response 5 ok"});
  CHECK(*s.pilot.last<character_status>() == character_status{false, true, true});
  CHECK(*s.pilot.last<character_search>() == character_search{"kelp", 2});
  CHECK(s.pilot.last<character_save>()->filename == "one");
  CHECK_FALSE(s.pilot.last<character_reset>()->preserve_memories);
}

TEST_CASE("replies keep the order of the requests, also those of pings and of what was no request") {
  stage s("pilot");
  s.frame(chat("1"));
  s.frame(ask("ping", "2"));
  s.frame("garbage");
  s.frame(ask("sing", "4"));
  s.frame(R"({"message_type":"chat_request","message_id":"5"})");
  s.node.send(s.client, binary_received{3});
  s.frame(chat("6"));
  CHECK(s.out->take().empty());
  s.reply();
  CHECK(s.gists()
        == lines{"chat_response 1 ok", "ping_response 2 ok", "error_response null INVALID_JSON",
                 "error_response 4 UNKNOWN_TYPE", "error_response 5 INVALID_MESSAGE",
                 "error_response null INVALID_JSON"});
  s.reply();
  CHECK(s.gists() == lines{"chat_response 6 ok"});
}

TEST_CASE("64 requests wait, what is more is told BUSY in its place") {
  stage s("pilot");
  s.frame(chat("0"));
  for (int i = 1; i <= 66; ++i) s.frame(ask("ping", std::to_string(i)));
  CHECK(s.out->take().empty());
  s.reply();
  const auto all = s.gists();
  REQUIRE(all.size() == 67);
  CHECK(all[64] == "ping_response 64 ok");
  CHECK(all[65] == "ping_response 65 BUSY");
  CHECK(all[66] == "ping_response 66 BUSY");
  s.frame(ask("ping", "67"));
  CHECK(s.gists() == lines{"ping_response 67 ok"});
}

TEST_CASE("four mebibytes of requests wait, what is more is told BUSY") {
  stage s("pilot");
  s.frame(chat("0"));
  const auto long_one = ask("chat", "1", R"(,"user_message":")" + std::string(1'000'000, 'x') + '"');
  for (int i = 0; i < 5; ++i) s.frame(long_one);
  for (int i = 0; i < 5; ++i) s.reply();
  const auto all = s.gists();
  REQUIRE(all.size() == 6);
  CHECK(all[4] == "chat_response 1 ok");
  CHECK(all[5] == "chat_response 1 BUSY");
}

TEST_CASE("a client that goes on sending when it is told BUSY is disconnected") {
  stage s("pilot");
  s.frame(chat("0"));
  for (int i = 1; i <= 74; ++i) s.frame(ask("ping", std::to_string(i)));
  CHECK_FALSE(s.out->closed);
  s.frame(ask("ping", "75"));
  REQUIRE(s.out->closed);
  CHECK(s.out->closed->code == 1008);
}

TEST_CASE("what the character fails with has its code") {
  for (auto& [kind, code] : std::vector<std::pair<failure_kind, std::string>>{{failure_kind::busy, "BUSY"},
                                                                              {failure_kind::timeout, "TIMEOUT"},
                                                                              {failure_kind::cancelled, "CANCELLED"},
                                                                              {failure_kind::read_only, "INTERNAL"},
                                                                              {failure_kind::internal, "INTERNAL"}}) {
    stage s("pilot");
    s.frame(chat("1"));
    s.fail_chat(kind);
    CHECK(s.gists() == lines{"chat_response 1 " + code});
  }
}

TEST_CASE("a subscriber gets the character's events as they are, also of the next character") {
  stage s;
  s.frame(ask("subscribe", "1"));
  const auto first = s.out->take();
  REQUIRE(first.size() == 1);
  CHECK(gist(first[0]) == "subscribe_response 1 ok");
  CHECK(field(first[0], "character_id") == "null");
  s.frame(init("2", "pilot"));
  CHECK(s.pilot.last<character_subscribe>()->on);
  CHECK(s.pilot.last<character_subscribe>()->watcher == s.client);
  s.out->take();
  s.node.send(s.client, character_event{{1, 2, 3}, character_event_kind::reply_delta, shared_bytes(std::string("E"))});
  s.node.run();
  REQUIRE(s.out->frames.size() == 1);
  CHECK(s.out->frames[0] == recording_transport::frame{"E", 2});
  s.out->take();
  auto smith = s.node.record();
  stage::attaches(smith);
  s.keeper.on<keeper_open>([&](const keeper_open& x) { return keeper_opened{x.id, smith.handle()}; });
  s.frame(init("3", "smith"));
  CHECK(smith.last<character_subscribe>()->on);
  s.frame(ask("subscribe", "4", R"(,"enabled":false)"));
  CHECK_FALSE(smith.last<character_subscribe>()->on);
  s.out->take();
  s.node.send(s.client, character_event{{1, 2, 3}, character_event_kind::changed, shared_bytes(std::string("E"))});
  s.node.run();
  CHECK(s.out->take().empty());
}

TEST_CASE("who has not subscribed gets no events") {
  stage s("pilot");
  s.frame(ask("status", "1"));
  CHECK(s.pilot.count<character_subscribe>() == 0);
  s.out->take();
  s.node.send(s.client, character_event{{1, 2, 3}, character_event_kind::changed, shared_bytes(std::string("E"))});
  s.node.run();
  CHECK(s.out->take().empty());
}

TEST_CASE("a stop overtakes what waits and stops the turn in flight") {
  stage s("pilot");
  s.frame(chat("1"));
  s.frame(ask("ping", "2"));
  s.frame(ask("stop", "3"));
  auto frames = s.out->take();
  REQUIRE(frames.size() == 1);
  CHECK(gist(frames[0]) == "stop_response 3 ok");
  CHECK(field(frames[0], "stopped") == "true");
  const auto turn = s.pilot.last<character_say>()->ref;
  REQUIRE(s.pilot.last<turn_stop>());
  CHECK(s.pilot.last<turn_stop>()->ref == turn);
  CHECK(s.pilot.messages().back().urgent);
  CHECK(s.out->drops == std::vector{turn.turn});
  s.fail_chat(failure_kind::cancelled);
  CHECK(s.gists() == lines{"chat_response 1 CANCELLED", "ping_response 2 ok"});
}

TEST_CASE("a stop while the character is still being opened ends the chat before it begins") {
  stage s;
  auto slow = s.node.record();
  stage::answers(slow);
  s.keeper.on<keeper_open>([&](const keeper_open& x) { return keeper_opened{x.id, slow.handle()}; });
  s.frame(init("0", "pilot"));
  REQUIRE(slow.answer_first<character_attach>(character_attached{"I", "{}"}));
  s.node.run();
  s.node.kill(slow.handle());
  auto again = s.node.record();
  s.keeper.on<keeper_open>([&](const keeper_open& x) { return keeper_opened{x.id, again.handle()}; });
  s.frame(chat("1"));
  s.frame(ask("stop", "2"));
  CHECK(s.gists() == lines{"init_response 0 ok", "stop_response 2 ok"});
  REQUIRE(again.answer_first<character_attach>(character_attached{"I", "{}"}));
  s.node.run();
  CHECK(s.gists() == lines{"chat_response 1 CANCELLED"});
  CHECK(again.count<character_say>() == 0);
}

TEST_CASE("a stop with nothing to stop says so") {
  stage s("pilot");
  s.frame(ask("stop", "1"));
  auto frames = s.out->take();
  REQUIRE(frames.size() == 1);
  CHECK(gist(frames[0]) == "stop_response 1 ok");
  CHECK(field(frames[0], "stopped") == "false");
  CHECK(s.pilot.messages().empty());
}

TEST_CASE("a server that ends closes the socket behind what was said before") {
  stage s("pilot");
  s.node.send(s.client, connection_shut_down{1001, "the server is shutting down"});
  s.node.run();
  REQUIRE(s.out->closed);
  CHECK(s.out->closed->code == 1001);
}
