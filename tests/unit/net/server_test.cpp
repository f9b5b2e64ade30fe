#include "net/local_socket.hpp"

#include "fixture.hpp"
#include "support/catch.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace troupe;
using namespace troupe::test;

namespace {

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

/// The server's end of the connection a client of this process has.
int server_side(std::uint16_t server_port, std::uint16_t client_port) {
  for (int descriptor = 0; descriptor < 4096; ++descriptor) {
    sockaddr_in mine{}, peer{};
    socklen_t size = sizeof mine;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&mine), &size) != 0) continue;
    size = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (ntohs(mine.sin_port) == server_port && ntohs(peer.sin_port) == client_port) return descriptor;
  }
  return -1;
}

int option(int descriptor, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(descriptor, level, name, &value, &size);
  return value;
}

struct temporary_directory {
  temporary_directory() {
    char name[] = "/tmp/troupe-net-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~temporary_directory() { std::filesystem::remove_all(path); }
  std::string path;
};

}  // namespace

TEST_CASE("every accepted socket sends at once and holds little back") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/echo");
  const int descriptor = server_side(server.port(), client.local_port());
  REQUIRE(descriptor >= 0);
  CHECK(option(descriptor, IPPROTO_TCP, TCP_NODELAY) == 1);
  CHECK(option(descriptor, SOL_SOCKET, SO_SNDBUF) <= 256 * 1024);
  CHECK(option(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT) == 32 * 1024);
}

TEST_CASE("several ports are opened and each actual port is told") {
  net::server_options options;
  options.listen = {{"127.0.0.1", 0}, {"localhost", 0}};
  test_server server(std::move(options));
  server.start();
  REQUIRE(server.server().endpoints().size() == 2);
  CHECK(server.server().endpoints()[0].port != server.server().endpoints()[1].port);
  CHECK(server.server().endpoints()[0].loopback);
  CHECK(http_client(server.port()).get("/health").status == 200);
}

TEST_CASE("a port in use is named, with what to do") {
  test_server first;
  first.start();
  net::server_options options;
  options.listen = {{"127.0.0.1", 0}, {"127.0.0.1", first.port()}};
  net::server second(std::move(options));
  const auto result = second.start();
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == failure_kind::exists);
  CHECK(result.error().message.find("127.0.0.1:" + std::to_string(first.port())) != std::string::npos);
  CHECK(result.error().message.find("set PORT") != std::string::npos);
  CHECK(second.endpoints().empty());
}

TEST_CASE("an address of another machine is refused by name") {
  net::server_options options;
  options.listen = {{"192.0.2.1", 0}};
  net::server server(std::move(options));
  const auto result = server.start();
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == failure_kind::invalid);
  CHECK(result.error().message.find("192.0.2.1") != std::string::npos);
}

TEST_CASE("over the connection cap a client gets 503, and a place once one is free") {
  net::server_options options;
  options.connection_cap = 2;
  test_server server(std::move(options));
  server.start();
  ws_client first(server.port(), "/echo");
  auto first_seen = server.seen();
  auto second = std::make_unique<ws_client>(server.port(), "/echo");
  auto second_seen = server.seen();
  CHECK_THROWS_AS(ws_client(server.port(), "/echo"), ws_refused);
  CHECK(http_client(server.port()).get("/health").status == 503);
  first.send("not disturbed");
  CHECK(first.receive() == "not disturbed");
  second->close();
  second.reset();
  // The count falls when the server has closed its end, just after the client saw it.
  for (unsigned status = 503; status != 200;) status = http_client(server.port()).get("/health").status;
}

TEST_CASE("out of descriptors the server waits, warns once and goes on") {
  std::mutex mutex;
  std::condition_variable changed;
  int warnings = 0;
  net::server_options options;
  options.warn = [&](std::string_view) {
    std::lock_guard lock(mutex);
    ++warnings;
    changed.notify_all();
  };
  test_server server(std::move(options));
  server.start();
  std::vector<int> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(::socket(AF_INET, SOCK_STREAM, 0));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit tight = before;
  // No number below the highest in use may be free, or accept would take it.
  std::vector<int> fillers;
  for (int filler; (filler = ::dup(clients[0])) < clients.back();) fillers.push_back(filler);
  tight.rlim_cur = static_cast<rlim_t>(::dup(clients[0]));
  const int last = static_cast<int>(tight.rlim_cur);
  ::setrlimit(RLIMIT_NOFILE, &tight);
  ::close(last);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int client : clients) REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  {
    std::unique_lock lock(mutex);
    CHECK(changed.wait_for(lock, patience, [&] { return warnings > 0; }));
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(http_client(server.port()).get("/health").status == 200);
  CHECK(warnings == 1);
  for (int descriptor : clients) ::close(descriptor);
  for (int descriptor : fillers) ::close(descriptor);
}

TEST_CASE("the control socket is private and its user the operator") {
  temporary_directory directory;
  const auto path = directory.path + "/troupe.sock";
  net::server_options options;
  options.local_socket = path;
  options.connection_cap = 0;
  {
    test_server server(std::move(options));
    server.routes().add("GET", "/who", [](const net::http_request& r, auto responder) {
      responder->respond({200, r.principal});
    });
    server.start();
    struct stat found {};
    REQUIRE(::lstat(path.c_str(), &found) == 0);
    CHECK(S_ISSOCK(found.st_mode));
    CHECK((found.st_mode & 0777) == 0600);
    CHECK(server.server().endpoints().back().path == path);
    // The cap is for the network; the operator always gets in.
    CHECK(http_client(path).get("/who").body == "operator");
    ws_client client(0, "/echo", {.unix_path = path});
    client.send("hello");
    CHECK(client.receive() == "hello");
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("only the same user and root may control") {
  CHECK(net::peer_may_control(1000, 1000));
  CHECK(net::peer_may_control(0, 1000));
  CHECK_FALSE(net::peer_may_control(1001, 1000));
  CHECK_FALSE(net::peer_may_control(1000, 0));
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK(*net::peer_user(pair[0]) == ::geteuid());
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_CASE("a stale control socket is replaced, a live one and a file are not") {
  temporary_directory directory;
  const auto path = directory.path + "/troupe.sock";
  const auto abandoned = net::open_local_socket(path);
  REQUIRE(abandoned.has_value());
  const auto live = net::open_local_socket(path);
  REQUIRE_FALSE(live.has_value());
  CHECK(live.error().kind == failure_kind::exists);
  ::close(*abandoned);
  const auto again = net::open_local_socket(path);
  REQUIRE(again.has_value());
  ::close(*again);
  const auto file = directory.path + "/file";
  std::ofstream(file) << "precious";
  const auto refused = net::open_local_socket(file);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == failure_kind::invalid);
  CHECK(std::filesystem::file_size(file) == 8);
  CHECK(net::open_local_socket(directory.path + std::string(200, 'x')).error().kind == failure_kind::invalid);
}

TEST_CASE("shutdown closes every socket with 1001 and lets answers finish") {
  test_server server;
  std::shared_ptr<net::http_responder> pending;
  std::promise<void> asked;
  server.routes().add("GET", "/slow", [&](auto&, auto responder) {
    pending = responder;
    asked.set_value();
  });
  server.start();
  ws_client one(server.port(), "/echo"), two(server.port(), "/echo");
  http_client idle(server.port()), busy(server.port());
  idle.get("/health");
  busy.raw().send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  asked.get_future().wait();
  server.server().stop_accepting();
  CHECK_THROWS(http_client(server.port()));
  auto closing = std::async(std::launch::async, [&] { return server.server().close_all(1001, patience); });
  CHECK(one.wait_close() == 1001);
  CHECK(two.wait_close() == 1001);
  CHECK(idle.raw().receive_all().empty());
  pending->respond({200, "done"});
  CHECK(busy.read_reply().body == "done");
  busy.raw().receive_all();
  ::shutdown(busy.raw().descriptor(), SHUT_WR);
  CHECK(closing.get());
  CHECK(server.server().connections() == 0);
}

TEST_CASE("a dialect may say more before its connection is closed at shutdown") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/record");
  auto seen = server.seen();
  seen->change([](auto& r) { r.ends_itself = true; });
  auto closing = std::async(std::launch::async, [&] { return server.server().close_all(1001, patience); });
  REQUIRE(seen->wait([](auto& r) { return r.asked_to_end == 1001; }));
  seen->out->send(shared_bytes(std::string("the last answer")), 0);
  seen->out->close(1001, "");
  CHECK(client.receive() == "the last answer");
  CHECK(client.wait_close() == 1001);
  CHECK(closing.get());
}

TEST_CASE("shutdown closes for a dialect that does not come to it") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/record");
  server.seen()->change([](auto& r) { r.ends_itself = true; });
  CHECK_FALSE(server.server().close_all(1001, 50ms));
  CHECK(client.wait_close() == 1001);
  CHECK(server.server().connections() == 0);
}

TEST_CASE("shutdown does not wait for those who do not answer") {
  test_server server;
  server.start();
  auto deaf = raw_websocket(server.port(), "/record");
  auto seen = server.seen();
  CHECK_FALSE(server.server().close_all(1001, 50ms));
  CHECK(seen->wait_closed());
  CHECK(seen->code == 1001);
  CHECK(server.server().connections() == 0);
}

TEST_CASE("a transport may outlive its server") {
  std::shared_ptr<recorder> seen;
  {
    test_server server;
    server.start();
    ws_client client(server.port(), "/echo");
    seen = server.seen();
  }
  seen->out->send(shared_bytes(std::string("nobody")), 0);
  seen->out->close(1000, "");
  CHECK(seen->code != 0);
}

TEST_CASE("a thousand connections leave no descriptor behind") {
  test_server server;
  server.start();
  { ws_client warm_up(server.port(), "/echo"); }
  CHECK(server.server().close_all(1001, patience));
  const auto before = open_descriptors();
  for (int i = 0; i < 250; ++i) {
    ws_client closed(server.port(), "/echo");
    closed.close();
    ws_client dropped(server.port(), "/echo");
    dropped.drop();
    http_client(server.port()).get("/health");
    raw_client half(server.port());
    half.send("GET / HT");
  }
  CHECK(server.server().close_all(1001, patience));
  // The last client may have gone before its connection was taken off the listener's queue.
  const auto end = std::chrono::steady_clock::now() + patience;
  while (open_descriptors() > before && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  CHECK(open_descriptors() <= before);
}
