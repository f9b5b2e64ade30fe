/// DESIGN section 1 and contract 14, "Privacy": the log names clients and kinds
/// and holds neither what was said nor a token.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

const std::string secret = "zyzzogeton";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

/// Says the secret in every way there is, well-formed and not.
void tell_secret(live_server& server, const std::string& token) {
  auto client = server.connect("/ws?token=" + token);
  const auto words = "My word is " + secret + ".";
  client.say(words);
  client.say("What is my " + secret + "?");
  client.request(text_action("rewrite", words, R"(,"numbered":true)"));
  client.send(text_action(secret, "x"));
  client.next();
  client.send(R"({"type":")" + secret + R"(","payload":{"x":")" + secret + "\"}}");
  client.send("garbage " + secret);
  client.send(R"(["garbage )" + secret + "\"]");
  client.socket().send_binary(secret);
  client.rest();
  client.send(R"({"type":"resume_text_session","session_id":")" + secret + "\"}");
  client.next();
  client.socket().send_raw(raw_frame(1, "\xFF" + secret));
  client.socket().wait_close();
  server.http().get("/" + secret + "?token=" + token);
  try {
    server.connect("/ws?token=wrong-" + secret);
    FAIL("a wrong token was taken");
  } catch (const ws_refused&) {
  }
  server.command({"memory", "recall", "--space", "token:first", secret});
}

}  // namespace

TEST_CASE("log lines name clients and hold no content and no token, even at the finest level") {
  const auto format = GENERATE("text", "json");
  live_server server(
      settings_map{{"AUTH", "on"}, {"LOG_LEVEL", "trace"}, {"LOG_TO_FILE", "on"}, {"LOG_FORMAT", format}});
  const auto printed = server.output();
  const auto at = printed.find("tr_");
  REQUIRE(at != printed.npos);
  const auto token = printed.substr(at, printed.find_first_of(" \n", at) - at);
  tell_secret(server, token);
  CHECK(server.stop() == 0);
  const auto log = read_text(server.data_dir() + "/troupe.log");
  CHECK_FALSE(has(log, secret));
  CHECK_FALSE(has(server.output(), secret));
  CHECK_FALSE(has(log, token.substr(3, 20)));
  // On standard output it stands twice, in the greeting only.
  CHECK_FALSE(has(server.output().substr(printed.size()), token.substr(3, 20)));
  CHECK(has(log, "client_connected"));
  CHECK(has(log, "client_disconnected"));
  CHECK(has(log, "bad_frame"));
  CHECK(has(log, "stopped"));
}

TEST_CASE("with LOG_FORMAT=json every line is one object, and a client's lines share its identifier") {
  live_server server(settings_map{{"LOG_FORMAT", "json"}, {"LOG_TO_FILE", "yes"}, {"LOG_LEVEL", "debug"}});
  {
    auto client = server.connect();
    client.send("garbage");
    client.rest();
  }
  CHECK(server.health_becomes([](auto& health) { return health.at("active_clients") == 0; }));
  CHECK(server.stop() == 0);
  std::string connected, faulty, disconnected;
  const auto lines = lines_of(read_text(server.data_dir() + "/troupe.log"));
  CHECK(lines.size() >= 4);
  for (auto& line : lines) {
    INFO(line);
    json::object entry;
    REQUIRE_NOTHROW(entry = object_of(line));
    const auto text = json::serialize(entry);
    const auto client = text_of(entry, "client");
    if (has(text, "\"client_connected\"")) connected = client;
    if (has(text, "\"bad_frame\"")) faulty = client;
    if (has(text, "\"client_disconnected\"")) disconnected = client;
  }
  CHECK(connected.size() == 36);
  CHECK(connected == faulty);
  CHECK(connected == disconnected);
}

TEST_CASE("LOG_TO_FILE=false writes no file, whatever the original took it for") {
  live_server server(settings_map{{"LOG_TO_FILE", "false"}});
  server.connect();
  CHECK(server.stop() == 0);
  CHECK_FALSE(std::filesystem::exists(server.data_dir() + "/troupe.log"));
}
