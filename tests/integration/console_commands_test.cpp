/// The terminal console (docs/console.md) on a running server: what it prints,
/// what it does there, and its exit statuses.

#include "support/catch.hpp"
#include "support/live_server.hpp"
#include "support/peer_program.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

/// The answer with --json, which is one line.
json::object asked(const live_server& server, std::vector<std::string> words) {
  words.push_back("--json");
  const auto result = server.command(words);
  INFO(result.out << result.error);
  REQUIRE(result.status == 0);
  REQUIRE(std::count(result.out.begin(), result.out.end(), '\n') == 1);
  return object_of(result.out);
}

/// The only actor of a role.
std::string actor_of(const live_server& server, const std::string& role) {
  const auto rows = asked(server, {"actors", "--role", role}).at("actors").as_array();
  REQUIRE(rows.size() == 1);
  return text_of(rows.at(0).as_object(), "id");
}

/// The newest turn, once `wanted` is true of it.
template <class Wanted>
json::object turn_that(const live_server& server, Wanted wanted) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    const auto turns = asked(server, {"turns", "--limit", "1"}).at("turns").as_array();
    if (!turns.empty() && wanted(turns.at(0).as_object())) return turns.at(0).as_object();
  }
  throw std::runtime_error("no turn was as wanted");
}

void check_status(const live_server& server, const std::vector<std::string>& words, int status,
                  const std::string& message) {
  const auto result = server.command(words);
  INFO(words.front() << ": " << result.out << result.error);
  CHECK(result.status == status);
  CHECK(has(result.error, message));
  CHECK(result.out.empty());
}

peer_program followed(const live_server& server, std::vector<std::string> more = {}) {
  std::vector<std::string> command{TROUPE_BINARY, "log", "--follow", "--data-dir", server.data_dir()};
  command.insert(command.end(), more.begin(), more.end());
  return peer_program({command});
}

}  // namespace

TEST_CASE("actors are listed, searched, sorted and cut to the terminal's width") {
  live_server server;
  const auto all = server.command({"actors"});
  CHECK(all.status == 0);
  CHECK(has(all.out, "ROLE"));
  CHECK(has(all.out, "journal"));
  CHECK(has(all.out, "inspector"));
  CHECK_FALSE(has(all.out, "\x1b"));  // no terminal, no colours
  const auto some = server.command({"actors", "--q", "JOURN", "--sort", "memory_bytes", "--desc"});
  CHECK(has(some.out, "MEMORY▼"));
  CHECK(has(some.out, "1 of 1 actors that match"));
  CHECK_FALSE(has(some.out, "inspector"));
  server.settings()["COLUMNS"] = "40";
  const auto narrow = server.command({"actors"}).out;
  CHECK(has(narrow, "STATE"));
  CHECK_FALSE(has(narrow, "P99"));
  CHECK(asked(server, {"actors", "--limit", "2"}).at("actors").as_array().size() == 2);
}

TEST_CASE("a paused actor is shown as paused until it is resumed, and the acts are on record") {
  live_server server;
  const auto id = actor_of(server, "model");
  CHECK(server.command({"actor", id, "pause"}).out == "done\n");
  CHECK(text_of(asked(server, {"actor", id}).at("actor").as_object(), "state") == "paused");
  CHECK(has(server.command({"actors", "--state", "paused"}).out, "model"));
  CHECK(has(server.command({"actor", id}).out, "state         paused"));
  CHECK(asked(server, {"actor", id, "resume"}).at("done") == true);
  CHECK(text_of(asked(server, {"actor", id}).at("actor").as_object(), "state") != "paused");

  const auto entries = asked(server, {"audit"}).at("entries").as_array();
  REQUIRE(entries.size() == 2);
  const auto& newest = entries.at(0).as_object();
  CHECK(text_of(newest, "who") == "operator");
  CHECK(text_of(newest, "act") == "resume");
  CHECK(text_of(newest, "target") == "actor " + id + " model");
  CHECK(text_of(newest, "outcome") == "done");
  const auto table = server.command({"audit"}).out;
  CHECK(has(table, "operator"));
  CHECK(has(table, "pause"));
}

TEST_CASE("a turn is found, and its page says where its time went", "[offline]") {
  live_server server;
  auto client = server.connect();
  client.say("My sister Ada lives in Oslo.");
  const auto turn = turn_that(server, [](auto& each) { return text_of(each, "state") == "done"; });
  const auto id = text_of(turn, "turn");
  const auto list = server.command({"turns"}).out;
  CHECK(has(list, id));
  CHECK(has(list, "reply"));
  const auto page = server.command({"turn", id});
  INFO(page.out);
  CHECK(page.status == 0);
  for (const std::string part : {"model call", "journal reply", "█", "first text after"}) CHECK(has(page.out, part));
  CHECK_FALSE(has(page.out, "Oslo"));
  CHECK(asked(server, {"turn", id}).at("spans").as_array().size() > 3);
  check_status(server, {"turn", id, "interrupt"}, 5, "the turn has ended");
}

TEST_CASE("a turn in flight is interrupted, and its client disconnected", "[offline]") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "10000"}});
  auto client = server.connect();
  client.send(text_action("chat", "My sister Ada lives in Oslo."));
  const auto turn = turn_that(server, [](auto& each) { return !text_of(each, "runner").empty(); });
  const auto id = text_of(turn, "turn");
  CHECK(has(server.command({"turns", "--state", "in_flight"}).out, "in flight"));
  CHECK(has(server.command({"turn", id}).out, "░"));
  CHECK(server.command({"turn", id, "interrupt"}).out == "done\n");
  CHECK(type_of(client.read_answer().end) == "error");
  const auto clients = asked(server, {"clients"}).at("clients").as_array();
  REQUIRE(clients.size() == 1);
  const auto who = text_of(clients.at(0).as_object(), "id");
  CHECK(has(server.command({"clients"}).out, who));
  CHECK(server.command({"client", who, "disconnect"}).out == "done\n");
  CHECK(client.socket().wait_close() == 1008);
}

TEST_CASE("the log is followed: every line once, until the server ends") {
  live_server server;
  auto follower = followed(server);
  auto as_json = followed(server, {"--json", "--q", "operator_acts"});
  follower.wait_output("info started");
  CHECK(has(server.command({"log", "--level", "info"}).out, "info started"));
  CHECK(server.command({"log", "--level", "error"}).out.empty());
  CHECK(server.command({"actor", actor_of(server, "model"), "restart"}).status == 0);
  follower.wait_output("operator_acts");
  as_json.wait_output("operator_acts");
  as_json.wait_output("\n");
  const auto line = as_json.output();
  CHECK(text_of(object_of(line.substr(0, line.find('\n'))), "event") == "operator_acts");
  CHECK(server.stop() == 0);
  CHECK(follower.wait() == 3);
  CHECK(has(follower.output(), "no server is running"));
  const auto text = follower.output();
  CHECK(text.find("info started") == text.rfind("info started"));
  CHECK(text.find("operator_acts") == text.rfind("operator_acts"));
}

TEST_CASE("the exit status tells bad use, no server, not found and refused apart") {
  live_server server;
  check_status(server, {"actor", "999999"}, 4, "no such actor");
  check_status(server, {"turn", "0123456789abcdef"}, 4, "no such turn");
  check_status(server, {"client", "nobody", "disconnect"}, 4, "no such client");
  check_status(server, {"actor", actor_of(server, "journal"), "pause"}, 5, "cannot be held");
  check_status(server, {"actors", "--sort", "colour"}, 2, "sort:");
  check_status(server, {"actors", "--limit", "501"}, 2, "limit");
  check_status(server, {"log", "--actor", "me"}, 2, "actor");
  check_status(server, {"actors", "--state", "asleep"}, 2, "--state");
  check_status(server, {"actor"}, 2, "id");
  check_status(server, {"actor", "../turns"}, 4, "");
  check_status(server, {"actor", "1", "polish"}, 2, "polish");
  check_status(server, {"client", "1"}, 2, "act");
  check_status(server, {"actors", "top"}, 2, "must be a terminal");
  check_status(server, {"actors", "top", "--every", "1"}, 2, "--every");
  const auto as_json = server.command({"actor", "999999", "--json"});
  CHECK(as_json.status == 4);
  CHECK(has(text_of(object_of(as_json.out), "detail"), "no such actor"));
  CHECK(server.stop() == 0);
  for (const std::string name : {"actors", "turns", "log", "clients", "audit"})
    check_status(server, {name}, 3, "no server is running on " + server.data_dir());
}
