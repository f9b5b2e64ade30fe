/// `troupe chat` with the real engine: in its own process, and against the real server.

#include "support/catch.hpp"
#include "support/character_peer.hpp"
#include "support/live_server.hpp"
#include "support/pseudo_terminal.hpp"

#include <filesystem>

using namespace troupe;
using namespace troupe::test;

namespace {

/// Where the project's own characters are at hand.
struct place {
  temporary_folder folder;
  settings_map environment;

  place() {
    environment = {{"HOME", folder.path()},
                   {"MODEL", "offline"},
                   {"CHARACTER_SCHEMAS_DIR", TROUPE_SOURCE_DIR "/schemas/characters"}};
  }
  command_output troupe(std::vector<std::string> arguments, const std::string& input) {
    std::ofstream(folder.file("input")) << input;
    std::vector<std::string> words{"/bin/sh", "-c", "exec \"$@\" < input", "sh", TROUPE_BINARY};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_command(words, environment, folder.path());
  }
};

settings_map with_characters(settings_map more = {}) {
  more.insert({{"CHARACTER_SCHEMAS_DIR", TROUPE_SOURCE_DIR "/schemas/characters"}, {"MODEL", "offline"}});
  return more;
}

std::string url_of(const live_server& server) {
  return "ws://127.0.0.1:" + std::to_string(server.port()) + "/character";
}

}  // namespace

TEST_CASE("a character in this program talks, feels, remembers, and is saved when it is left") {
  place here;
  const auto run = here.troupe({"chat", "-c", "m-playful", "--save-dir", "mine"},
                               "My kite is called Aldebaran.\n/vitals\n/memory kite\n/goals\n/status\n/save evening\n");
  INFO(run.out + run.error);
  CHECK(run.status == 0);
  CHECK(run.error.empty());
  CHECK(run.out.find("in this program, model offline") != std::string::npos);
  CHECK(run.out.find("Serotonin") != std::string::npos);
  CHECK(run.out.find("Aldebaran") != std::string::npos);
  CHECK(std::filesystem::exists(here.folder.file("mine/m-playful_autosave.json")));
  CHECK(std::filesystem::exists(here.folder.file("mine/evening.json")));
  CHECK_FALSE(std::filesystem::exists(here.folder.file(".local")));  // no store on disk
  const auto again =
      here.troupe({"chat", "-c", "m-playful", "--save-dir", "mine"}, "/load m-playful_autosave\n/status\n");
  CHECK(again.out.find("Messages   1") != std::string::npos);
}

TEST_CASE("without a server the chat falls back to this program") {
  place here;
  const auto run = here.troupe({"chat", "-r", "--server-url", "ws://127.0.0.1:1", "-c", "m-playful"}, "Hello\n");
  INFO(run.out + run.error);
  CHECK(run.status == 0);
  CHECK(run.out.find("no connection to ws://127.0.0.1:1") != std::string::npos);
  CHECK(run.out.find("in this program") != std::string::npos);
  CHECK(run.out.find("Milo Tanager: ") != std::string::npos);
}

TEST_CASE("a character that nobody knows ends the chat in this program with 1") {
  place here;
  const auto run = here.troupe({"chat", "-c", "nobody"}, "Hello\n");
  CHECK(run.status == 1);
  CHECK(run.error.find("'nobody' could not be initialised") != std::string::npos);
}

TEST_CASE("the selftest passes in this program and on the real server") {
  place here;
  const auto local = here.troupe({"selftest", "--character"}, "");
  INFO(local.out + local.error);
  CHECK(local.status == 0);
  live_server server(with_characters());
  const auto remote = here.troupe({"selftest", "--character", "m-playful", "--url", url_of(server)}, "");
  INFO(remote.out + remote.error);
  CHECK(remote.status == 0);
  CHECK(remote.out.find("all went well") != std::string::npos);
}

TEST_CASE("every command works on the real server") {
  place here;
  live_server server(with_characters());
  const auto run =
      here.troupe({"chat", "-r", "--server-url", url_of(server), "--no-fallback", "-c", "m-playful"},
                  "My kite is called Aldebaran.\n/vitals\n/memory kite\n/goals\n/mood\n/status\n/save evening\n"
                  "/load evening\n/reset\n/export trip\n/history\n");
  INFO(run.out + run.error);
  CHECK(run.status == 0);
  CHECK(run.error.empty());
  for (const char* part : {"Serotonin", "Aldebaran", "PRIORITY", "Volatility", "Trust", "saved as ",
                           "loaded: Milo Tanager", "begins anew", "exported to data/exports/trip.json", "You: My kite"})
    CHECK(run.out.find(part) != std::string::npos);
}

TEST_CASE("two chats share a character, and carry on when the server is killed and started under them") {
  if (!pseudo_terminal::available()) {
    WARN("left out: this machine has no pseudo-terminals (is /dev/pts mounted?)");
    return;
  }
  place here;
  const auto port = std::to_string(character_peer().port());  // free just now, and the same after the restart
  live_server server(with_characters({{"LISTEN", port}}));
  const auto chat = [&] {
    return pseudo_terminal::options{{TROUPE_BINARY, "chat", "-r", "--server-url",
                                     "ws://127.0.0.1:" + port + "/character", "--no-fallback", "-c", "m-playful"},
                                    {{"TERM", "xterm"}, {"HOME", here.folder.path()}, {"NO_COLOR", "1"}},
                                    40,
                                    100};
  };
  pseudo_terminal one(chat()), two(chat());
  // What the server says of the character is asked for behind the subscription: both have it then.
  REQUIRE(one.shows("Get one real laugh"));
  REQUIRE(two.shows("Get one real laugh"));
  one.type("My kite is called Aldebaran.\r");
  CHECK(one.shows("Interactions 1"));
  CHECK(two.shows("Somebody: My kite is called Aldebaran."));
  CHECK(two.shows("Interactions 1"));
  server.crash();
  CHECK(one.shows("the connection was lost"));
  server.start();
  CHECK(one.shows("connected again"));
  CHECK(two.shows("connected again"));
  two.type("What is my kite called?\r");
  CHECK(two.shows("Interactions 2"));
  CHECK(one.shows("Somebody: What is my kite called?"));
  one.type("\x04");
  CHECK(one.wait() == 0);
  two.type("Still here\r");
  CHECK(two.shows("Interactions 3"));
}
