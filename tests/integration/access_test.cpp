/// DESIGN section 9, "Who may come in": Host, Origin, tokens, AUTH, and whose
/// memory is whose.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

/// The HTTP status with which an upgrade is answered; 101 when it is accepted.
unsigned upgrade(const live_server& server, const std::string& path, const ws_options& options = {}) {
  try {
    ws_client client(server.port(), path, options);
    return 101;
  } catch (const ws_refused& refused) {
    return refused.status;
  }
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

std::string new_token(const live_server& server, const std::string& name) {
  auto made = server.command({"token", "add", name});
  REQUIRE(made.status == 0);
  return made.out.substr(0, made.out.find('\n'));
}

std::string printed_token(const live_server& server) {
  const auto text = server.output();
  const auto at = text.find("tr_");
  if (at == text.npos) return {};
  return text.substr(at, text.find_first_of(" \n", at) - at);
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

const settings_map public_bind = {{"HOST", "0.0.0.0"}};

}  // namespace

TEST_CASE("a web page of somebody else reaches nothing, neither by Origin nor by a rebound name") {
  live_server server;
  CHECK(upgrade(server, "/ws", {.origin = "https://evil.example.com"}) == 403);
  CHECK(upgrade(server, "/ws", {.origin = "http://localhost.evil.com"}) == 403);
  CHECK(upgrade(server, "/ws", {.host = "evil.example.com"}) == 403);
  CHECK(upgrade(server, "/ws", {.host = "192.168.1.5:8765"}) == 403);
  CHECK(upgrade(server, "/ws", {.origin = "http://localhost:5173"}) == 101);
  for (const std::string path : {"/", "/health"}) {
    CHECK(server.http().get(path, {{"Origin", "https://evil.example.com"}}).status == 403);
    CHECK(server.http().get(path, {{"Host", "evil.example.com"}}).status == 403);
  }
}

TEST_CASE("listed origins and hosts may come in") {
  live_server server(
      settings_map{{"ALLOWED_ORIGINS", "https://app.example.org"}, {"ALLOWED_HOSTS", "troupe.example.org"}});
  CHECK(upgrade(server, "/ws", {.origin = "https://app.example.org"}) == 101);
  CHECK(upgrade(server, "/ws", {.host = "troupe.example.org:8765"}) == 101);
  CHECK(upgrade(server, "/ws", {.origin = "https://other.example.org"}) == 403);
}

TEST_CASE("on a public address a token is made, printed at the first start only, and asked for") {
  live_server server(public_bind);
  const auto token = printed_token(server);
  REQUIRE(token.size() > 40);
  CHECK(has(server.output(), "/ws?token=" + token));
  CHECK(upgrade(server, "/ws") == 403);
  CHECK(upgrade(server, "/ws?token=") == 403);
  CHECK(upgrade(server, "/ws?token=tr_wrong") == 403);
  CHECK(upgrade(server, "/ws?token=" + token.substr(0, token.size() - 1)) == 403);
  CHECK(upgrade(server, "/ws", {.token = "wrong"}) == 403);
  CHECK(upgrade(server, "/ws?token=" + token) == 101);
  CHECK(upgrade(server, "/ws", {.token = token}) == 101);
  CHECK(server.http().get("/health").status == 200);
  CHECK(server.stop() == 0);
  const auto before = server.output().size();
  server.start();
  CHECK(server.connect("/ws?token=" + token).silent());
  CHECK(server.stop() == 0);
  CHECK_FALSE(has(server.output().substr(before), "tr_"));
}

TEST_CASE("a token that was set is taken and never printed") {
  live_server server(settings_map{{"HOST", "0.0.0.0"}, {"ACCESS_TOKEN", "a-token-of-my-own-choosing-0123456789"}});
  CHECK(upgrade(server, "/ws") == 403);
  CHECK(server.connect("/ws?token=a-token-of-my-own-choosing-0123456789").silent());
  CHECK(server.stop() == 0);
  CHECK_FALSE(has(server.output(), "of-my-own-choosing"));
  CHECK_FALSE(has(server.output(), "tr_"));
}

TEST_CASE("AUTH=on asks for a token on loopback too") {
  live_server server(settings_map{{"AUTH", "on"}});
  const auto token = printed_token(server);
  REQUIRE_FALSE(token.empty());
  CHECK(times(server.output(), "shown this once") == 1);
  CHECK(upgrade(server, "/ws") == 403);
  CHECK(upgrade(server, "/ws?token=" + token) == 101);
  CHECK(server.command({"health"}).status == 0);  // the control socket needs none
}

TEST_CASE("AUTH=off opens a public address, says so, and strangers share no memory") {
  live_server server(settings_map{{"HOST", "0.0.0.0"}, {"AUTH", "off"}});
  CHECK(has(server.output(), "AUTH=off"));
  CHECK(printed_token(server).empty());
  auto one = server.connect();
  CHECK(has(one.say("My sister Ada lives in Oslo."), "For this conversation I keep in mind"));
  CHECK(has(one.say("Where does my sister live?"), "Oslo"));  // its own conversation
  CHECK_FALSE(has(server.connect().say("Where does my sister live?"), "Oslo"));
  CHECK(has(server.command({"memory", "list", "--space", "default"}).out, "0 in all"));
}

TEST_CASE("each token's memory is its own") {
  live_server server(public_bind);
  const auto ada = new_token(server, "ada"), bob = new_token(server, "bob");
  server.connect("/ws?token=" + ada).say("My sister Ada lives in Oslo.");
  CHECK_FALSE(has(server.connect("/ws?token=" + bob).say("Where does my sister live?"), "Oslo"));
  CHECK_FALSE(has(server.connect("/ws?token=" + printed_token(server)).say("Where does my sister live?"), "Oslo"));
  CHECK(has(server.connect("/ws", {.token = ada}).say("Where does my sister live?"), "Oslo"));
  CHECK(has(server.command({"memory", "list", "--space", "token:ada"}).out, "Oslo"));
  CHECK(has(server.command({"memory", "list", "--space", "token:bob"}).out, "0 in all"));
}

TEST_CASE("tokens come and go while the server runs") {
  live_server server(public_bind);
  const auto token = new_token(server, "desk");
  CHECK(upgrade(server, "/ws?token=" + token) == 101);
  CHECK(server.command({"token", "add", "desk"}).status == 1);
  CHECK(has(server.command({"token", "list"}).out, "desk\tclient\n"));
  CHECK(server.command({"token", "remove", "desk"}).status == 0);
  CHECK(upgrade(server, "/ws?token=" + token) == 403);
  const auto again = server.command({"token", "remove", "desk"});
  CHECK(again.status == 1);
  CHECK(has(again.error, "desk"));
  CHECK_FALSE(has(server.command({"token", "list"}).out, "desk"));
}

TEST_CASE("operators' tokens open the console and no client connection, and the other way round") {
  live_server server(public_bind);
  const auto client = new_token(server, "desk");
  const auto made = server.command({"token", "add", "ops", "--scope", "act"});
  REQUIRE(made.status == 0);
  const auto token = made.out.substr(0, made.out.find('\n'));
  CHECK(server.command({"token", "add", "other", "--scope", "everything"}).status == 2);
  CHECK(has(server.command({"token", "list"}).out, "ops\tact\n"));
  CHECK(upgrade(server, "/ws?token=" + token) == 403);
  const auto me = [&](const std::string& with) {
    return server.http().get("/console/api/me", {{"Authorization", "Bearer " + with}});
  };
  CHECK(has(me(token).body, "\"token:ops\""));
  CHECK(me(client).status == 403);
  CHECK(me("tr_x").status == 401);
  CHECK(server.command({"token", "remove", "ops"}).status == 0);
  CHECK(me(token).status == 401);
  CHECK(server.http().get("/console/").status == 200);
  CHECK(server.stop() == 0);
  CHECK(server.command({"token", "add", "later", "--scope", "read"}).status == 0);
  CHECK(has(server.command({"token", "list"}).out, "later\tread\n"));
}

TEST_CASE("an operator's token alone still leaves clients in need of one, and OPERATOR_TOKEN opens the console") {
  const std::string secret = "an-operators-own-choice-0123456789";
  live_server server(settings_map{{"HOST", "0.0.0.0"}, {"OPERATOR_TOKEN", secret}});
  CHECK_FALSE(printed_token(server).empty());
  CHECK(upgrade(server, "/ws?token=" + secret) == 403);
  const auto me = server.http().get("/console/api/me", {{"Authorization", "Bearer " + secret}});
  CHECK(has(me.body, R"("operator":"token:operator","scopes":["read","act"])"));
  CHECK(server.stop() == 0);
  CHECK_FALSE(has(server.output(), secret));
}

TEST_CASE("LISTEN opens further ports, which serve the same clients") {
  live_server server(settings_map{{"LISTEN", "0,0"}});
  const auto state = object_of(read_text(server.data_dir() + "/server.json"));
  const auto& ports = state.at("ports").as_array();
  REQUIRE(ports.size() == 3);
  CHECK(ports[0] == server.port());
  luna_client first(ports[1].to_number<std::uint16_t>());
  luna_client second(ports[2].to_number<std::uint16_t>());
  CHECK(first.request(text_action("rewrite", "we was late")).text == "We were late.");
  CHECK(server.health().at("active_clients") == 2);
  CHECK(state.at("pid").to_number<int>() > 0);
  CHECK(server.stop() == 0);
  CHECK_FALSE(std::filesystem::exists(server.data_dir() + "/server.json"));
}
