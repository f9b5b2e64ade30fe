/// Slow readers, aborts, and the life of clients and transfers.

#include "reader.hpp"

#include <atomic>
#include <future>

using namespace troupe;
using namespace troupe::test;
using kind = http_transfer::event_kind;

namespace {

/// Sends `total` bytes; `sent` says how many the kernel has taken.
peer_script pouring(std::size_t total, std::atomic<std::size_t>& sent) {
  return [total, &sent](peer& p) {
    p.read_request();
    p.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(total) + "\r\n\r\n");
    const std::string piece(16384, 'x');
    for (std::size_t left = total; left > 0;) {
      const auto size = std::min(left, piece.size());
      if (!p.send(std::string_view(piece).substr(0, size))) return;
      left -= size;
      sent = total - left;
    }
    p.wait_closed();
  };
}

/// A script that begins an endless answer and stays silent.
void begin_and_stall(peer& p) {
  p.read_request();
  p.send(chunked_head() + chunk("x"));
  p.wait_closed();
}

/// A script that answers nothing before `told` opens, so that a first poll finds nothing.
peer_script answering_after(gate& told) {
  return [&told](peer& p) {
    while (p.read_request())
      if (!p.wait(told) || !p.send(http_answer(200, "ok"))) return;
  };
}

}  // namespace

TEST_CASE("a reader that does not read stops its sender, and one that goes on gets every byte") {
  constexpr std::size_t total = 50'000'000;
  std::atomic<std::size_t> sent{0};
  scripted_http_server server(pouring(total, sent), {.send_buffer = 65536});
  auto client = make_client();
  auto request = get(server.url());
  request.max_buffered = 100'000;
  request.stall_limit = 100ms;  // a paused transfer does not stall
  reader r(*client, request);
  CHECK(r.next().kind == kind::head);
  const auto held = settled(sent);
  WARN("a stopped reader leaves " << held << " bytes on their way");
  CHECK(held < 3'000'000);
  auto event = r.next();
  REQUIRE(event.kind == kind::body);
  CHECK(event.bytes.size() >= 100'000);
  CHECK(event.bytes.size() < 100'000 + 16384 + 1);
  std::size_t read = event.bytes.size();
  std::size_t largest = 0;
  for (event = r.next(); event.kind == kind::body; event = r.next()) {
    read += event.bytes.size();
    largest = std::max(largest, event.bytes.size());
  }
  CHECK(event.error == failure{});
  CHECK(read == total);
  CHECK(largest < 100'000 + 16384 + 1);
}

TEST_CASE("a stopped reader costs the others nothing") {
  std::atomic<std::size_t> sent{0};
  scripted_http_server server(answering(http_answer(200, "quick")));
  server.next(pouring(20'000'000, sent));
  auto client = make_client();
  reader slow(*client, get(server.url()));
  CHECK(slow.next().kind == kind::head);
  settled(sent);
  for (int i = 0; i < 100; ++i) CHECK(fetch(*client, get(server.url())).body == "quick");
  CHECK(slow.rest().body.size() == 20'000'000);
}

TEST_CASE("what a server sent before it stalled is stalled only while the reader has room") {
  gate told;
  scripted_http_server server([&](peer& p) {
    p.read_request();
    p.send(chunked_head() + chunk(std::string(16, 'x')) + chunk("y"));
    p.wait(told);
    p.send(last_chunk);
    p.wait_closed();
  });
  auto client = make_client();
  auto request = get(server.url());
  request.max_buffered = 16;
  request.stall_limit = 100ms;
  reader r(*client, request);
  CHECK(r.next().kind == kind::head);
  std::this_thread::sleep_for(300ms);  // longer than the limit, paused
  CHECK(r.next().bytes == std::string(16, 'x'));
  CHECK(r.next().bytes == "y");
  CHECK(r.rest().error.kind == failure_kind::timeout);  // not paused any more
  told.open();
}

TEST_CASE("the server sees an abort at once") {
  scripted_http_server server(begin_and_stall);
  auto client = make_client();
  std::chrono::nanoseconds worst{0};
  for (std::size_t i = 0; i < 20; ++i) {
    reader r(*client, get(server.url()));
    CHECK(r.next().kind == kind::head);
    CHECK(r.next().kind == kind::body);
    const auto begin = std::chrono::steady_clock::now();
    r.destroy();
    const auto closed = server.wait_closed(i);
    REQUIRE(closed);
    worst = std::max<std::chrono::nanoseconds>(worst, *closed - begin);
  }
  WARN("the slowest of 20 aborts was seen after " << worst.count() / 1000 << " us");
  CHECK(worst < 2s);
}

TEST_CASE("an abort also reaches a server that has not answered yet or is being held back") {
  std::atomic<std::size_t> sent{0};
  scripted_http_server server([](peer& p) {
    p.read_request();
    p.wait_closed();
  });
  auto client = make_client();
  reader silent(*client, post(server.url(), "x"));
  server.wait_requests(1);
  silent.destroy();
  CHECK(server.wait_closed(0));

  server.next(pouring(20'000'000, sent));
  reader held(*client, get(server.url()));
  CHECK(held.next().kind == kind::head);
  settled(sent);
  held.destroy();
  CHECK(server.wait_closed(1));
}

TEST_CASE("a transfer that is destroyed at once opens nothing that stays") {
  scripted_http_server server(begin_and_stall);
  auto client = make_client();
  for (int i = 0; i < 200; ++i) client->open(get(server.url()), [] {});
  // The commands are obeyed in their order, so this one comes after them all.
  reader last(*client, get(server.url()));
  CHECK(last.next().kind == kind::head);
  const auto others = server.connections() - 1;
  last.destroy();
  CHECK(server.wait_closed_count(others) >= others);
}

TEST_CASE("wake comes once for a poll that found nothing and not otherwise") {
  gate told, over;
  scripted_http_server server([&](peer& p) {
    p.read_request();
    p.wait(told);
    p.send(http_answer(200, "ok"));
    p.wait(over);
  });
  auto client = make_client();
  reader r(*client, get(server.url()));
  server.wait_requests(1);
  CHECK(r.wakes() == 0);
  CHECK(r.transfer().poll().kind == kind::nothing);
  CHECK(r.transfer().poll().kind == kind::nothing);
  told.open();
  const auto answer = r.rest();
  CHECK(answer.body == "ok");
  CHECK(r.wakes() >= 1);
  CHECK(r.wakes() <= 4);  // two polls before, and at most one before each of body and end
}

TEST_CASE("a transfer may be destroyed by its own wake") {
  for (int i = 0; i < 50; ++i) {
    gate polled;
    scripted_http_server server(answering_after(polled));
    auto client = make_client();
    std::promise<void> gone;
    std::mutex guard;
    std::unique_ptr<http_transfer> transfer;
    std::unique_lock lock(guard);
    transfer = client->open(get(server.url()), [&] {
      { std::lock_guard wait_for_assignment(guard); }
      transfer.reset();
      gone.set_value();
    });
    REQUIRE(transfer->poll().kind == kind::nothing);
    lock.unlock();
    polled.open();
    REQUIRE(gone.get_future().wait_for(long_enough) == std::future_status::ready);
    CHECK(fetch(*client, get(server.url())).body == "ok");
  }
}

TEST_CASE("wake is never called after its transfer is destroyed") {
  scripted_http_server server(answering(http_answer(200, "ok")));
  auto client = make_client();
  std::atomic<int> late{0};
  for (int i = 0; i < 500; ++i) {
    auto alive = std::make_shared<std::atomic<bool>>(true);
    auto transfer = client->open(get(server.url()), [alive, &late] { late += !alive->load(); });
    for (int polls = 0; polls < i % 50; ++polls) transfer->poll();
    transfer.reset();
    *alive = false;
  }
  CHECK(fetch(*client, get(server.url())).body == "ok");
  CHECK(late == 0);
}

TEST_CASE("a destroyed client ends its transfers, which may outlive it") {
  scripted_http_server server(begin_and_stall);
  auto client = make_client();
  std::vector<std::unique_ptr<reader>> readers;
  for (int i = 0; i < 20; ++i) readers.push_back(std::make_unique<reader>(*client, get(server.url())));
  for (auto& r : readers) {
    CHECK(r->next().kind == kind::head);
    CHECK(r->next().kind == kind::body);
    CHECK(r->transfer().poll().kind == kind::nothing);
  }
  client.reset();
  CHECK(server.wait_closed_count(20) == 20);
  for (auto& r : readers) {
    const auto answer = r->rest();
    CHECK(answer.error == failure{failure_kind::interrupted, "the server is shutting down"});
  }
}

TEST_CASE("a client may be destroyed by a wake of its own") {
  gate polled;
  scripted_http_server server(answering_after(polled));
  auto client = make_client();
  std::promise<void> gone;
  std::mutex guard;
  std::unique_lock lock(guard);
  auto transfer = client->open(get(server.url()), [&] {
    { std::lock_guard wait_for_assignment(guard); }
    client.reset();
    gone.set_value();
  });
  REQUIRE(transfer->poll().kind == kind::nothing);
  lock.unlock();
  polled.open();
  REQUIRE(gone.get_future().wait_for(long_enough) == std::future_status::ready);
}
