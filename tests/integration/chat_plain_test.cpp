/// `troupe chat` in a pipe against a scripted server: what it prints, keeps and ends with.

#include "cli/chat/json_fields.hpp"
#include "support/catch.hpp"
#include "support/character_peer.hpp"
#include "support/live_server.hpp"

#include <filesystem>

using namespace troupe;
using namespace troupe::test;
namespace json = boost::json;

namespace {

/// A folder of its own, in which the chat runs.
struct place {
  temporary_folder folder;
  settings_map environment;

  place() { environment = {{"HOME", folder.path()}}; }

  /// Runs it with these lines as standard input.
  command_output chat(std::vector<std::string> arguments, const std::string& input,
                      const std::string& program = TROUPE_BINARY, const char* command = "chat") {
    std::ofstream(folder.file("input")) << input;
    std::vector<std::string> words{"/bin/sh", "-c", "exec \"$@\" < input", "sh", program};
    if (command != nullptr) words.emplace_back(command);
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_command(words, environment, folder.path());
  }
  command_output remote(const character_peer& peer, const std::string& input, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--remote", "--server-url", peer.url(), "--no-fallback", "-c", "harbor-pilot"});
    return chat(std::move(more), input);
  }
};

}  // namespace

TEST_CASE("a chat in a pipe prints the replies, keeps a transcript and ends with the input") {
  character_peer peer;
  place here;
  const auto run = here.remote(peer, "Ahoy\n\n/status\nAnd you?", {"-u", "Ada"});
  INFO(run.error);
  CHECK(run.status == 0);
  CHECK(run.error.empty());
  CHECK(run.out.find("* Ines Calloway (steady_guide), ws://127.0.0.1:") != std::string::npos);
  CHECK(run.out.find("Ines Calloway: You said: Ahoy\n") != std::string::npos);
  CHECK(run.out.find("Ines Calloway: You said: And you?\n") != std::string::npos);
  CHECK(run.out.find("calm (0.71") != std::string::npos);
  CHECK(run.out.find("You: ") == std::string::npos);  // no prompts
  CHECK(run.out.find("the connection was lost") == std::string::npos);
  CHECK(run.out.find('\x1b') == std::string::npos);
  CHECK(std::filesystem::exists(here.folder.file("data/conversations/ada-harbor-pilot.json")));
  const auto again = here.remote(peer, "/history 2\n/conversations\n", {"-u", "Ada"});
  CHECK(again.out.find("You: And you?\nInes Calloway: You said: And you?\n") != std::string::npos);
  CHECK(again.out.find("harbor-pilot") != std::string::npos);
}

TEST_CASE("every slash command works over the network") {
  character_peer peer;
  place here;
  const auto run = here.remote(peer,
                               "/help\n/vitals\n/memory kelp\n/goals\n/mood\n/save evening\n/load "
                               "evening\n/reset\n/export trip\n/debug\n/exit\nnever\n");
  CHECK(run.status == 0);
  CHECK(run.error.empty());
  for (const char* part : {"/autoscroll", "Serotonin", "71.5", "0.710  2031-04-02T09:16:04", "Train an apprentice",
                           "Volatility", "saved as data/saves/evening.json", "loaded: Ines Calloway", "begins anew",
                           "exported to data/exports/trip.json", "debug mode is on"})
    CHECK(run.out.find(part) != std::string::npos);
  CHECK(run.out.find("never") == std::string::npos);
  CHECK(peer.has_received("reset_request"));
  const auto file = chat::read_object(read_text(here.folder.file("data/exports/trip.json")));
  REQUIRE(file);
  CHECK(file->at("conversation_history").as_array().size() == 1);
}

TEST_CASE("without a server and without fallback it ends with 1, and wrong usage with 2") {
  std::uint16_t port = 0;
  {
    character_peer gone;
    port = gone.port();
  }
  place here;
  const auto url = "ws://127.0.0.1:" + std::to_string(port);
  const auto none = here.chat({"--remote", "--server-url", url, "--no-fallback", "-c", "x"}, "");
  CHECK(none.status == 1);
  CHECK(none.error.find("no connection to " + url) != std::string::npos);
  CHECK(here.chat({"--no-such-flag"}, "").status == 2);
  CHECK(here.chat({"--remote", "--server-url", "http://x", "-c", "x"}, "").status == 2);
  here.environment["AGENT_TIMEOUT"] = "soon";
  CHECK(here.chat({"--remote", "--server-url", url, "-c", "x"}, "").status == 2);
}

TEST_CASE("a character that cannot be initialised ends the chat with 1") {
  character_peer peer;
  peer.answer("init_request", [](auto& request) {
    return character_reply(request, "init_response", {{"success", false}, {"error", "no such\x1b[2J character"}});
  });
  place here;
  const auto run = here.remote(peer, "Ahoy\n");
  CHECK(run.status == 1);
  CHECK(run.error.find("'harbor-pilot' could not be initialised: no such character") != std::string::npos);
}

TEST_CASE("a server that answers late or not at all costs one message, not the chat") {
  character_peer peer;
  peer.answer("chat_request", [](auto& request) -> std::optional<std::string> {
    if (request.at("user_message").as_string() == "silence") return std::nullopt;
    return character_reply(request, "chat_response", {{"response_text", "here"}});
  });
  place here;
  here.environment["AGENT_TIMEOUT"] = "0.5";
  const auto run = here.remote(peer, "silence\nagain\n");
  CHECK(run.status == 0);
  CHECK(run.error.find("error: no answer within 0.5 s") != std::string::npos);
  CHECK(run.out.find("Ines Calloway: here\n") != std::string::npos);
}

TEST_CASE("a connection that breaks in mid-request is told, and the next line finds the server again") {
  character_peer peer;
  peer.answer("chat_request", [&](auto& request) -> std::optional<std::string> {
    if (request.at("user_message").as_string() != "break")
      return character_reply(request, "chat_response", {{"response_text", "here"}});
    peer.drop_soon();
    return std::nullopt;
  });
  place here;
  const auto run = here.remote(peer, "break\nagain\n");
  CHECK(run.status == 0);
  CHECK(run.error.find("this is not sent again") != std::string::npos);
  CHECK(run.out.find("Ines Calloway: here\n") != std::string::npos);
  CHECK(peer.has_received("status_request"));
}

TEST_CASE("escape sequences from the network never reach the terminal") {
  character_peer peer;
  peer.answer("chat_request", [](auto& request) {
    return character_reply(request, "chat_response",
                           {{"response_text",
                             "\x1b]0;mine\x07one\x1b[2J\ntwo\xC2\x9b"
                             "31m!"}});
  });
  place here;
  const auto run = here.remote(peer, "Ahoy\n");
  CHECK(run.out.find("Ines Calloway: one\ntwo!") != std::string::npos);
  CHECK(run.out.find('\x1b') == std::string::npos);
}

TEST_CASE("the characters are listed from the client's own folder, and the menu takes one of them") {
  character_peer peer;
  place here;
  std::filesystem::create_directories(here.folder.file("schemas/characters"));
  std::ofstream(here.folder.file("schemas/characters/ada.yaml"))
      << "name: Ada\narchetype: engineer\ndescription: Engines.\n";
  std::ofstream(here.folder.file("schemas/characters/bo.yaml")) << "name: Bo\narchetype: cook\n";
  const auto list = here.chat({"-l"}, "");
  CHECK(list.status == 0);
  CHECK(list.out.find("1. ada  Ada (engineer)\n   Engines.\n2. bo  Bo (cook)\n") != std::string::npos);
  const auto chosen = here.chat({"-r", "--server-url", peer.url()}, "7\n2\nAhoy\n");
  CHECK(chosen.status == 0);
  CHECK(chosen.error.find("choose a number from 1 to 2") != std::string::npos);
  CHECK(peer.received()[1].at("character_id").as_string() == "bo");
  CHECK(chosen.out.find("You said: Ahoy") != std::string::npos);
  CHECK(here.chat({"-r", "--server-url", peer.url()}, "q\n").status == 0);
  const auto first = here.chat({"-r", "--server-url", peer.url(), "-c", "x", "-a", "activated"}, "");
  CHECK(first.status == 0);
  CHECK(peer.received().back().at("character_id").as_string() == "activated");
}

TEST_CASE("started as run_chat it is the chat") {
  character_peer peer;
  place here;
  std::filesystem::create_symlink(TROUPE_BINARY, here.folder.file("run_chat"));
  const auto run = here.chat({"-r", "--server-url", peer.url(), "-c", "harbor-pilot", "--no-vitals"}, "Ahoy\n",
                             here.folder.file("run_chat"), nullptr);
  CHECK(run.status == 0);
  CHECK(run.out.find("You said: Ahoy") != std::string::npos);
}

TEST_CASE("the selftest goes through the acceptance sequence and stops at what fails") {
  character_peer peer;
  place here;
  const auto good = here.chat({"--character", "harbor-pilot", "--url", peer.url()}, "", TROUPE_BINARY, "selftest");
  INFO(good.out + good.error);
  CHECK(good.status == 0);
  for (const char* step : {"connect", "ping", "init", "chat", "status", "save", "load"})
    CHECK(good.out.find(step) != std::string::npos);
  peer.answer("save_request", [](auto& request) {
    return character_reply(request, "save_response", {{"success", false}, {"error", "disk full"}});
  });
  const auto bad = here.chat({"--character", "harbor-pilot", "--url", peer.url()}, "", TROUPE_BINARY, "selftest");
  CHECK(bad.status == 1);
  CHECK(bad.out.find("save     failed: disk full") != std::string::npos);
  CHECK(bad.out.find("load") == std::string::npos);
}
