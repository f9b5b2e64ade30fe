#include "cli/chat/chat_options.hpp"
#include "cli/chat/character_menu.hpp"
#include "cli/chat/websocket_client.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::chat;
using troupe::test::temporary_folder;

namespace {

config::settings settings_of(const config::load_inputs& inputs) {
  auto loaded = config::load(inputs);
  return std::get<config::settings>(std::move(loaded));
}

void write(const std::string& file, const std::string& text) {
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("the environment of the chat goes before .env, and its names may be in any case") {
  const temporary_folder folder;
  write(folder.file(".env"), "AGENT_TIMEOUT=5\nDEBUG=yes\nsaves_dir=mine\n");
  config::load_inputs inputs;
  inputs.working_directory = folder.path();
  inputs.environment = {{"agent_timeout", "1.5"}};
  const auto read = client_environment::of(inputs);
  REQUIRE(read);
  CHECK(read->request_limit == std::chrono::milliseconds(1500));
  CHECK(read->debug);
  CHECK(read->saves == folder.path() + "/mine");
}

TEST_CASE("a time-out that is none is refused by name") {
  config::load_inputs inputs;
  inputs.working_directory = "/";
  for (const std::string bad : {"soon", "0", "-3", "1e9", "nan", "3s"}) {
    inputs.environment = {{"AGENT_TIMEOUT", bad}};
    const auto read = client_environment::of(inputs);
    REQUIRE_FALSE(read);
    CHECK(read.error().message.find("AGENT_TIMEOUT: '" + bad + "' must be") == 0);
  }
}

TEST_CASE("things are kept in ./data unless something else is named") {
  config::load_inputs inputs;
  inputs.working_directory = "/nowhere";
  auto folders = folders_of(settings_of(inputs), {}, {});
  CHECK(folders.data == "data");
  CHECK(folders.saves == "data/saves");
  CHECK(folders.schemas.filename() == "characters");
  inputs.environment = {{"DATA_DIR", "/somewhere"}};
  folders = folders_of(settings_of(inputs), {}, {});
  CHECK(folders.data == "/somewhere");
  CHECK(folders.saves == "/somewhere/saves");
  folders = folders_of(settings_of(inputs), {}, {.save_dir = "here"});
  CHECK(folders.saves == "here");
}

TEST_CASE("the chat is known by its program name") {
  CHECK(is_run_chat("run_chat"));
  CHECK(is_run_chat("/usr/local/bin/run_chat"));
  CHECK_FALSE(is_run_chat("troupe"));
  CHECK_FALSE(is_run_chat("/run_chat/troupe"));
}

TEST_CASE("a server's address is taken apart, or refused with the rule") {
  const auto plain = websocket_address::of("ws://localhost:8765");
  REQUIRE(plain);
  CHECK(plain->host == "localhost");
  CHECK(plain->port == "8765");
  CHECK(plain->target == "/");
  const auto more = websocket_address::of("ws://[::1]/character?token=a%20b");
  REQUIRE(more);
  CHECK(more->host == "::1");
  CHECK(more->port == "80");
  CHECK(more->target == "/character?token=a%20b");
  CHECK(websocket_address::of("wss://host").error().message.find("TLS") != std::string::npos);
  for (const char* bad : {"localhost:8765", "http://host", "ws://", "ws://host:99999", "not a url"})
    CHECK_FALSE(websocket_address::of(bad));
}

TEST_CASE("the menu lists the folder's characters and takes a number, an id, q or nothing") {
  const temporary_folder folder;
  write(folder.file("b.yaml"), "name: Bo\narchetype: cook\ndescription: Soup.\n");
  write(folder.file("a.yml"), "name: Old\narchetype: old\n");
  write(folder.file("a.yaml"), "name: Ada\narchetype: engineer\n");
  write(folder.file("broken.yaml"), "name: [\n");
  write(folder.file("notes.txt"), "name: no\n");
  const auto all = characters_in_folder(folder.path());
  REQUIRE(all.size() == 3);
  CHECK(all[0].name == "Ada");
  CHECK(all[1].description == "Soup.");
  CHECK(all[2].name == "Unknown");
  CHECK(all[2].archetype == "unknown");
  CHECK(chosen_from(all, "").id == "a");
  CHECK(chosen_from(all, " 2 ").id == "b");
  CHECK(chosen_from(all, "b").id == "b");
  CHECK(chosen_from(all, "q").quit);
  CHECK_FALSE(chosen_from(all, "4").error.empty());
  CHECK_FALSE(chosen_from(all, "0").error.empty());
  CHECK(characters_in_folder(folder.file("none")).empty());
}
