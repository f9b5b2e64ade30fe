/// contracts/character.md §2.4, §2.5, §5.6, §11: a connection with a scripted
/// character behind it.

#include "net/dialects/character/character_connection.hpp"
#include "net/json.hpp"
#include "support/catch.hpp"
#include "support/recording_transport.hpp"
#include "support/test_node.hpp"

using namespace troupe;
using namespace troupe::character_dialect;

namespace {

std::string field(const std::string& frame, std::string_view name) {
  auto root = net::parse_json(frame);
  simdjson::dom::element value;
  if (!root || (*root)[name].get(value) != simdjson::SUCCESS) return "missing";
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string(simdjson::minify(value));
}

/// "TYPE ID CODE", the code of a success is "ok".
std::string gist(const std::string& frame) {
  const auto success = field(frame, "success");
  const auto code = success == "true" ? "ok" : field(frame, "error_code");
  return field(frame, "message_type") + " " + field(frame, "message_id") + " " + code;
}

std::string ask(const std::string& type, const std::string& id, const std::string& more = "") {
  return R"({"message_type":")" + type + R"(_request","message_id":")" + id + '"' + more + "}";
}
std::string chat(const std::string& id) {
  return ask("chat", id, R"(,"user_message":"Hello")");
}
std::string init(const std::string& id, const std::string& who) {
  return ask("init", id, R"(,"character_id":")" + who + '"');
}

struct stage {
  test_node node;
  recorder pilot = node.record();
  recorder keeper = node.record();
  recorder library = node.record();
  std::shared_ptr<recording_transport> out = std::make_shared<recording_transport>();
  caf::actor client;

  explicit stage(const std::string& character = "") {
    keeper.on<keeper_open>([this](const keeper_open& x) { return keeper_opened{x.id, pilot.handle()}; });
    attaches(pilot);
    answers(pilot);
    connection_deps deps;
    deps.client_id = "client-1";
    deps.principal = "local";
    deps.node = &node.services();
    deps.out = out;
    deps.characters = keeper.handle();
    deps.library = library.as<library_actor>();
    deps.character = character;
    deps.max_refused = 10;
    client = spawn<connection_role>(node.services(), {.label = "client-1"}, deps);
    node.run();
  }

  static void attaches(recorder& who) {
    who.on<character_attach>([](const character_attach&) {
      return character_attached{"Ines", R"({"character_id":"pilot"})"};
    });
  }
  /// Everything but chats, at once.
  static void answers(recorder& who) {
    who.on<character_status>([](const character_status&) { return character_answer{R"({"character_summary":{}})"}; });
    who.on<character_save>([](const character_save&) { return character_answer{R"({"filename":"s"})"}; });
    who.on<character_restore>([](const character_restore&) { return character_answer{R"({"character_info":{}})"}; });
    who.on<character_reset>([](const character_reset&) { return character_answer{R"({"character_info":{}})"}; });
    who.on<character_search>([](const character_search&) { return character_answer{R"({"memories":[],"count":0})"}; });
  }

  void frame(const std::string& text) {
    node.send(client, frame_received{shared_bytes(text)});
    node.run();
  }
  std::vector<std::string> gists() {
    std::vector<std::string> all;
    for (auto& each : out->take()) all.push_back(gist(each));
    return all;
  }
  void reply(const std::string& text = "Hi") {
    REQUIRE(pilot.answer_first<character_say>(character_answer{R"({"response_text":")" + text + "\"}"}));
    node.run();
  }
  void fail_chat(failure_kind kind) {
    REQUIRE(pilot.answer_first<character_say>(to_error({kind, "why"})));
    node.run();
  }
};

using lines = std::vector<std::string>;

}  // namespace

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

TEST_CASE("init takes a lease, attaches, and tells name and info") {
  stage s;
  s.frame(init("1", "pilot"));
  const auto frames = s.out->take();
  REQUIRE(frames.size() == 1);
  CHECK(gist(frames[0]) == "init_response 1 ok");
  CHECK(field(frames[0], "character_name") == "Ines");
  CHECK(field(frames[0], "character_info") == R"({"character_id":"pilot"})");
  CHECK(s.keeper.last<keeper_open>()->id == "pilot");
  CHECK(s.pilot.last<character_attach>()->watcher == s.client);
  CHECK(s.pilot.last<character_attach>()->config.empty());
}

TEST_CASE("init of the character it is with attaches to the live one and opens nothing") {
  stage s;
  s.frame(init("1", "pilot"));
  s.frame(init("2", "pilot"));
  CHECK(s.gists() == lines{"init_response 1 ok", "init_response 2 ok"});
  CHECK(s.keeper.count<keeper_open>() == 1);
  CHECK(s.pilot.count<character_attach>() == 2);
  CHECK(s.pilot.count<character_detach>() == 0);
}

TEST_CASE("init of another character leaves the first one and gives its lease back") {
  stage s;
  s.frame(init("1", "pilot"));
  s.frame(init("2", "keeper-of-lights"));
  CHECK(s.pilot.count<character_detach>() == 1);
  CHECK(s.keeper.last<keeper_release>()->id == "pilot");
  CHECK(s.keeper.count<keeper_release>() == 1);
}

TEST_CASE("an init that fails leaves the character it was with") {
  stage s;
  s.frame(init("1", "pilot"));
  auto broken = s.node.record();
  broken.on<character_attach>([](const character_attach&) {
    return to_error({failure_kind::not_found, "there is no character x"});
  });
  s.keeper.on<keeper_open>([&](const keeper_open& x) { return keeper_opened{x.id, broken.handle()}; });
  s.frame(init("2", "x"));
  s.frame(ask("status", "3"));
  CHECK(s.gists() == lines{"init_response 1 ok", "init_response 2 NOT_FOUND", "status_response 3 ok"});
  CHECK(s.keeper.last<keeper_release>()->id == "x");
  CHECK(s.pilot.count<character_detach>() == 0);
  CHECK(s.pilot.count<character_status>() == 1);
}

TEST_CASE("an id that could leave a folder, or name somebody's private character, asks nobody") {
  stage s;
  for (const std::string id : {"", "../x", "a/b", ".x", "private/1/pilot", "a\\u0000b"}) {
    s.frame(init("1", id));
    CHECK(s.gists() == lines{"init_response 1 NOT_FOUND"});
  }
  CHECK(s.keeper.messages().empty());
}

TEST_CASE("a character_config makes an instance of its own, each time") {
  stage s;
  const auto with_config = ask("init", "1", R"(,"character_id":"pilot","character_config":{"name":"I"})");
  s.frame(with_config);
  s.frame(with_config);
  const auto opens = s.keeper.all<keeper_open>();
  REQUIRE(opens.size() == 2);
  CHECK(opens[0].id.starts_with(private_character_prefix));
  CHECK(opens[0].id.ends_with("/pilot"));
  CHECK(opens[0].id.size() == private_character_prefix.size() + 36 + 6);
  CHECK(opens[0].id != opens[1].id);
  CHECK(s.pilot.last<character_attach>()->config == R"({"name":"I"})");
  CHECK(s.keeper.last<keeper_release>()->id == opens[0].id);
  s.frame(init("2", "pilot"));
  CHECK(s.keeper.last<keeper_open>()->id == "pilot");
}

TEST_CASE("with CHARACTER set a client is with that character from the start") {
  stage s("pilot");
  CHECK(s.keeper.messages().empty());
  s.frame(chat("1"));
  s.reply();
  CHECK(s.gists() == lines{"chat_response 1 ok"});
  CHECK(s.pilot.count<character_attach>() == 1);
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

TEST_CASE("a character that ends is opened again by the next request") {
  stage s("pilot");
  s.frame(chat("1"));
  s.node.kill(s.pilot.handle());
  CHECK(s.gists() == lines{"chat_response 1 INTERNAL"});
  auto again = s.node.record();
  stage::attaches(again);
  stage::answers(again);
  s.keeper.on<keeper_open>([&](const keeper_open& x) { return keeper_opened{x.id, again.handle()}; });
  s.frame(ask("status", "2"));
  CHECK(s.gists() == lines{"status_response 2 ok"});
  CHECK(again.last<character_attach>()->watcher == s.client);
}

TEST_CASE("a character that has just ended is asked for once more") {
  stage s("pilot");
  s.node.kill(s.pilot.handle());
  auto again = s.node.record();
  stage::attaches(again);
  stage::answers(again);
  int opens = 0;
  s.keeper.on<keeper_open>([&](const keeper_open& x) {
    return keeper_opened{x.id, ++opens == 1 ? s.pilot.handle() : again.handle()};
  });
  s.frame(ask("status", "1"));
  CHECK(s.gists() == lines{"status_response 1 ok"});
  CHECK(opens == 2);
}

TEST_CASE("a private character that was lost is made again from the same config") {
  stage s;
  s.frame(ask("init", "1", R"(,"character_id":"pilot","character_config":{"name":"I"})"));
  s.node.kill(s.pilot.handle());
  s.out->take();
  auto again = s.node.record();
  stage::attaches(again);
  stage::answers(again);
  s.keeper.on<keeper_open>([&](const keeper_open& x) { return keeper_opened{x.id, again.handle()}; });
  s.frame(ask("status", "2"));
  CHECK(s.gists() == lines{"status_response 2 ok"});
  CHECK(again.last<character_attach>()->config == R"({"name":"I"})");
  const auto opens = s.keeper.all<keeper_open>();
  CHECK(opens.at(0).id == opens.at(1).id);
}

TEST_CASE("load asks the library whose file it is") {
  stage s("pilot");
  SECTION("its own character takes it over") {
    s.library.on<save_read>([](const save_read&) { return save_found{"pilot", "{}"}; });
    s.frame(ask("load", "1", R"(,"filename":"one")"));
    CHECK(s.gists() == lines{"load_response 1 ok"});
    CHECK(s.library.last<save_read>()->filename == "one");
    CHECK(s.pilot.last<character_restore>()->text == "{}");
    CHECK(s.keeper.count<keeper_open>() == 1);
  }
  SECTION("another one is gone to") {
    s.frame(ask("status", "0"));
    s.library.on<save_read>([](const save_read&) { return save_found{"smith", "{}"}; });
    s.frame(ask("load", "1", R"(,"filename":"one")"));
    CHECK(s.gists() == lines{"status_response 0 ok", "load_response 1 ok"});
    CHECK(s.keeper.last<keeper_open>()->id == "smith");
    CHECK(s.keeper.last<keeper_release>()->id == "pilot");
    CHECK(s.pilot.last<character_restore>()->watcher == s.client);
  }
  SECTION("a missing file moves nothing") {
    s.library.on<save_read>([](const save_read&) { return to_error({failure_kind::not_found, "there is no file"}); });
    s.frame(ask("load", "1", R"(,"filename":"one")"));
    s.frame(ask("status", "2"));
    CHECK(s.gists() == lines{"load_response 1 NOT_FOUND", "status_response 2 ok"});
    CHECK(s.keeper.last<keeper_open>()->id == "pilot");
  }
  SECTION("a file of an impossible character opens nothing") {
    s.library.on<save_read>([](const save_read&) { return save_found{"private/1/x", "{}"}; });
    s.frame(ask("load", "1", R"(,"filename":"one")"));
    CHECK(s.gists() == lines{"load_response 1 INVALID_MESSAGE"});
    CHECK(s.keeper.count<keeper_open>() == 0);
  }
}

TEST_CASE("load works without a character, and binds to the file's") {
  stage s;
  s.library.on<save_read>([](const save_read&) { return save_found{"pilot", "{}"}; });
  s.frame(ask("load", "1", R"(,"filename":"one")"));
  s.frame(ask("status", "2"));
  CHECK(s.gists() == lines{"load_response 1 ok", "status_response 2 ok"});
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

TEST_CASE("who disconnects leaves the character's company, whose turn goes on") {
  stage s("pilot");
  s.frame(chat("1"));
  s.node.send(s.client, connection_closed{1000, ""});
  s.node.run();
  CHECK(s.pilot.count<character_detach>() == 1);
  CHECK(s.pilot.count<turn_stop>() == 0);
}

TEST_CASE("a server that ends closes the socket behind what was said before") {
  stage s("pilot");
  s.node.send(s.client, connection_shut_down{1001, "the server is shutting down"});
  s.node.run();
  REQUIRE(s.out->closed);
  CHECK(s.out->closed->code == 1001);
}

TEST_CASE("a keeper that wakes nobody any more fails the request, not the connection") {
  stage s("pilot");
  s.keeper.on<keeper_open>([](const keeper_open&) {
    return to_error({failure_kind::unavailable, "the server is shutting down"});
  });
  s.frame(chat("1"));
  s.frame(ask("ping", "2"));
  CHECK(s.gists() == lines{"chat_response 1 INTERNAL", "ping_response 2 ok"});
}
