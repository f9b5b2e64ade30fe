/// What goes wrong between us and a server, and how a reader learns of it.

#include "reader.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

using namespace troupe;
using namespace troupe::test;
using kind = http_transfer::event_kind;

namespace {

std::string peer_of(const scripted_http_server& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

/// A script that answers each request with exactly these bytes and closes.
peer_script saying(std::string bytes) {
  return [bytes = std::move(bytes)](peer& p) {
    p.read_request();
    p.send(bytes);
  };
}

/// A port on which nobody listens, and nobody can while this lives.
class closed_port {
 public:
  closed_port() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~closed_port() { ::close(descriptor_); }
  closed_port(const closed_port&) = delete;
  closed_port& operator=(const closed_port&) = delete;
  std::string peer() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

}  // namespace

TEST_CASE("a refused connection is unavailable and the message names only host and port") {
  const closed_port port;
  auto client = make_client();
  const auto answer = fetch(*client, get("http://" + port.peer() + "/secret?key=secret"));
  CHECK(answer.error == failure{failure_kind::unavailable, "no connection to " + port.peer() + ": Connection refused"});
}

TEST_CASE("a name that cannot be resolved is unavailable") {
  // Longer than a name's part may be, so that no server is asked.
  const auto host = std::string(64, 'a') + ".invalid";
  auto client = make_client();
  const auto answer = fetch(*client, get("http://" + host + "/secret"));
  CHECK(answer.error
        == failure{failure_kind::unavailable, "no connection to " + host + ":80: its name cannot be resolved"});
}

TEST_CASE("an answer that is cut off is a broken stream, after what came of it") {
  const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
  const std::string chunked = chunked_head() + chunk("half");
  const std::string in_chunk = chunked_head() + "a\r\nhalf";
  for (const auto& text : {length, chunked, in_chunk}) {
    for (const bool reset : {false, true}) {
      gate read;
      scripted_http_server server([&](peer& p) {
        p.read_request();
        p.send(text);
        p.wait(read);  // a reset would take what was not read with it
        if (reset) p.reset();
      });
      auto client = make_client();
      reader r(*client, get(server.url("/secret")));
      CHECK(r.next().kind == kind::head);
      CHECK(r.next().bytes == "half");
      read.open();
      const auto answer = r.rest();
      CHECK(answer.error.kind == failure_kind::broken_stream);
      CHECK(answer.error.message.starts_with("the answer of " + peer_of(server) + " was cut off"));
    }
  }
}

TEST_CASE("an answer of unknown length ends well with its connection") {
  scripted_http_server server(saying("HTTP/1.1 200 OK\r\n\r\nall of it"));
  auto client = make_client();
  const auto answer = fetch(*client, get(server.url()));
  CHECK(answer.error == failure{});
  CHECK(answer.body == "all of it");
}

TEST_CASE("what is not an HTTP answer is a broken stream") {
  for (const std::string& text : {std::string(), std::string("SSH-2.0-OpenSSH\r\n"), std::string("HTTP/1.1 200"),
                                  chunked_head() + "zz\r\nhalf\r\n", std::string("HTTP/1.1 100 Continue\r\n\r\n"),
                                  "HTTP/1.1 200 OK\r\nX: " + std::string(400'000, 'x') + "\r\n\r\n"}) {
    scripted_http_server server(saying(text));
    auto client = make_client();
    const auto answer = fetch(*client, post(server.url("/secret"), "secret"));
    CAPTURE(text.substr(0, 40));
    CHECK(answer.error.kind == failure_kind::broken_stream);
    CHECK(answer.error.message.find(peer_of(server)) != std::string::npos);
    CHECK(answer.error.message.find("secret") == std::string::npos);
    CHECK(server.requests().size() == 1);
  }
}

TEST_CASE("many small headers are too large together") {
  scripted_http_server server([](peer& p) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\n");
    while (p.send("X-More: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  auto client = make_client();
  const auto answer = fetch(*client, get(server.url()));
  CHECK(answer.error.kind == failure_kind::broken_stream);
  CHECK(server.wait_closed(0));
}

TEST_CASE("a request is not repeated when its kept connection dies, unless it may be") {
  const auto dying = [](peer& p) {
    p.read_request();
    p.send(http_answer(200, "first"));
    p.read_request();  // and no answer
  };
  for (const bool repeatable : {false, true}) {
    scripted_http_server server(answering(http_answer(200, "again")));
    server.next(dying);
    auto client = make_client();
    CHECK(fetch(*client, get(server.url())).body == "first");
    const auto answer = fetch(*client, repeatable ? get(server.url()) : post(server.url(), "pay"));
    CHECK(answer.body == (repeatable ? "again" : ""));
    CHECK(answer.error.kind == (repeatable ? failure_kind::none : failure_kind::broken_stream));
    CHECK(server.requests().size() == (repeatable ? 3 : 2));
  }
}

TEST_CASE("a server that never answers is left after the stall limit") {
  scripted_http_server server([](peer& p) {
    p.read_request();
    p.wait_closed();
  });
  auto client = make_client();
  auto request = post(server.url(), "x");
  request.stall_limit = 150ms;
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = fetch(*client, request);
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(answer.error == failure{failure_kind::timeout, peer_of(server) + " sent nothing for 150 ms"});
  CHECK(took >= 150ms);
  CHECK(took < 10s);
  CHECK(server.wait_closed(0));
}

TEST_CASE("a stall in mid-answer ends it after what came, and each byte starts the limit anew") {
  scripted_http_server server([](peer& p) {
    p.read_request();
    p.send(chunked_head());
    for (int i = 0; i < 30; ++i) {  // longer than the limit altogether
      p.send(chunk("x"));
      std::this_thread::sleep_for(20ms);
    }
    p.wait_closed();
  });
  auto client = make_client();
  auto request = get(server.url());
  request.stall_limit = 500ms;
  const auto answer = fetch(*client, request);
  CHECK(answer.error.kind == failure_kind::timeout);
  CHECK(answer.body == std::string(30, 'x'));
}

TEST_CASE("the total limit ends also an answer that keeps coming") {
  scripted_http_server server([](peer& p) {
    p.read_request();
    p.send(chunked_head());
    while (p.send(chunk("x"))) std::this_thread::sleep_for(5ms);
  });
  auto client = make_client();
  auto request = get(server.url());
  request.total_limit = 200ms;
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = fetch(*client, request);
  CHECK(answer.error == failure{failure_kind::timeout, peer_of(server) + " did not finish within 200 ms"});
  CHECK(std::chrono::steady_clock::now() - begin >= 200ms);
  CHECK_FALSE(answer.body.empty());
  CHECK(server.wait_closed(0));
}

TEST_CASE("the connect limit covers the TLS handshake") {
  scripted_http_server server([](peer& p) { p.wait_closed(); });  // accepts, and never says a word
  auto client = make_client();
  auto request = get("https://" + peer_of(server) + "/");
  request.connect_limit = 150ms;
  const auto answer = fetch(*client, request);
  CHECK(answer.error == failure{failure_kind::timeout, "no connection to " + peer_of(server) + " within 150 ms"});
}
