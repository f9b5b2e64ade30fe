#include "../fixture.hpp"
#include "support/catch.hpp"

#include <thread>

using namespace troupe;
using namespace troupe::test;

TEST_CASE("texts of every length come back whole") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/echo");
  for (std::size_t size : {0, 1, 125, 126, 1023, 1024, 1025, 65535, 65536, 200'000, 3'000'000}) {
    const std::string text(size, 'x');
    client.send(text);
    REQUIRE(client.receive() == text);
  }
}

TEST_CASE("frames sent with the handshake are not lost") {
  test_server server;
  server.start();
  raw_client client(server.port());
  client.send(
      "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
      + raw_frame(1, "early"));
  client.receive_until("\r\n\r\n");
  CHECK(client.receive(7) == "\x81\x05" "early");
}

TEST_CASE("ten thousand frames arrive in order in both directions") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/echo");
  std::thread sender([&] {
    raw_client other = raw_websocket(server.port(), "/record");
    std::string all;
    for (int i = 0; i < 10'000; ++i) all += raw_frame(1, std::to_string(i));
    other.send(all);
    auto seen = server.seen();
    CHECK(seen->wait([](auto& r) { return r.texts.size() == 10'000; }));
    for (int i = 0; i < 10'000; ++i) {
      if (seen->texts[static_cast<std::size_t>(i)] != std::to_string(i)) FAIL("out of order");
      seen->out->send(shared_bytes(std::to_string(i)), 0);
    }
    std::string expected;
    for (int i = 0; i < 10'000; ++i) {
      const auto text = std::to_string(i);
      expected += "\x81" + std::string(1, static_cast<char>(text.size())) + text;
    }
    CHECK(other.receive(expected.size()) == expected);
  });
  sender.join();
}

TEST_CASE("a binary message is told by its size") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/echo");
  client.send_binary(std::string(1234, '\xFF'));
  client.send("after");
  CHECK(client.receive() == "after");
  CHECK(server.seen()->binaries == std::vector<std::uint64_t>{1234});
}

TEST_CASE("a message of the limit passes and one byte more closes with 1009") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/record");
  client.send(std::string(16 * 1024 * 1024, 'x'));
  auto seen = server.seen();
  CHECK(seen->wait([](auto& r) { return r.texts.size() == 1; }));
  std::thread writer([&] {
    auto other = raw_websocket(server.port(), "/record");
    other.send(raw_frame(1, std::string(16 * 1024 * 1024 + 1, 'x')));
    const auto end = other.receive(4);
    CHECK(end.substr(0, 1) == "\x88");
    CHECK(end.substr(2) == "\x03\xF1");
  });
  writer.join();
  client.send("still here");
  CHECK(seen->wait([](auto& r) { return r.texts.size() == 2; }));
}

TEST_CASE("a route may have a limit of its own") {
  test_server server;
  server.routes().add_websocket("/tiny",
                                [](std::shared_ptr<transport>, const net::upgrade_request&) {
                                  return std::make_unique<recording_handler>(std::make_shared<recorder>(), false);
                                },
                                {.message_limit = 100});
  server.start();
  ws_client client(server.port(), "/tiny");
  client.send(std::string(101, 'x'));
  CHECK(client.wait_close() == 1009);
}

TEST_CASE("text that is no UTF-8 closes with 1007 and breaches with 1002") {
  test_server server;
  server.start();
  ws_client bad(server.port(), "/record");
  bad.send("\xC3\x28");
  CHECK(bad.wait_close() == 1007);
  CHECK(server.seen()->wait_closed());
  CHECK(server.seen()->code == 1007);
  ws_client unmasked(server.port(), "/record");
  unmasked.send_raw(raw_frame(1, "x", true, false));
  CHECK(unmasked.wait_close() == 1002);
}

TEST_CASE("pings are answered with their payload") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/echo");
  client.ping("there?");
  client.send("x");
  CHECK(client.receive() == "x");
  CHECK(client.last_pong() == "there?");
}

TEST_CASE("a client's close is echoed and told") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/echo");
  client.close(4002);
  CHECK(client.close_code() == 4002);
  auto seen = server.seen();
  REQUIRE(seen->wait_closed());
  CHECK(seen->code == 4002);
  // After the end every call is a no-op.
  seen->out->send(shared_bytes(std::string("late")), 0);
  seen->out->drop_turn(1);
  seen->out->close(1000, "");
  CHECK(server.server().close_all(1001, patience));
  CHECK(seen->out->queued_bytes() == 0);
}

TEST_CASE("a client that vanishes is told as 1006") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/echo");
  client.drop();
  REQUIRE(server.seen()->wait_closed());
  CHECK(server.seen()->code == 1006);
}

TEST_CASE("closing writes what is queued first") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/record");
  auto seen = server.seen();
  const std::string big(3'000'000, 'x');
  seen->out->send(shared_bytes(big), 0);
  seen->out->close(4010, "enough");
  CHECK(client.receive() == big);
  CHECK(client.wait_close() == 4010);
  CHECK(client.close_reason() == "enough");
  REQUIRE(seen->wait_closed());
  CHECK(seen->code == 4010);
}

TEST_CASE("a client that answers no close frame is dropped after a while") {
  net::server_options options;
  options.websocket.close_timeout = 50ms;
  test_server server(std::move(options));
  server.start();
  auto client = raw_websocket(server.port(), "/record");
  server.seen()->out->close(1000, "");
  CHECK(client.receive_all() == "\x88\x02\x03\xE8");
  CHECK(server.seen()->wait_closed());
}

TEST_CASE("a silent client is pinged and dropped when it does not answer") {
  net::server_options options;
  options.websocket.ping_interval = 30ms;
  options.websocket.pong_timeout = 60ms;
  test_server server(std::move(options));
  server.start();
  auto silent = raw_websocket(server.port(), "/record");
  auto seen = server.seen();
  CHECK(silent.receive_all().starts_with("\x89\x06troupe"));
  REQUIRE(seen->wait_closed());
  CHECK(seen->code == 1006);
  CHECK(seen->reason.find("ping") != std::string::npos);
}

TEST_CASE("a client that answers pings stays") {
  net::server_options options;
  options.websocket.ping_interval = 20ms;
  options.websocket.pong_timeout = 5s;
  test_server server(std::move(options));
  server.start();
  auto client = raw_websocket(server.port(), "/record");
  for (int i = 0; i < 5; ++i) {
    CHECK(client.receive(8) == "\x89\x06troupe");
    client.send(raw_frame(10, "troupe"));
  }
  CHECK(server.seen()->code == 0);
}

TEST_CASE("a message that trickles in is cut off at its deadline") {
  net::server_options options;
  options.websocket.message_deadline = 200ms;
  test_server server(std::move(options));
  server.start();
  auto client = raw_websocket(server.port(), "/record");
  const auto frame = raw_frame(1, std::string(100'000, 'x'));
  std::string answer;
  for (std::size_t i = 0; i < frame.size() && answer.empty(); ++i) {
    client.send(frame.substr(i, 1));
    try {
      answer = client.receive_some(100, 20ms);
    } catch (const std::runtime_error&) {
    }
  }
  CHECK(answer.substr(0, 1) == "\x88");
  CHECK(answer.substr(2, 2) == "\x03\xF0");
  CHECK(server.seen()->wait_closed());
}

TEST_CASE("a message that stops halfway is cut off, whole ones before it pass") {
  net::server_options options;
  options.websocket.message_deadline = 50ms;
  test_server server(std::move(options));
  server.start();
  auto client = raw_websocket(server.port(), "/echo");
  client.send(raw_frame(1, "one") + raw_frame(1, "two").substr(0, 4));
  CHECK(client.receive(5) == "\x81\x03one");
  const auto end = client.receive_all();
  CHECK(end.substr(2, 2) == "\x03\xF0");
}

TEST_CASE("unfinished messages share a budget, small ones are never cut off") {
  net::server_options options;
  options.websocket.half_read_budget = 3 * 1024 * 1024;
  test_server server(std::move(options));
  server.start();
  auto half = raw_frame(1, std::string(4 * 1024 * 1024, 'x'));
  half.resize(half.size() / 4);
  auto first = raw_websocket(server.port(), "/record");
  auto first_seen = server.seen();
  first.send(half);
  auto second = raw_websocket(server.port(), "/record");
  second.send(half + half);
  CHECK(second.receive_all().substr(2, 2) == "\x03\xF0");
  CHECK(first_seen->code == 0);
  auto small = raw_websocket(server.port(), "/echo");
  const auto frame = raw_frame(1, std::string(2000, 'y'));
  small.send(frame.substr(0, 1500));
  small.send(frame.substr(1500));
  CHECK(small.receive(2004).substr(4) == std::string(2000, 'y'));
  server.server().close_all(1001, 0ms);
  CHECK(server.server().half_read_bytes() == 0);
}

TEST_CASE("a client that never reads is closed at the bound and the others go on") {
  net::server_options options;
  options.websocket.write_queue = 1024 * 1024;
  options.websocket.abort_after = 50ms;
  test_server server(std::move(options));
  server.start();
  auto stuck = raw_websocket(server.port(), "/record", 4096);
  auto seen = server.seen();
  ws_client other(server.port(), "/echo");
  const shared_bytes frame(std::string(64 * 1024, 'x'));
  std::size_t most = 0;
  for (int i = 0; i < 200; ++i) {
    seen->out->send(frame, 1);
    most = std::max(most, seen->out->queued_bytes());
  }
  CHECK(most <= 1024 * 1024 + 16);
  other.send("still served");
  CHECK(other.receive() == "still served");
  REQUIRE(seen->wait_closed());
  CHECK(seen->code == 1008);
}

TEST_CASE("a client that takes no byte for too long is closed") {
  net::server_options options;
  options.websocket.write_stall = 50ms;
  options.websocket.abort_after = 20ms;
  test_server server(std::move(options));
  server.start();
  auto stuck = raw_websocket(server.port(), "/record", 4096);
  auto seen = server.seen();
  seen->out->send(shared_bytes(std::string(2 * 1024 * 1024, 'x')), 1);
  REQUIRE(seen->wait_closed());
  CHECK(seen->code == 1008);
}

TEST_CASE("one frame larger than the bound passes when it is alone") {
  net::server_options options;
  options.websocket.write_queue = 1000;
  test_server server(std::move(options));
  server.start();
  ws_client client(server.port(), "/record");
  server.seen()->out->send(shared_bytes(std::string(2'000'000, 'x')), 0);
  CHECK(client.receive().size() == 2'000'000);
}

TEST_CASE("a stopped turn's frames do not leave, the others do") {
  net::server_options options;
  options.websocket.write_queue = 64 * 1024 * 1024;
  test_server server(std::move(options));
  server.start();
  ws_client client(server.port(), "/record");
  auto seen = server.seen();
  // Larger than both kernels' buffers together: what follows is still queued.
  seen->out->send(shared_bytes(std::string(16'000'000, 'x')), 0);
  for (int i = 0; i < 100; ++i) seen->out->send(shared_bytes(std::string("delta")), 5);
  seen->out->send(shared_bytes(std::string("end")), 0);
  const auto before = seen->out->queued_bytes();
  seen->out->drop_turn(5);
  CHECK(seen->out->queued_bytes() + 700 == before);
  CHECK(client.receive().size() == 16'000'000);
  CHECK(client.receive() == "end");
}

TEST_CASE("many threads may send at once") {
  test_server server;
  server.start();
  ws_client client(server.port(), "/record");
  auto out = server.seen()->out;
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t)
    senders.emplace_back([out, t] {
      for (int i = 0; i < 500; ++i) out->send(shared_bytes(std::to_string(t) + ":" + std::to_string(i)), 0);
    });
  std::vector<int> next(4, 0);
  for (int i = 0; i < 2000; ++i) {
    const auto text = client.receive();
    auto& expected = next[static_cast<std::size_t>(text[0] - '0')];
    REQUIRE(text.substr(2) == std::to_string(expected++));
  }
  for (auto& sender : senders) sender.join();
}

TEST_CASE("a factory that makes nothing closes with 1013") {
  test_server server;
  server.routes().add_websocket("/full", [](auto, auto&) { return nullptr; });
  server.start();
  ws_client client(server.port(), "/full");
  CHECK(client.wait_close() == 1013);
}
