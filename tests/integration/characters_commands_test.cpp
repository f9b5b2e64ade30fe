/// `troupe characters`, and the program under the name `run_character_server`
/// (contracts/character.md §2).

#include "support/catch.hpp"
#include "support/server_process.hpp"
#include "support/spawn.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <signal.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::test;

namespace {

using words = std::vector<std::string>;

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != text.npos;
}

/// A working folder with characters' files of its own and the program under its other name.
class place {
 public:
  place() {
    std::filesystem::create_directories(folder_.file("schemas/characters"));
    std::filesystem::create_symlink(TROUPE_BINARY, folder_.file("run_character_server"));
  }

  void character(const std::string& file, const std::string& text) {
    std::ofstream(folder_.file("schemas/characters/" + file)) << text;
  }
  command_output troupe(words arguments) { return run(TROUPE_BINARY, std::move(arguments)); }
  command_output server(words arguments) { return run(folder_.file("run_character_server"), std::move(arguments)); }
  std::string file(const std::string& name) const { return folder_.file(name); }
  std::map<std::string, std::string> environment() const {
    auto all = more;
    all.emplace("HOME", folder_.path());
    return all;
  }

  std::map<std::string, std::string> more;

 private:
  command_output run(const std::string& program, words arguments) {
    arguments.insert(arguments.begin(), program);
    return run_command(arguments, environment(), folder_.path());
  }

  temporary_folder folder_;
};

constexpr auto bo = "name: Bo Marsh\narchetype: listener\ndescription: Hears more than is said.\n";
constexpr auto bad = "name: Nim\narchetype: x\npersonality:\n  big_five: {openness: 7}\n";

}  // namespace

TEST_CASE("characters list names every file in order, broken ones too, and exits 0") {
  place here;
  here.character("zed.yaml", "name: Zed\narchetype: last\n");
  here.character("bo.yml", bo);
  here.character("nim.yaml", bad);
  here.character("notes.txt", "no character");
  const auto result = here.troupe({"characters", "list"});
  CHECK(result.status == 0);
  CHECK(has(result.out,
            "bo\n  name: Bo Marsh\n  type: listener\n  description: Hears more than is said.\nnim\n"
            "  name: Unknown\n  type: unknown\n"));
  CHECK(has(result.out, "nim.yaml:4:24: personality.big_five.openness: 7 is not allowed"));
  CHECK(has(result.out, "zed\n  name: Zed\n  type: last\n3 characters in "));
  const auto json = boost::json::parse(here.troupe({"characters", "list", "--json"}).out);
  CHECK(json.at("total").as_int64() == 3);
  CHECK(json.at("characters").at(0).at("id").as_string() == "bo");
  CHECK(json.at("characters").at(0).at("description").as_string() == "Hears more than is said.");
  CHECK(json.at("characters").at(1).at("archetype").as_string() == "unknown");
}

TEST_CASE("of several files of one id the one with .yaml counts") {
  place here;
  here.character("bo.yml", bo);
  here.character("bo.yaml", "name: Other\narchetype: x\n");
  const auto result = here.troupe({"characters", "list"});
  CHECK(has(result.out, "name: Other"));
  CHECK(has(result.out, "1 character in "));
}

TEST_CASE("no folder and no files are one line and no failure") {
  place here;
  CHECK(has(here.troupe({"characters", "list"}).out, "no characters were found in "));
  here.more["CHARACTER_SCHEMAS_DIR"] = here.file("nowhere");
  const auto result = here.server({"--list-characters"});
  CHECK(result.status == 0);
  CHECK(has(result.out, "no characters were found in "));
}

TEST_CASE("characters validate tells file, field and range, and which characters there are") {
  place here;
  here.character("bo.yaml", std::string(bo) + "personality: {big_five: {openness: 0.9}}\nhat: red\n");
  here.character("nim.yaml", bad);
  const auto good = here.troupe({"characters", "validate", "bo"});
  CHECK(good.status == 0);
  for (auto* part : {"validating character bo", "name: Bo Marsh", "archetype: listener", "personality: present",
                     "Big Five traits: 1 of 5", "bo.yaml:5:1: 'hat' is not a field", "valid: bo, 1 warning"})
    CHECK(has(good.out, part));
  const auto invalid = here.troupe({"characters", "validate", "nim"});
  CHECK(invalid.status == 1);
  CHECK(has(invalid.out, "schemas/characters/nim.yaml:4:24: personality.big_five.openness: 7"));
  CHECK(has(invalid.out, "from 0 to 1"));
  const auto unknown = here.troupe({"characters", "validate", "eve"});
  CHECK(unknown.status == 1);
  CHECK(has(unknown.out, "available: bo, nim"));
  const auto outside = here.troupe({"characters", "validate", "../../etc/passwd"});
  CHECK(outside.status == 1);
  CHECK(has(outside.out, "an id is 1 to 64 letters"));
  CHECK(here.troupe({"characters", "validate"}).status == 2);
}

TEST_CASE("characters show prints one with its defaults") {
  place here;
  here.character("bo.yaml", bo);
  const auto text = here.troupe({"characters", "show", "bo"});
  CHECK(text.status == 0);
  CHECK(has(text.out, "bo: Bo Marsh (listener)"));
  CHECK(has(text.out, "dopamine      50.0"));
  const auto json = boost::json::parse(here.troupe({"characters", "show", "bo", "--json"}).out);
  CHECK(json.at("communication_style").at("verbal_pattern").as_string() == "moderate");
  CHECK(here.troupe({"characters", "show", "eve"}).status == 1);
}

TEST_CASE("run_character_server lists before it validates before it checks the configuration") {
  place here;
  here.character("bo.yaml", bo);
  const auto all = here.server({"--config-check", "--validate-character", "bo", "-l"});
  CHECK(all.status == 0);
  CHECK(has(all.out, "1 character in "));
  CHECK_FALSE(has(all.out, "validating"));
  const auto two = here.server({"--config-check", "--validate-character", "eve"});
  CHECK(two.status == 1);
  CHECK(has(two.out, "available: bo"));
}

TEST_CASE("run_character_server --config-check shows model, saves and characters") {
  place here;
  here.character("bo.yaml", bo);
  const auto usual = here.server({"--config-check"});
  CHECK(usual.status == 0);
  CHECK(has(usual.out, "Ollama URL: http://localhost:11434\nOllama model: llama3.3:70b\n"));
  CHECK(has(usual.out, here.file("data/saves") + ", does not exist"));
  CHECK(has(usual.out, "schemas/characters, exists, 1 .yaml file\n"));
  here.more = {{"ollama_base_url", "http://127.0.0.1:1"},
               {"OLLAMA_MODEL", "tiny:1b"},
               {"SAVES_DIR", here.file("s")},
               {"LOG_LEVEL", "WARNING"}};
  std::filesystem::create_directories(here.file("s"));
  const auto set = here.server({"--config-check"});
  CHECK(has(set.out, "Ollama URL: http://127.0.0.1:1\nOllama model: tiny:1b\n"));
  CHECK(has(set.out, here.file("s") + ", exists"));
  here.more = {{"PORT", "eighty"}};
  CHECK(here.server({"--config-check"}).status == 1);
}

TEST_CASE("run_character_server refuses bad usage with 2 and a bad character with 1") {
  place here;
  here.character("nim.yaml", bad);
  CHECK(here.server({"--prot", "1"}).status == 2);
  CHECK(here.server({"--port", "70000"}).status == 2);
  CHECK(here.server({"-p", "eighty"}).status == 2);
  CHECK(here.server({"--help"}).status == 0);
  const auto result = here.server({"-p", "0", "-c", "nim"});
  CHECK(result.status == 1);
  CHECK(has(result.out, "personality.big_five.openness"));
  CHECK_FALSE(has(result.out, "address: "));
  CHECK(here.server({"-p", "0", "--character", "eve"}).status == 1);
}

TEST_CASE("run_character_server says what it will do, that it is ready, and ends with 0 at a signal", FORK_TAG) {
  place here;
  here.character("bo.yaml", bo);
  auto environment = here.environment();
  environment["MODEL"] = "offline";
  auto process = spawn_process({here.file("run_character_server"), "--port", "0", "--character", "bo"}, environment,
                               here.file("."), true);
  ::close(process.error);
  std::string out;
  char buffer[4096];
  auto read_on = [&] {
    const auto size = ::read(process.out, buffer, sizeof buffer);
    if (size > 0) out.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  };
  while (out.find("bo is loaded") == out.npos && read_on()) continue;
  ::kill(process.pid, SIGTERM);
  while (read_on()) continue;
  ::close(process.out);
  CHECK(wait_for_process(process.pid) == 0);
  for (auto* part :
       {"model: offline", "validating character bo", "host: localhost\nport: 0\naddress: ws://localhost:0\n",
        "character to load: bo", "characters at ws://localhost:", "ready, bo is loaded"})
    CHECK(has(out, part));
  CHECK(std::filesystem::exists(here.file("data/logs/homunculus.log")));
}
