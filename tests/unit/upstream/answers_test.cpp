/// Requests as they reach a server, answers as they reach a reader.

#include "reader.hpp"

#include <algorithm>
#include <vector>

using namespace troupe;
using namespace troupe::test;
using kind = http_transfer::event_kind;

TEST_CASE("a request arrives as it was given and its answer comes back") {
  scripted_http_server server(answering(http_answer(201, "hello", "X-Kind: first\r\nx-kind: second\r\n")));
  auto client = make_client();
  auto request = post(server.url("/v1/chat?x=1"), R"({"a":1})");
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}, {"Authorization", "Bearer k"}};
  const auto answer = fetch(*client, std::move(request));

  CHECK(answer.error == failure{});
  CHECK(answer.head.status == 201);
  CHECK(answer.head.header("x-kind") == "first");
  CHECK(answer.body == "hello");
  const auto seen = server.requests();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].method == "POST");
  CHECK(seen[0].path == "/v1/chat?x=1");
  CHECK(seen[0].body == R"({"a":1})");
  CHECK(seen[0].header("content-type") == "application/json");
  CHECK(seen[0].header("authorization") == "Bearer k");
  CHECK(seen[0].header("user-agent") == "troupe");
  const auto has = [&](const std::string& name) {
    return std::any_of(seen[0].headers.begin(), seen[0].headers.end(), [&](auto& h) { return h.first == name; });
  };
  CHECK(has("x-empty"));
  CHECK_FALSE(has("expect"));
  CHECK_FALSE(has("accept-encoding"));
}

TEST_CASE("each method says of its body what HTTP wants") {
  scripted_http_server server([](peer& p) {
    while (auto request = p.read_request())
      if (!p.send(request->method == "HEAD" ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" : http_answer(200, "")))
        return;
  });
  auto client = make_client();
  for (const std::string method : {"GET", "HEAD", "DELETE", "POST", "PUT"}) {
    auto request = get(server.url());
    request.method = method;
    const auto answer = fetch(*client, request);
    CHECK(answer.error == failure{});
    CHECK(answer.head.status == 200);
    CHECK(answer.body.empty());
    const auto seen = server.requests().back();
    CHECK(seen.method == method);
    CHECK(seen.header("content-length") == (method == "POST" || method == "PUT" ? "0" : ""));
    CHECK(seen.header("content-type").empty());
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a body larger than any buffer arrives whole") {
  scripted_http_server server(answering([](const seen_request& r) { return http_answer(200, r.body); }));
  auto client = make_client();
  std::string body;
  for (int i = 0; body.size() < 3'000'000; ++i) body += std::to_string(i);
  const auto answer = fetch(*client, post(server.url(), body));
  CHECK(answer.error == failure{});
  CHECK(answer.body == body);
}

TEST_CASE("head, body pieces and one end come in this order, however the bytes are cut") {
  const auto text = chunked_head("Content-Type: text/event-stream\r\n") + chunk("data: one\n\n")
                    + chunk("data: two\n\n") + std::string(last_chunk);
  scripted_http_server server([&](peer& p) {
    while (p.read_request()) p.send_pieces(text, 1);
  });
  auto client = make_client();
  reader r(*client, get(server.url()));
  auto event = r.next();
  REQUIRE(event.kind == kind::head);
  CHECK(event.head.header("content-type") == "text/event-stream");
  std::string body;
  for (event = r.next(); event.kind == kind::body; event = r.next()) body += event.bytes;
  REQUIRE(event.kind == kind::ended);
  CHECK(event.error == failure{});
  CHECK(body == "data: one\n\ndata: two\n\n");
  CHECK(r.transfer().poll().kind == kind::ended);
}

TEST_CASE("the head is there before the body's first byte") {
  gate more;
  scripted_http_server server([&](peer& p) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    p.wait(more);
    p.send("ok");
    p.wait_closed();
  });
  auto client = make_client();
  reader r(*client, get(server.url()));
  CHECK(r.next().kind == kind::head);
  CHECK(r.transfer().poll().kind == kind::nothing);
  more.open();
  CHECK(r.rest().body == "ok");
}

TEST_CASE("interim answers and trailers are not taken for the head") {
  scripted_http_server server([](peer& p) {
    p.read_request();
    p.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    p.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: "
        "5\r\n\r\n");
    p.wait_closed();
  });
  auto client = make_client();
  const auto answer = fetch(*client, get(server.url()));
  CHECK(answer.error == failure{});
  CHECK(answer.head.status == 200);
  CHECK(answer.head.header("link").empty());
  CHECK(answer.head.header("x-sum").empty());
  CHECK(answer.body == "ok");
}

TEST_CASE("a redirect is the answer and is not followed") {
  scripted_http_server server(answering(http_answer(302, "", "Location: /elsewhere\r\n")));
  auto client = make_client();
  const auto answer = fetch(*client, get(server.url("/here")));
  CHECK(answer.head.status == 302);
  CHECK(answer.head.header("location") == "/elsewhere");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("a connection is used again") {
  scripted_http_server server(answering(http_answer(200, "ok")));
  auto client = make_client();
  for (int i = 0; i < 5; ++i) CHECK(fetch(*client, get(server.url())).body == "ok");
  CHECK(server.connections() == 1);
}

TEST_CASE("a thousand quick requests need one connection") {
  scripted_http_server server(answering([](const seen_request& r) { return http_answer(200, r.path); }));
  auto client = make_client();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    const auto path = "/" + std::to_string(i);
    const auto answer = fetch(*client, get(server.url(path)));
    if (answer.body != path || answer.error.kind != failure_kind::none) FAIL("wrong answer to " + path);
  }
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  WARN("a request and its answer took " << took.count() / 1000 << " us");
  CHECK(server.connections() == 1);
}

TEST_CASE("requests run at the same time, each with its own answer") {
  gate all;
  scripted_http_server server([&](peer& p) {
    while (auto request = p.read_request()) {
      p.wait(all);
      p.send(http_answer(200, request->path));
    }
  });
  auto client = make_client();
  std::vector<std::unique_ptr<reader>> readers;
  for (int i = 0; i < 50; ++i)
    readers.push_back(std::make_unique<reader>(*client, get(server.url("/" + std::to_string(i)))));
  CHECK(server.wait_requests(50).size() == 50);
  all.open();
  for (int i = 0; i < 50; ++i) CHECK(readers[i]->rest().body == "/" + std::to_string(i));
}

TEST_CASE("idle connections above the limit are closed") {
  gate all;
  scripted_http_server server([&](peer& p) {
    while (p.read_request()) {
      p.wait(all);
      p.send(http_answer(200, "ok"));
    }
  });
  auto client = make_client({.kept_connections = 2});
  std::vector<std::unique_ptr<reader>> readers;
  for (int i = 0; i < 5; ++i) readers.push_back(std::make_unique<reader>(*client, get(server.url())));
  server.wait_requests(5);
  all.open();
  for (auto& r : readers) CHECK(r->rest().body == "ok");
  CHECK(server.wait_closed_count(3) == 3);
}
