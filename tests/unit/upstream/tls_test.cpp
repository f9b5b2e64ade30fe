/// Certificates, and HTTP/2 where it is offered.

#include "h2_peer.hpp"
#include "reader.hpp"

#include <atomic>
#include <fstream>
#include <future>

using namespace troupe;
using namespace troupe::test;
using kind = http_transfer::event_kind;

TEST_CASE("a server with a certificate of its own making is trusted only when told to") {
  scripted_http_server server(answering(http_answer(200, "ok")), {.tls = true});
  const auto peer = "127.0.0.1:" + std::to_string(server.port());
  const auto strict = fetch(*make_client(), get(server.url("/secret")));
  CHECK(strict.error.kind == failure_kind::unavailable);
  CHECK(strict.error.message.starts_with("no connection to " + peer + ": its certificate is not trusted: "));
  CHECK(server.requests().empty());

  auto client = make_client({.extra_ca_file = server.certificate_file()});
  CHECK(fetch(*client, get(server.url())).body == "ok");
  CHECK(fetch(*client, get(server.url())).body == "ok");
  CHECK(server.connections() == 2);  // the refused one and one for both
}

TEST_CASE("a trusted certificate for another name is refused") {
  scripted_http_server server(answering(http_answer(200, "ok")), {.tls = true, .certificate_host = "other.invalid"});
  auto client = make_client({.extra_ca_file = server.certificate_file()});
  const auto answer = fetch(*client, get(server.url()));
  CHECK(answer.error.kind == failure_kind::unavailable);
  const auto peer = "127.0.0.1:" + std::to_string(server.port());
  CHECK(answer.error.message == "no connection to " + peer + ": its certificate is for another name");
}

TEST_CASE("an extra CA file that cannot be used is refused when the client is made") {
  const temporary_folder folder;
  CHECK(curl_client::make({.extra_ca_file = folder.file("none")}).error().kind == failure_kind::invalid);
  std::ofstream(folder.file("empty")).close();
  CHECK(curl_client::make({.extra_ca_file = folder.file("empty")}).error().kind == failure_kind::invalid);
  std::ofstream(folder.file("broken")) << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  CHECK(curl_client::make({.extra_ca_file = folder.file("broken")}).error().kind == failure_kind::invalid);
}

TEST_CASE("an answer over TLS that is cut off is a broken stream") {
  for (const auto& text : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                           "HTTP/1.1 200 OK\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"}) {
    scripted_http_server server(
        [&](peer& p) {
          p.read_request();
          p.send(text);
          p.cut();
        },
        {.tls = true});
    auto client = make_client({.extra_ca_file = server.certificate_file()});
    const auto answer = fetch(*client, get(server.url()));
    CHECK(answer.error.kind == failure_kind::broken_stream);
    CHECK(answer.body == "half");
  }
}

TEST_CASE("a server sees an abort over TLS") {
  scripted_http_server server(
      [](peer& p) {
        p.read_request();
        p.send(chunked_head() + chunk("x"));
        p.wait_closed();
      },
      {.tls = true});
  auto client = make_client({.extra_ca_file = server.certificate_file()});
  reader r(*client, get(server.url()));
  CHECK(r.next().kind == kind::head);
  const auto begin = std::chrono::steady_clock::now();
  r.destroy();
  const auto closed = server.wait_closed(0);
  REQUIRE(closed);
  CHECK(*closed - begin < 2s);
}

TEST_CASE("HTTP/2 is spoken where it is offered, one request after the other on a connection") {
  scripted_http_server server(
      [](peer& p) {
        h2_peer h2(p);
        while (auto stream = h2.next_request()) {
          h2.send_head(*stream);
          h2.send_data(*stream, "hel", false);
          h2.send_data(*stream, "lo", true);
        }
      },
      {.tls = true, .protocol = "h2"});
  auto client = make_client({.extra_ca_file = server.certificate_file()});
  for (int i = 0; i < 20; ++i) {
    const auto answer = fetch(*client, post(server.url(), "question"));
    CHECK(answer.error == failure{});
    CHECK(answer.head.status == 200);
    CHECK(answer.head.header("content-type") == "text/plain");
    CHECK(answer.body == "hello");
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("over HTTP/2 the server sees an abort") {
  std::promise<std::chrono::steady_clock::time_point> cancelled;
  scripted_http_server server(
      [&](peer& p) {
        h2_peer h2(p);
        const auto stream = h2.next_request();
        if (!stream) return;
        h2.send_head(*stream);
        h2.send_data(*stream, "x", false);
        h2.wait_cancelled(*stream);
        cancelled.set_value(std::chrono::steady_clock::now());
      },
      {.tls = true, .protocol = "h2"});
  auto client = make_client({.extra_ca_file = server.certificate_file()});
  reader r(*client, get(server.url()));
  CHECK(r.next().kind == kind::head);
  CHECK(r.next().kind == kind::body);
  auto seen = cancelled.get_future();
  const auto begin = std::chrono::steady_clock::now();
  r.destroy();
  REQUIRE(seen.wait_for(long_enough) == std::future_status::ready);
  const auto took = seen.get() - begin;
  WARN("an HTTP/2 abort was seen after " << took / 1us << " us");
  CHECK(took < 2s);
}

TEST_CASE("over HTTP/2 a reader that does not read stops its sender, and one that goes on gets every byte") {
  constexpr std::size_t total = 60'000'000;
  std::atomic<std::size_t> sent{0};
  scripted_http_server server(
      [&](peer& p) {
        h2_peer h2(p);
        const auto stream = h2.next_request();
        if (!stream) return;
        h2.send_head(*stream);
        const std::string piece(10'000, 'x');
        while (sent < total && h2.send_data(*stream, piece, sent + piece.size() == total)) sent += piece.size();
        p.wait_closed();
      },
      {.tls = true, .protocol = "h2", .send_buffer = 65536});
  auto client = make_client({.extra_ca_file = server.certificate_file()});
  auto request = get(server.url());
  request.max_buffered = 100'000;
  request.stall_limit = 300ms;
  reader r(*client, request);
  CHECK(r.next().kind == kind::head);
  const auto held = settled(sent);
  WARN("over HTTP/2 a stopped reader leaves " << held << " bytes on their way");
  CHECK(held < 3'000'000);
  const auto answer = r.rest();
  CHECK(answer.error == failure{});
  CHECK(answer.body.size() == total);
}

TEST_CASE("an HTTP/2 stream that is reset or cut is a broken stream") {
  for (const bool reset : {false, true}) {
    scripted_http_server server(
        [&](peer& p) {
          h2_peer h2(p);
          const auto stream = h2.next_request();
          if (!stream) return;
          h2.send_head(*stream);
          h2.send_data(*stream, "half", false);
          if (reset) {
            h2.reset_stream(*stream);
            p.wait_closed();
          }
        },
        {.tls = true, .protocol = "h2"});
    auto client = make_client({.extra_ca_file = server.certificate_file()});
    const auto answer = fetch(*client, get(server.url()));
    CHECK(answer.error.kind == failure_kind::broken_stream);
    CHECK(answer.body == "half");
  }
}
