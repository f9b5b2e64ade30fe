/// The commands beside `serve`, on a running server and on a stopped store:
/// exit status, standard output and error.

#include "support/catch.hpp"
#include "support/live_server.hpp"

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::test;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

void check_done(const command_output& result) {
  INFO(result.out << result.error);
  CHECK(result.status == 0);
  CHECK(result.error.empty());
}

void check_failed(const command_output& result, const std::string& message, int status = 1) {
  INFO(result.out << result.error);
  CHECK(result.status == status);
  CHECK(has(result.error, message));
}

command_output memory(const live_server& server, const std::string& verb, std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"memory", verb, "--space", "default"};
  words.insert(words.end(), more.begin(), more.end());
  return server.command(words);
}

}  // namespace

TEST_CASE("health tells a running server from a stopped one") {
  live_server server;
  const auto running = server.command({"health"});
  check_done(running);
  CHECK(running.out == "healthy\n");
  const auto as_json = server.command({"health", "--json"});
  check_done(as_json);
  CHECK(text_of(object_of(as_json.out), "status") == "healthy");
  const auto url = "http://127.0.0.1:" + std::to_string(server.port());
  check_done(server.command({"health", "--url", url}));
  CHECK(server.stop() == 0);
  check_failed(server.command({"health"}), "no server is running on " + server.data_dir());
  check_failed(server.command({"health", "--url", url}), url);
  check_failed(server.command({"health", "--url", "nonsense"}), "--url");
}

TEST_CASE("memory is looked into and changed, with the server and without it") {
  live_server server;
  const bool running = GENERATE(true, false);
  INFO("running: " << running);
  if (!running) CHECK(server.stop() == 0);
  const auto added = memory(server, "add", {"My sister Ada lives in Oslo."});
  check_done(added);
  CHECK(added.out == "remembered as 1\n");
  CHECK(memory(server, "add", {"my sister Ada lives in Oslo"}).out == "known already as 1, reinforced\n");
  check_done(memory(server, "add", {"I keep bees.", "--importance", "0.9"}));
  const auto recalled = memory(server, "recall", {"Where does my sister live?", "--k", "1"});
  check_done(recalled);
  CHECK(has(recalled.out, "My sister Ada lives in Oslo."));
  CHECK_FALSE(has(recalled.out, "bees"));
  const auto listed = memory(server, "list", {"--json"});
  check_done(listed);
  CHECK(object_of(listed.out).at("total") == 2);
  const auto forgotten = memory(server, "forget", {"1"});
  check_done(forgotten);
  CHECK(forgotten.out == "1 forgotten\n");
  CHECK(memory(server, "forget", {"1"}).out == "0 forgotten\n");
  CHECK_FALSE(has(memory(server, "list").out, "Oslo"));
  CHECK(memory(server, "forget", {"--all"}).out == "1 forgotten\n");
  CHECK(has(memory(server, "list").out, "0 in all"));
}

TEST_CASE("what a command forgets in a stopped store leaves its files") {
  live_server server;
  CHECK(server.stop() == 0);
  check_done(memory(server, "add", {"My word is zyzzogeton."}));
  const auto in_files = [&] {
    for (auto& entry : std::filesystem::recursive_directory_iterator(server.data_dir() + "/store"))
      if (entry.is_regular_file() && has(read_text(entry.path()), "zyzzogeton")) return true;
    return false;
  };
  CHECK(in_files());
  check_done(memory(server, "forget", {"1"}));
  CHECK_FALSE(in_files());
}

TEST_CASE("what a command adds, the agent knows; what it forgets, the agent does not") {
  live_server server;
  check_done(memory(server, "add", {"My sister Ada lives in Oslo."}));
  CHECK(has(server.connect().say("Where does my sister live?"), "Oslo"));
  check_done(memory(server, "forget", {"--all"}));
  CHECK_FALSE(has(server.connect().say("Where does my sister live?"), "Oslo"));
}

TEST_CASE("bad use is told and has status 2, bad values 1") {
  live_server server;
  check_failed(server.command({"memory", "list"}), "--space", 2);
  check_failed(server.command({"memory"}), "subcommand", 2);
  check_failed(server.command({"memory", "polish", "--space", "x"}), "subcommand", 2);
  check_failed(server.command({"backup"}), "folder", 2);
  check_failed(memory(server, "add", {""}), "text");
  check_failed(memory(server, "add", {"x", "--importance", "2"}), "importance");
  check_failed(memory(server, "recall", {"x", "--k", "0"}), "k:");
  check_failed(memory(server, "forget"), "id");
  check_failed(server.command({"token", "add", "a name with blanks"}), "name");
  check_failed(server.command({"token", "add", std::string(65, 'x')}), "name");
  CHECK(server.command({"--help"}).status == 0);
  CHECK(has(run_command({TROUPE_BINARY, "--version"}).out, "troupe "));
}

TEST_CASE("without a store, looking does not make one") {
  const temporary_folder folder;
  const auto nowhere = folder.file("nowhere");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"memory", "list", "--space", "default"},
                                                {"check"},
                                                {"token", "list"},
                                                {"backup", folder.file("backups")}}) {
    std::vector<std::string> command = {TROUPE_BINARY};
    command.insert(command.end(), words.begin(), words.end());
    command.insert(command.end(), {"--data-dir", nowhere});
    INFO(words.front());
    const auto result = run_command(command, {{"HOME", folder.path()}});
    CHECK(result.status == 1);
    CHECK(has(result.error, nowhere));
    CHECK_FALSE(std::filesystem::exists(nowhere + "/store"));
  }
}

TEST_CASE("a backup of the running server is restored and the facts are back") {
  live_server server;
  const auto backups = server.file("backups");
  server.connect().say("My sister Ada lives in Oslo.");
  const auto made = server.command({"backup", backups});
  check_done(made);
  CHECK(has(made.out, "backup 1 in " + backups));
  server.connect().say("My dog is called Rex.");
  check_done(memory(server, "forget", {"1"}));
  check_done(server.command({"backup", backups}));
  check_failed(server.command({"restore", backups, "--force"}), server.data_dir());  // a running server's store stays
  CHECK(has(server.connect().say("What is the name of my dog?"), "Rex"));
  CHECK(server.stop() == 0);

  check_failed(server.command({"restore", backups}), "not empty");
  check_failed(server.command({"restore", backups, "--force", "--number", "7"}), "7");
  const auto restored = server.command({"restore", backups, "--force", "--number", "1"});
  check_done(restored);
  CHECK(has(restored.out, "restored backup 1"));
  check_done(server.command({"check"}));
  server.start();
  CHECK(has(server.connect().say("Where does my sister live?"), "Oslo"));
  CHECK_FALSE(has(server.connect().say("What is the name of my dog?"), "Rex"));
}

TEST_CASE("a stopped store is backed up too, and a lost one comes back") {
  live_server server;
  const auto backups = server.file("backups");
  server.connect().say("My sister Ada lives in Oslo.");
  CHECK(server.stop() == 0);
  check_done(server.command({"backup", backups}));
  std::filesystem::remove_all(server.data_dir() + "/store");
  check_done(server.command({"restore", backups}));
  server.start();
  CHECK(has(server.connect().say("Where does my sister live?"), "Oslo"));
  check_failed(server.command({"restore", server.file("no-backups")}), "no-backups");
}

TEST_CASE("check counts what a stopped store holds, and says when the server runs") {
  live_server server;
  server.connect().request(text_action("chat", "My sister Ada lives in Oslo.", R"(,"numbered":true)"));
  check_done(server.command({"token", "add", "desk"}));
  const auto beside = server.command({"check"});
  CHECK(beside.status == 1);
  CHECK(has(beside.error, server.data_dir()));
  CHECK(server.stop() == 0);
  const auto result = server.command({"check"});
  check_done(result);
  CHECK(has(result.out, "1 sessions, 3 events, 0 open turns, 1 memories in 1 spaces, 0 lessons, 1 tokens"));
  CHECK(has(result.out, "the store is sound"));
  const auto report = object_of(server.command({"check", "--json"}).out);
  CHECK(report.at("sound") == true);
  CHECK(report.at("memories") == 1);
  CHECK(report.at("problems").as_array().empty());
}

TEST_CASE("a token made on a stopped store opens the server") {
  live_server server(settings_map{{"AUTH", "on"}, {"ACCESS_TOKEN", "a-token-of-my-own-choosing-0123456789"}});
  CHECK(server.stop() == 0);
  const auto made = server.command({"token", "add", "desk"});
  check_done(made);
  CHECK(server.command({"token", "list"}).out == "desk\tclient\n");
  server.start();
  CHECK(server.connect("/ws?token=" + made.out.substr(0, made.out.find('\n'))).silent());
  CHECK(server.stop() == 0);
  check_done(server.command({"token", "remove", "desk"}));
  CHECK(server.command({"token", "list"}).out.empty());
}

TEST_CASE("the control socket is the operator's own") {
  live_server server;
  const auto path = server.data_dir() + "/troupe.sock";
  struct stat is {};
  REQUIRE(::stat(path.c_str(), &is) == 0);
  CHECK((is.st_mode & 0777) == 0600);
  http_client control(path);
  CHECK(control.get("/health").status == 200);
  for (const std::string route : {"/control/memory", "/control/backup", "/control/tokens/list"}) {
    INFO(route);
    CHECK(server.http().post(route, "{}").status == 404);  // not over the network
  }
}
