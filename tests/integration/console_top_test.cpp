/// `troupe actors top` in a terminal, with its keys.

#include "support/catch.hpp"
#include "support/live_server.hpp"
#include "support/pseudo_terminal.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

pseudo_terminal::options top_of(const live_server& server, std::map<std::string, std::string> more = {}) {
  more.insert({{"TERM", "xterm"}, {"HOME", server.data_dir()}});
  return {{TROUPE_BINARY, "actors", "top", "--every", "200", "--sort", "role", "--data-dir", server.data_dir()},
          std::move(more),
          24,
          80};
}

/// Where nobody can have a terminal, nobody can have `actors top` in one.
bool without_terminals() {
  if (pseudo_terminal::available()) return false;
  WARN("left out: this machine has no pseudo-terminals (is /dev/pts mounted?)");
  return true;
}

}  // namespace

TEST_CASE("actors top finds an actor, opens it, pauses and resumes it, and gives the terminal back") {
  if (without_terminals()) return;
  live_server server;
  pseudo_terminal top(top_of(server, {{"NO_COLOR", "1"}}));
  INFO(top.output());
  REQUIRE(top.shows("journal"));
  CHECK(top.shows("1-8 of 8"));
  top.type("/model\r");
  REQUIRE(top.shows("1-1 of 1"));
  top.type("p");
  CHECK(top.shows(": done"));
  CHECK(top.shows("paused"));
  top.type("\r");
  CHECK(top.shows("failures_in_a_row"));
  top.type("u");
  CHECK(top.shows("resume actor"));
  top.type("\x1b");
  CHECK(top.shows("filter: model"));
  top.type("?");
  CHECK(top.shows("pause, resume"));
  top.type("q");
  CHECK(top.wait() == 0);
  CHECK(top.output().find("\x1b[?1049l") != std::string::npos);  // the screen before it is back
  for (const std::string colour : {"\x1b[31m", "\x1b[36m", "\x1b[32m"})
    CHECK(top.output().find(colour) == std::string::npos);
  CHECK(server.command({"audit"}).out.find("resume") != std::string::npos);
}

TEST_CASE("actors top keeps its place when the terminal changes its size") {
  if (without_terminals()) return;
  live_server server;
  pseudo_terminal top(top_of(server));
  REQUIRE(top.shows("1-8 of 8"));
  top.resize(30, 200);
  CHECK(top.shows("LAST MESSAGE"));  // for which there was no room
  top.resize(7, 60);
  CHECK(top.shows("1-4 of 8"));
  top.type("G");
  CHECK(top.shows("5-8 of 8"));
  top.type("q");
  CHECK(top.wait() == 0);
}

TEST_CASE("actors top tells when the server has gone, and goes on when it is back") {
  if (without_terminals()) return;
  live_server server;
  pseudo_terminal top(top_of(server));
  REQUIRE(top.shows("1-8 of 8"));
  CHECK(server.stop() == 0);
  CHECK(top.shows("error: no server"));
  server.start();
  CHECK(top.shows("1-8 of 8"));
  top.type("q");
  CHECK(top.wait() == 0);
}

TEST_CASE("actors top on a terminal that nobody knows, or without a server, ends with an error") {
  if (without_terminals()) return;
  live_server server;
  pseudo_terminal unknown(top_of(server, {{"TERM", "no-such-terminal"}}));
  CHECK(unknown.wait() == 2);
  CHECK(unknown.output().find("TERM: no terminal of the name 'no-such-terminal'") != std::string::npos);
  CHECK(server.stop() == 0);
  pseudo_terminal nobody(top_of(server));
  CHECK(nobody.wait() == 3);
  CHECK(nobody.output().find("no server is running") != std::string::npos);
}
