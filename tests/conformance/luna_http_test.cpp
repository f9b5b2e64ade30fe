/// Luna contract, section 3: what answers over HTTP, and what does not.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

void check_not_found(const http_reply& reply) {
  CHECK(reply.status == 404);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(object_of(reply.body) == object_of(R"({"detail":"Not Found"})"));
}

}  // namespace

TEST_CASE("health holds the contract's fields and nothing is counted before anybody came") {
  live_server server;
  const auto reply = server.http().get("/health");
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(object_of(reply.body)
        == object_of(R"({"status":"healthy","active_clients":0,"active_voice_sessions":0,"active_text_sessions":0})"));
}

TEST_CASE("the root describes the server") {
  live_server server;
  const auto reply = server.http().get("/");
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-type") == "application/json");
  const auto body = object_of(reply.body);
  CHECK(fields_of(body) == "active_clients description endpoints name status version");
  CHECK(text_of(body, "status") == "running");
  CHECK(body.at("active_clients") == 0);
  CHECK(body.at("endpoints") == json::parse(R"({"health":"/health","websocket":"/ws"})"));
}

TEST_CASE("like Luna, the root is the original's own, field by field") {
  const auto by_flag = GENERATE(true, false);
  live_server server(by_flag ? settings_map{} : settings_map{{"TROUPE_LIKE", "luna"}},
                     by_flag ? std::vector<std::string>{"--like", "luna"} : std::vector<std::string>{});
  auto client = server.connect();
  CHECK(object_of(server.http().get("/").body) == object_of(R"({
    "name": "Luna AI Multi-Client Streaming Server", "version": "1.0.0", "status": "running", "active_clients": 1,
    "endpoints": {"health": "/health", "websocket": "/ws"},
    "description": "Multi-client WebSocket server for Luna AI agent communication"})"));
}

TEST_CASE("another method gets 405, an Allow header and the contract's body") {
  live_server server;
  for (const std::string path : {"/", "/health"}) {
    for (const std::string method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
      INFO(method << ' ' << path);
      const auto reply = server.http().request(method, path, "");
      CHECK(reply.status == 405);
      CHECK(reply.headers.at("allow").find("GET") != std::string::npos);
      CHECK(reply.headers.at("content-type") == "application/json");
      CHECK(object_of(reply.body) == object_of(R"({"detail":"Method Not Allowed"})"));
    }
  }
}

TEST_CASE("HEAD gets the headers of GET without its body") {
  live_server server;
  auto http = server.http();
  for (const std::string path : {"/", "/health"}) {
    INFO(path);
    const auto reply = http.request("HEAD", path, "");
    CHECK(reply.status == 200);
    CHECK(reply.headers.at("content-length") == std::to_string(http.get(path).body.size()));
  }
}

TEST_CASE("unknown paths and a plain GET of the socket's path get 404") {
  live_server server;
  for (const std::string path : {"/ws", "/ws/", "/nothing", "/health/", "/Health", "//", "/%2e%2e/etc/passwd"}) {
    INFO(path);
    check_not_found(server.http().get(path));
  }
}

TEST_CASE("answers carry no CORS headers") {
  live_server server;
  const auto reply = server.http().get("/health", {{"Origin", "http://localhost:5173"}});
  CHECK(reply.status == 200);
  CHECK_FALSE(reply.headers.contains("access-control-allow-origin"));
}

TEST_CASE("an upgrade on any other path is refused with 403") {
  live_server server;
  for (const std::string path : {"/health", "/wss", "/ws/x", "/chat"}) {
    INFO(path);
    try {
      ws_client client(server.port(), path);
      FAIL("the upgrade was accepted");
    } catch (const ws_refused& refused) {
      CHECK(refused.status == 403);
    }
  }
}

TEST_CASE("the port of the original and a query on the socket's path are taken") {
  live_server server;
  auto client = server.connect("/ws?anything=1");
  CHECK(client.silent());
}
