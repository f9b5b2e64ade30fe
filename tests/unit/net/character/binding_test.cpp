/// contracts/character.md §2.5, §9: which character a connection is with, and what
/// happens when it ends.

#include "connection_stage.hpp"

using namespace troupe;
using namespace troupe::character_dialect;
using namespace troupe::character_dialect::test;

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

TEST_CASE("who disconnects leaves the character's company, whose turn goes on") {
  stage s("pilot");
  s.frame(chat("1"));
  s.node.send(s.client, connection_closed{1000, ""});
  s.node.run();
  CHECK(s.pilot.count<character_detach>() == 1);
  CHECK(s.pilot.count<turn_stop>() == 0);
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
