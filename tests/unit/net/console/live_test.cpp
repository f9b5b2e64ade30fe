/// docs/console.md, "Live".

#include "console_fixture.hpp"
#include "net/dialects/console/answer_print.hpp"
#include "net/dialects/console/watch_list.hpp"
#include "support/catch.hpp"

#include <atomic>

using namespace troupe;
using namespace troupe::test;

namespace {

std::string watch(const std::string& entries, int every_ms = 200) {
  return "{\"watch\":[" + entries + "],\"every_ms\":" + std::to_string(every_ms) + "}";
}

std::string entry(const std::string& key, const std::string& path) {
  return R"({"key":")" + key + R"(","path":"/console/api/)" + path + "\"}";
}

ws_client live(const console_server& server, const std::string& query = "?token=see-secret",
               std::map<std::string, std::string> headers = {}) {
  return ws_client(server.port(), "/console/live" + query, {.headers = std::move(headers)});
}

std::uint16_t refused_with(const console_server& server, const std::string& query,
                           std::map<std::string, std::string> headers = {}) {
  return live(server, query, std::move(headers)).wait_close();
}

}  // namespace

TEST_CASE("what is watched comes at once, and again only when it has changed") {
  console_server server;
  std::atomic<int> looks = 0, value = 1;
  server.inspector.answer("actors", [&](auto&) {
    const auto look = std::to_string(++looks);
    return inspect_answer{200,
                          R"({"at":)" + look + R"(,"value":)" + std::to_string(value) + R"(,"cost_us":)" + look + "}"};
  });
  auto client = live(server);
  client.send(watch(entry("a", "actors?sort=mailbox")));
  CHECK(client.receive() == R"({"key":"a","status":200,"body":{"at":1,"value":1,"cost_us":1}})");
  REQUIRE(server.inspector.wait_asked("actors", 3));
  value = 2;
  CHECK(has(client.receive(), R"("value":2,)"));  // nothing came in between
  const auto asked = server.inspector.asked().front();
  CHECK(asked == inspect_query{{"actors"}, {{"sort", "mailbox"}}, false, "", "token:see", false});
}

TEST_CASE("a change of status is a change") {
  console_server server;
  std::atomic<unsigned> status = 200;
  server.inspector.answer("actors", [&](auto&) { return inspect_answer{status, "{}"}; });
  auto client = live(server);
  client.send(watch(entry("a", "actors/7")));
  CHECK(client.receive() == R"({"key":"a","status":200,"body":{}})");
  status = 404;
  CHECK(client.receive() == R"({"key":"a","status":404,"body":{}})");
}

TEST_CASE("a slow inspector has one question of each watch, and the other watches go on") {
  console_server server;
  server.inspector.hold("store");
  server.inspector.answer("store", R"({"late":true})");
  auto client = live(server);
  client.send(watch(entry("slow", "store") + "," + entry("fast", "tools")));
  CHECK(has(client.receive(), "fast"));
  REQUIRE(server.inspector.wait_asked("tools", 3));
  CHECK(server.inspector.times("store") == 1);
  server.inspector.release();
  CHECK(client.receive() == R"({"key":"slow","status":200,"body":{"late":true}})");
  REQUIRE(server.inspector.wait_asked("store", 2));
}

TEST_CASE("a new list replaces the one before, and late answers to that are dropped") {
  console_server server;
  server.inspector.hold("store");
  auto client = live(server);
  client.send(watch(entry("old", "store"), 3'600'000));
  REQUIRE(server.inspector.wait_asked("store", 1));
  client.send(watch(entry("new", "tools"), 3'600'000));
  CHECK(has(client.receive(), R"("key":"new")"));
  server.inspector.release();
  client.send(watch(entry("newest", "models"), 3'600'000));
  CHECK(has(client.receive(), R"("key":"newest")"));
}

TEST_CASE("new lists in a row do not pile up questions") {
  console_server server;
  server.inspector.hold("store");
  auto client = live(server);
  std::string entries;
  for (int i = 0; i < 16; ++i) entries += (i ? "," : "") + entry("k" + std::to_string(i), "store");
  for (int i = 0; i < 20; ++i) client.send(watch(entries, 3'600'000));
  client.send("{}");
  CHECK(has(client.receive(), "watch"));  // everything before has been read
  CHECK(server.inspector.times("store") == 16);
  server.inspector.release();
  for (int i = 0; i < 16; ++i) CHECK(has(client.receive(), R"("status":200)"));
  CHECK(server.inspector.times("store") == 32);
}

TEST_CASE("a bad watch is told which field broke which rule, and the one before goes on") {
  struct row {
    std::string text;
    const char* names;
  };
  std::string seventeen;
  for (int i = 0; i < 17; ++i) seventeen += (i ? "," : "") + entry(std::to_string(i), "actors");
  const row table[] = {
      {"", "JSON"},
      {"[", "JSON"},
      {"[]", "watch: "},
      {R"({"watch":{}})", "watch: "},
      {watch(seventeen), "watch: must have at most 16"},
      {watch("7"), "watch[0].key: "},
      {watch(R"({"key":1,"path":"/console/api/actors"})"), "watch[0].key: "},
      {watch(entry("a", "actors") + R"(,{"key":"b"})"), "watch[1].path: "},
      {watch(R"({"key":"a","path":"/control/backup"})"), "watch[0].path: "},
      {watch(R"({"key":"a","path":"http://x/console/api/actors"})"), "watch[0].path: "},
      {watch(entry("a", "")), "watch[0].path: "},
      {watch(entry("a", "login")), "watch[0].path: "},
      {watch(entry("a", "actors?limit=%zz")), "watch[0].path: "},
      {watch(entry("a", "actors?limit=1&limit=2")), "watch[0].path: limit: "},
      {watch(entry("a", "actors") + "," + entry("a", "tools")), "watch[1].key: "},
      {watch(entry("a", "actors"), 199), "every_ms: "},
      {R"({"watch":[],"every_ms":"1s"})", "every_ms: "},
  };
  for (auto& r : table) {
    INFO(r.text);
    const auto parsed = console::parse_watch_list(r.text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(has(parsed.error().message, r.names));
  }
  console_server server;
  std::atomic<int> value = 1;
  server.inspector.answer("actors", [&](auto&) { return inspect_answer{200, std::to_string(value)}; });
  auto client = live(server);
  client.send(watch(entry("a", "actors")));
  CHECK(has(client.receive(), R"("body":1)"));
  client.send(watch(seventeen));
  CHECK(client.receive() == R"({"detail":"watch: must have at most 16 entries"})");
  client.send_binary("x");
  CHECK(has(client.receive(), "text"));
  value = 2;
  CHECK(has(client.receive(), R"("body":2)"));
}

TEST_CASE("a client that does not read misses what lay between, and not the newest") {
  console_server server([](auto&, auto& options) { options.websocket.write_queue = 1024 * 1024; });
  constexpr int watches = 16;
  const std::string filling(100 * 1024, 'x');
  std::atomic<int> version = 1;
  server.inspector.answer("actors", [&](auto&) {
    return inspect_answer{200, R"({"version":)" + std::to_string(version++) + R"(,"filling":")" + filling + "\"}"};
  });
  auto client = live(server);
  std::string entries;
  for (int i = 0; i < watches; ++i) entries += (i ? "," : "") + entry("k" + std::to_string(i), "actors");
  client.send(watch(entries));
  // 6 MiB by then, had all been kept; the socket would be closed.
  REQUIRE(server.inspector.wait_asked("actors", 4 * watches));
  server.inspector.answer("actors", R"({"version":"last"})");
  std::map<std::string, bool> newest;
  std::size_t bytes = 0;
  while (newest.size() < watches) {
    const auto frame = client.receive();
    bytes += frame.size();
    if (has(frame, R"("last")")) newest[frame.substr(0, frame.find(','))] = true;
  }
  CHECK(bytes < 3 * watches * filling.size());
}

TEST_CASE("live changes are for operators only, and close with 1008 for others") {
  console_server server;
  CHECK(refused_with(server, "") == 1008);
  CHECK(refused_with(server, "?token=guest-secret") == 1008);
  CHECK(refused_with(server, "?token=wrong") == 1008);
  const auto cookie = server.cookie("see-secret");
  CHECK(refused_with(server, "", {{"Cookie", cookie}, {"Origin", "http://localhost:5173"}}) == 1008);
  const auto works = [](ws_client client) {
    client.send(watch(entry("a", "tools")));
    return has(client.receive(), R"("key":"a")");
  };
  CHECK(works(live(server, "", {{"Cookie", cookie}})));
  CHECK(works(live(server, "", {{"Cookie", cookie}, {"Origin", "http://" + server.host()}})));
  CHECK(works(live(server, "", bearer("do-secret"))));
  for (int i = 0; i < 5; ++i) CHECK(refused_with(server, "?token=wrong") == 1008);
  CHECK(refused_with(server, "?token=see-secret") == 1013);
}

TEST_CASE("live changes end with the session and with the token") {
  console_server server;
  const auto cookie = server.cookie("see-secret");
  auto by_cookie = live(server, "", {{"Cookie", cookie}});
  auto by_token = live(server, "?token=do-secret");
  for (auto* client : {&by_cookie, &by_token}) {
    client->send(watch(entry("a", "tools")));
    CHECK(has(client->receive(), R"("key":"a")"));
  }
  CHECK(server.post_status("/console/api/logout", {{"Cookie", cookie}, {"x-troupe-console", "1"}}) == 204);
  CHECK(by_cookie.wait_close() == 1008);
  CHECK(has(by_cookie.close_reason(), "log in"));
  server.tokens.remove("do");
  by_token.send(watch(entry("a", "tools"), 3'600'000));
  CHECK(by_token.wait_close() == 1008);
}

TEST_CASE("two answers are the same but for the outermost at and cost_us") {
  const auto same = [](const char* a, const char* b) { return console::print_of(200, a) == console::print_of(200, b); };
  CHECK(same(R"({"at":1,"x":2,"cost_us":3})", R"({"at":9,"x":2,"cost_us":12345})"));
  CHECK(same(R"({"x":2, "cost_us" : [1,{"a":"]}"}] })", R"({"x":2,  "cost_us":7})") == false);  // other blanks count
  CHECK(same(R"({"x":2,"cost_us" : [1,{"a":"]},"}],"y":1})", R"({"x":2,"cost_us":7,"y":1})"));
  CHECK(same(R"({"x":"\"at\":1","at":1})", R"({"x":"\"at\":1","at":2})"));
  CHECK_FALSE(same(R"({"at":1,"x":2})", R"({"at":1,"x":3})"));
  CHECK_FALSE(same(R"({"lines":[{"at":1}]})", R"({"lines":[{"at":2}]})"));
  CHECK_FALSE(same(R"({"x":{"cost_us":1}})", R"({"x":{"cost_us":2}})"));
  CHECK_FALSE(same(R"({"x":"at","y":1})", R"({"x":"at","y":2})"));
  CHECK_FALSE(same(R"({"at_all":1})", R"({"at_all":2})"));
  CHECK_FALSE(same(R"(["at",1])", R"(["at",2])"));
  CHECK(console::print_of(200, "{}") != console::print_of(404, "{}"));
  for (const char* broken : {"", "\"", "{\"at\"", "{\"at\":", "}}{\"", "{\"at\":\"\\"}) {
    INFO(broken);
    CHECK(console::print_of(200, broken) == console::print_of(200, broken));
  }
}
