#include "tools/mcp/stdio_transport.hpp"
#include "left_behind.hpp"
#include "support/catch.hpp"

#include <condition_variable>
#include <csignal>
#include <optional>
#include <thread>

using namespace troupe;
using namespace troupe::mcp;
using namespace troupe::test;
using namespace std::chrono_literals;
using kind = transport_event::kind;

namespace {

/// A transport to the peer program, and a thread that waits for its events.
struct peer {
  explicit peer(std::string mode, std::chrono::milliseconds grace = 100ms, std::map<std::string, std::string> env = {})
      : peer(process_command{{TROUPE_MCP_PEER, std::move(mode)}, child_environment(env)}, grace) {}
  explicit peer(process_command command, std::chrono::milliseconds grace = 100ms)
      : loop(std::make_shared<process_loop>(grace)) {
    side = std::make_unique<stdio_transport>(loop, std::move(command), [this] {
      std::lock_guard lock(guard);
      woken = true;
      changed.notify_one();
    });
  }

  /// The next event; waits for it. `nothing` if none comes for 20 s.
  transport_event next() {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (true) {
      auto event = side->poll();
      if (event.what != kind::nothing) return event;
      std::unique_lock lock(guard);
      if (!changed.wait_until(lock, until, [&] { return woken; })) return event;
      woken = false;
    }
  }
  void say(const std::string& text) { side->send({text}); }
  void call(const std::string& tool, const std::string& arguments = "{}") {
    say(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + tool + R"(","arguments":)" + arguments
        + R"(,"_meta":{"progressToken":1}}})");
  }
  /// Waits until nothing runs any more.
  bool is_quiet() {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (loop->running() != 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return loop->running() == 0;
  }

  std::mutex guard;
  std::condition_variable changed;
  bool woken = false;
  std::shared_ptr<process_loop> loop;
  std::unique_ptr<stdio_transport> side;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("messages go to a process and come back, line by line") {
  peer p("normal");
  for (int i = 0; i < 50; ++i) p.call("echo", "{\"text\":\"" + std::to_string(i) + "\"}");
  for (int i = 0; i < 50; ++i) {
    const auto event = p.next();
    REQUIRE(event.what == kind::message);
    CHECK(contains(event.text, "\"text\":\"" + std::to_string(i) + "\""));
  }
}

TEST_CASE("a message of several megabytes passes both ways") {
  peer p("normal");
  const std::string text(5 * 1024 * 1024, 'm');
  p.call("echo", "{\"text\":\"" + text + "\"}");
  const auto event = p.next();
  REQUIRE(event.what == kind::message);
  CHECK(contains(event.text, text));
}

TEST_CASE("a process gets the environment that is configured, PATH, HOME and LANG, and no more") {
  setenv("TROUPE_TEST_SECRET", "not for children", 1);
  peer p("normal", 100ms, {{"GIVEN", "value with spaces"}});
  p.call("environment");
  const auto event = p.next();
  unsetenv("TROUPE_TEST_SECRET");
  REQUIRE(event.what == kind::message);
  CHECK(contains(event.text, "GIVEN=value with spaces"));
  CHECK(contains(event.text, "PATH="));
  CHECK_FALSE(contains(event.text, "TROUPE_TEST_SECRET"));
}

TEST_CASE("a process that ends closes its connection with how it ended") {
  SECTION("in the middle of a call") {
    peer p("normal");
    p.call("crash");
    const auto event = p.next();
    REQUIRE(event.what == kind::closed);
    CHECK(event.error.kind == failure_kind::unavailable);
    CHECK(event.error.message == "ended with status 7");
    CHECK(p.is_quiet());
  }
  SECTION("at once, with a reason on standard error") {
    peer p("broken");
    const auto event = p.next();
    REQUIRE(event.what == kind::closed);
    CHECK(event.error.message == "ended with status 3");
    CHECK(contains(event.detail, "no such folder"));
  }
  SECTION("after an answer, which still arrives") {
    peer p("normal");
    p.call("echo", R"({"text":"last words"})");
    p.call("crash");
    CHECK(contains(p.next().text, "last words"));
    CHECK(p.next().what == kind::closed);
  }
}

TEST_CASE("a program that cannot be started says why") {
  SECTION("it is not there") {
    peer p(process_command{{"no-such-program-anywhere"}, {{"PATH", "/bin"}}});
    const auto event = p.next();
    REQUIRE(event.what == kind::closed);
    CHECK(event.error.kind == failure_kind::not_found);
    CHECK(event.error.message == "the program \"no-such-program-anywhere\" is not in PATH");
  }
  SECTION("it is no program") {
    peer p(process_command{{"/dev/null"}, {}});
    const auto event = p.next();
    REQUIRE(event.what == kind::closed);
    CHECK(contains(event.error.message, "cannot be started"));
  }
}

TEST_CASE("a line without end closes the connection instead of growing") {
  peer p("normal");
  p.call("huge");
  const auto event = p.next();
  REQUIRE(event.what == kind::closed);
  CHECK(event.error.kind == failure_kind::broken_stream);
  CHECK(event.error.message == "sent a line of over 16 MiB");
}

TEST_CASE("a process that reads nothing is given up once too much waits for it") {
  peer p("deaf");
  for (int i = 0; i < 40; ++i) p.say(std::string(1024 * 1024, 'x'));
  const auto event = p.next();
  REQUIRE(event.what == kind::closed);
  CHECK(event.error.message == "takes none of its input");
  CHECK(p.is_quiet());
}

TEST_CASE("a lot on standard error neither blocks a process nor is kept") {
  peer p("noisy");
  p.call("echo", R"({"text":"heard"})");
  CHECK(contains(p.next().text, "heard"));
  p.call("crash");
  const auto event = p.next();
  REQUIRE(event.what == kind::closed);
  CHECK(event.detail.size() <= 2048);
  CHECK(event.detail.size() > 1000);
}

TEST_CASE("a process that is let go ends by itself when its input ends") {
  peer p("normal", 60s);
  p.call("echo");
  CHECK(p.next().what == kind::message);
  p.side.reset();
  CHECK(p.is_quiet());  // long before the grace is over
}

TEST_CASE("a polite end says when the process is gone") {
  peer p("normal", 60s);
  p.side->finish();
  const auto event = p.next();
  CHECK(event.what == kind::closed);
  CHECK(event.error.kind == failure_kind::cancelled);
}

TEST_CASE("a process that ignores everything is killed with its whole group") {
  peer p("family", 20ms);
  p.call("echo");
  CHECK(p.next().what == kind::message);
  CHECK(children_of_ours() == 1);
  p.side.reset();
  CHECK(p.is_quiet());
  CHECK(children_of_ours() == 0);
}

TEST_CASE("nothing is left once the loop ends: no process, no descriptor") {
  const auto before = open_descriptors();
  {
    auto loop = std::make_shared<process_loop>(20ms);
    std::vector<std::unique_ptr<stdio_transport>> all;
    for (auto mode : {"normal", "stubborn", "family", "broken", "deaf", "silent"})
      all.push_back(std::make_unique<stdio_transport>(loop, process_command{{TROUPE_MCP_PEER, mode}, {}}, [] {}));
    all.push_back(std::make_unique<stdio_transport>(loop, process_command{{"nothing-like-it"}, {}}, [] {}));
    for (auto& each : all) each->send({"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{}}"});
    all.resize(4);  // some let go before, some not
    // The loop is shared with the transports; theirs must go first.
    all.clear();
  }
  CHECK(children_of_ours() == 0);
  CHECK(open_descriptors() == before);
}

TEST_CASE("processes that come and go leave nothing behind") {
  auto loop = std::make_shared<process_loop>(20ms);
  const auto before = open_descriptors();
  for (int i = 0; i < 20; ++i) stdio_transport(loop, process_command{{TROUPE_MCP_PEER, "normal"}, {}}, [] {});
  while (loop->running() != 0) std::this_thread::yield();
  CHECK(children_of_ours() == 0);
  CHECK(open_descriptors() == before);
}
