/// The two-pane chat in a terminal: typing, panes, sizes, wide characters, leaving.

#include "support/catch.hpp"
#include "support/character_peer.hpp"
#include "support/pseudo_terminal.hpp"
#include "support/temporary_folder.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

bool without_terminals() {
  if (pseudo_terminal::available()) return false;
  WARN("left out: this machine has no pseudo-terminals (is /dev/pts mounted?)");
  return true;
}

pseudo_terminal::options chat_with(const character_peer& peer, const temporary_folder& home,
                                   std::vector<std::string> more = {}, std::map<std::string, std::string> set = {}) {
  std::vector<std::string> command{TROUPE_BINARY, "chat",          "--remote", "--server-url",
                                   peer.url(),    "--no-fallback", "-c",       "harbor-pilot"};
  command.insert(command.end(), more.begin(), more.end());
  set.insert({{"TERM", "xterm"}, {"NO_COLOR", "1"}, {"HOME", home.path()}, {"DATA_DIR", home.file("data")}});
  return {command, std::move(set), 40, 100};
}

}  // namespace

TEST_CASE("the two-pane chat shows what is typed, the reply and the vitals, and leaves when asked twice") {
  if (without_terminals()) return;
  character_peer peer;
  const temporary_folder home;
  pseudo_terminal chat(chat_with(peer, home));
  INFO(chat.output());
  REQUIRE(chat.shows("Ines Calloway (steady_guide)"));
  CHECK(chat.shows(" 71/100"));
  CHECK(chat.shows("0.55"));  // the trust; ncurses leaps over the blanks before it
  chat.type("Guten Tag 会話 😀 e\xCC\x81\r");
  CHECK(chat.shows("You: Guten Tag 会話 😀 e\xCC\x81"));
  CHECK(chat.shows("Ines Calloway: You said: Guten Tag 会話 😀 e\xCC\x81"));
  chat.type("/vitals\r");
  CHECK(chat.shows("(+21.5) high"));
  chat.type("/exit\r");
  CHECK(chat.shows("Leave the chat? [y/N]"));
  chat.type("n\r");
  CHECK(chat.shows("no: nothing was done"));
  chat.type("\x03");
  CHECK(chat.shows("Leave the chat? [y/N]"));
  chat.type("\x03");
  CHECK(chat.wait() == 0);
  CHECK(chat.output().find("\x1b[?1049l") != std::string::npos);  // the screen before it is back
  for (const std::string colour : {"\x1b[31m", "\x1b[36m", "\x1b[32m"})
    CHECK(chat.output().find(colour) == std::string::npos);
}

TEST_CASE("the two-pane chat follows the terminal's size") {
  if (without_terminals()) return;
  character_peer peer;
  const temporary_folder home;
  pseudo_terminal chat(chat_with(peer, home));
  REQUIRE(chat.shows("Neurochemicals"));
  chat.resize(40, 160);
  CHECK(chat.shows("Dopamine"));
  CHECK(chat.shows("Duration     6 min"));
  chat.resize(10, 40);
  CHECK(chat.shows("/help lists the commands; Tab changes"));  // broken where the pane ends
  chat.resize(24, 80);
  CHECK(chat.shows("Ser "));
  chat.type("\x04");  // the end of the input
  CHECK(chat.wait() == 0);
}

TEST_CASE("the two-pane chat has colours where nobody forbids them") {
  if (without_terminals()) return;
  character_peer peer;
  const temporary_folder home;
  pseudo_terminal chat(chat_with(peer, home, {}, {{"NO_COLOR", ""}}));
  REQUIRE(chat.shows("Neurochemicals"));
  CHECK(chat.shows("71/100"));
  CHECK(chat.output().find("\x1b[31m") != std::string::npos);  // the bar of a level over 70
}

TEST_CASE("keys are taken while a reply is awaited") {
  if (without_terminals()) return;
  character_peer peer;
  peer.answer("chat_request", [](auto&) { return std::nullopt; });
  const temporary_folder home;
  pseudo_terminal chat(chat_with(peer, home));
  REQUIRE(chat.shows("Neurochemicals"));
  chat.type("Ahoy\r");
  REQUIRE(peer.has_received("chat_request"));
  CHECK(chat.shows("waiting for a reply"));
  chat.type("typed meanwhile");
  CHECK(chat.shows("> typed meanwhile"));
  auto request = peer.received().back();
  peer.push(character_reply(request, "chat_response", {{"response_text", "At last"}}));
  CHECK(chat.shows("Ines Calloway: At last"));
  CHECK(chat.shows("> typed meanwhile"));
}

TEST_CASE("replies are shown as they come where the server sends them so") {
  if (without_terminals()) return;
  character_peer peer;
  peer.answer("subscribe_request", [](auto& request) { return character_reply(request, "subscribe_response", {}); });
  peer.answer("chat_request", [](auto&) { return std::nullopt; });
  const temporary_folder home;
  pseudo_terminal chat(chat_with(peer, home));
  REQUIRE(chat.shows("Neurochemicals"));
  chat.type("Ahoy\r");
  REQUIRE(peer.has_received("chat_request"));
  const auto event = [&](const char* kind, const char* data) {
    peer.push(std::string(R"({"message_type":"character_event","message_id":null,"event":")") + kind
              + R"(","turn_id":"t1","data":)" + data + "}");
  };
  event("turn_started", R"({"user_message":"Ahoy"})");
  event("reply_delta", R"({"offset":0,"text":"By the "})");
  event("reply_delta", R"({"offset":7,"text":"kelp"})");
  CHECK(chat.shows("Ines Calloway: By the kelp"));
}

TEST_CASE("the two-pane chat tells of a lost connection and goes on when the server is back") {
  if (without_terminals()) return;
  character_peer peer;
  const temporary_folder home;
  pseudo_terminal chat(chat_with(peer, home));
  REQUIRE(chat.shows("Neurochemicals"));
  peer.stop_listening();
  CHECK(chat.shows("the connection was lost"));
  peer.listen();
  CHECK(chat.shows("connected again"));
  chat.type("Ahoy\r");
  CHECK(chat.shows("You said: Ahoy"));
}

TEST_CASE("the plain chat in a terminal prompts, and asks before it leaves") {
  if (without_terminals()) return;
  character_peer peer;
  const temporary_folder home;
  pseudo_terminal chat(chat_with(peer, home, {"--no-vitals"}));
  REQUIRE(chat.prints("You: "));
  chat.type("Ahoy\n");
  CHECK(chat.prints("You said: Ahoy"));
  chat.type("\x03");
  CHECK(chat.prints("Leave the chat? [y/N]"));
  chat.type("y\n");
  CHECK(chat.wait() == 0);
}

TEST_CASE("the monitor shows the vitals until Ctrl-C") {
  if (without_terminals()) return;
  character_peer peer;
  const temporary_folder home;
  pseudo_terminal chat(chat_with(peer, home, {"--vitals-only"}));
  CHECK(chat.shows("Ines Calloway, vitals"));
  CHECK(chat.shows("(+21.5) high"));
  CHECK(peer.has_received("status_request", 2));
  chat.type("\x03");
  CHECK(chat.wait() == 0);
}
