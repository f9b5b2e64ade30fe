#include "../fixture.hpp"
#include "support/catch.hpp"

#include <sys/socket.h>

#include <thread>

using namespace troupe;
using namespace troupe::test;

namespace {
std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n";
}
}  // namespace

TEST_CASE("a connection serves request after request") {
  test_server server;
  server.start();
  http_client client(server.port());
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.get("/health");
    CHECK(reply.status == 200);
    CHECK(reply.headers.at("content-type") == "application/json");
    CHECK(reply.body == R"({"status":"healthy"})");
  }
  CHECK(client.post("/body/x", "hello").body == "x:hello");
}

TEST_CASE("errors of the server have a detail body") {
  test_server server;
  server.start();
  http_client client(server.port());
  auto reply = client.get("/none");
  CHECK(reply.status == 404);
  CHECK(reply.body == R"({"detail":"Not Found"})");
  reply = client.get("/echo");
  CHECK(reply.status == 404);
  CHECK(reply.body == R"({"detail":"Not Found"})");
  reply = client.request("DELETE", "/health", "");
  CHECK(reply.status == 405);
  CHECK(reply.headers.at("allow") == "GET, HEAD");
  CHECK(reply.body == R"({"detail":"Method Not Allowed"})");
  reply = client.get("/health", {{"Host", "evil.example.com"}});
  CHECK(reply.status == 403);
  reply = client.get("/health?x=%zz");
  CHECK(reply.status == 400);
  CHECK(reply.headers.at("connection") == "close");
}

TEST_CASE("HEAD is GET without the body") {
  test_server server;
  server.start();
  http_client client(server.port());
  const auto reply = client.request("HEAD", "/health", "");
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-length") == "20");
  // The next answer begins right behind the header.
  CHECK(client.get("/health").body.size() == 20);
}

TEST_CASE("pipelined requests are answered in order, however late the answers come") {
  test_server server;
  std::vector<std::thread> workers;
  server.routes().add("GET", "/later/{n}",
                      [&](const net::http_request& r, std::shared_ptr<net::http_responder> responder) {
                        workers.emplace_back([n = r.parameters.at("n"), responder = std::move(responder)] {
                          responder->respond({200, n});
                        });
                      });
  server.start();
  http_client client(server.port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += get("/later/" + std::to_string(i));
  client.raw().send(all);
  for (int i = 0; i < 50; ++i) CHECK(client.read_reply().body == std::to_string(i));
  for (auto& worker : workers) worker.join();
}

TEST_CASE("a handler that drops its responder answers 500") {
  test_server server;
  server.routes().add("GET", "/dropped", [](auto&, auto) {});
  server.start();
  http_client client(server.port());
  CHECK(client.get("/dropped").status == 500);
  CHECK(client.get("/health").status == 200);
}

TEST_CASE("an answer after the end of the server is harmless") {
  std::shared_ptr<net::http_responder> kept;
  std::promise<void> asked;
  {
    test_server server;
    server.routes().add("GET", "/kept", [&](auto&, auto responder) {
      kept = responder;
      asked.set_value();
    });
    server.start();
    http_client client(server.port());
    client.raw().send(get("/kept"));
    asked.get_future().wait();
    CHECK_FALSE(server.server().close_all(1001, 0ms));
    CHECK(server.server().connections() == 0);
  }
  CHECK(kept->respond({200, "too late"}));
}

TEST_CASE("a body over the route's limit is 413, announced or chunked") {
  test_server server;
  server.routes().add("POST", "/small",
                      [](const net::http_request& r, auto responder) {
                        responder->respond({200, r.body});
                      },
                      {.body_limit = 10});
  server.start();
  CHECK(http_client(server.port()).post("/small", "0123456789").status == 200);
  const auto reply = http_client(server.port()).post("/small", "0123456789a");
  CHECK(reply.status == 413);
  CHECK(reply.body.find("10 bytes") != std::string::npos);
  http_client chunked(server.port());
  chunked.raw().send(
      "POST /small HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n");
  CHECK(chunked.read_reply().status == 413);
}

TEST_CASE("a client that waits for 100 Continue gets it") {
  test_server server;
  server.start();
  http_client client(server.port());
  client.raw().send("POST /body/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.raw().receive_until("\r\n\r\n").starts_with("HTTP/1.1 100 "));
  client.raw().send("hi");
  CHECK(client.read_reply().body == "a:hi");
}

TEST_CASE("a megabyte of garbage is answered with 400 and closed") {
  test_server server;
  server.start();
  raw_client client(server.port());
  std::string garbage;
  std::uint32_t state = 7;
  for (int i = 0; i < 1024 * 1024; ++i) garbage += static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
  client.send(garbage);
  ::shutdown(client.descriptor(), SHUT_WR);
  CHECK(client.receive_all().starts_with("HTTP/1.1 400 "));
  CHECK(http_client(server.port()).get("/health").status == 200);
}

TEST_CASE("a header over 16 KiB is 431") {
  test_server server;
  server.start();
  http_client client(server.port());
  client.raw().send(get("/health", "X-Long: " + std::string(17 * 1024, 'x') + "\r\n"));
  CHECK(client.read_reply().status == 431);
}

TEST_CASE("a header that trickles in is 408 at its deadline, whatever arrives meanwhile") {
  net::server_options options;
  options.http.header_deadline = 200ms;
  test_server server(std::move(options));
  server.start();
  raw_client client(server.port());
  const auto begin = std::chrono::steady_clock::now();
  std::string answer;
  client.send("GET /health HTTP/1.1\r\n");
  // A byte every 20 ms: an idle time-out would never fire.
  while (answer.empty() && std::chrono::steady_clock::now() - begin < patience) {
    client.send("x");
    try {
      answer = client.receive_some(4096, 20ms);
    } catch (const std::runtime_error&) {
    }
  }
  CHECK(answer.starts_with("HTTP/1.1 408 "));
}

TEST_CASE("a body that does not arrive is 408") {
  net::server_options options;
  options.http.body_deadline = 50ms;
  test_server server(std::move(options));
  server.start();
  http_client client(server.port());
  client.raw().send("POST /body/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\nhalf");
  CHECK(client.read_reply().status == 408);
}

TEST_CASE("an idle connection is closed") {
  net::server_options options;
  options.http.idle_timeout = 50ms;
  test_server server(std::move(options));
  server.start();
  http_client client(server.port());
  CHECK(client.get("/health").status == 200);
  CHECK(client.raw().receive_all().empty());
}

TEST_CASE("upgrades are refused with the reason as JSON") {
  net::server_options options;
  options.admission.verify = [](std::string_view token) -> std::optional<std::string> {
    if (token == "right") return "desk";
    return std::nullopt;
  };
  test_server server(std::move(options));
  server.start();
  auto refused = [&](const std::string& path, const ws_options& o) -> unsigned {
    try {
      ws_client client(server.port(), path, o);
      return 101;
    } catch (const ws_refused& e) {
      CHECK(e.body.find("{\"detail\":") == 0);
      return e.status;
    }
  };
  CHECK(refused("/none", {}) == 403);
  CHECK(refused("/health", {}) == 403);
  CHECK(refused("/echo", {.origin = "https://evil.example.com"}) == 403);
  CHECK(refused("/echo", {.host = "evil.example.com"}) == 403);
  CHECK(refused("/echo", {.token = "wrong"}) == 403);
  CHECK(refused("/echo?token=wrong", {}) == 403);
  CHECK(refused("/echo", {.origin = "file://"}) == 101);
  CHECK(server.seen()->principal == "local");
  CHECK(refused("/echo?token=right", {}) == 101);
  CHECK(server.seen()->principal == "token:desk");
  http_client client(server.port());
  const auto reply = client.post("/body/x", "", {{"Authorization", "Bearer wrong"}});
  CHECK(reply.status == 401);
  CHECK(reply.headers.at("www-authenticate") == "Bearer");
}

TEST_CASE("broken upgrades are 400 and 426") {
  test_server server;
  server.start();
  const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  http_client bad_key(server.port());
  bad_key.raw().send(get("/echo", upgrade + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n"));
  CHECK(bad_key.read_reply().status == 400);
  http_client old(server.port());
  old.raw().send(get("/echo", upgrade + "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  const auto reply = old.read_reply();
  CHECK(reply.status == 426);
  CHECK(reply.headers.at("sec-websocket-version") == "13");
}
