#include "net/ws/frame_reader.hpp"

#include "net/ws/handshake.hpp"
#include "net/ws/write_queue.hpp"
#include "support/catch.hpp"
#include "support/ws_client.hpp"

#include <sys/socket.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::net;
using troupe::test::raw_frame;
using event = frame_reader::event;

namespace {

constexpr std::size_t limit = 1024 * 1024;

/// The first thing the reader says of these bytes, fed `step` at a time.
event first(frame_reader& reader, std::string_view bytes, std::size_t step = 1'000'000'000) {
  while (!bytes.empty()) {
    auto part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    if (auto result = reader.next(part); result != event::need_more) return result;
  }
  return event::need_more;
}

std::uint16_t error_of(const std::string& bytes) {
  frame_reader reader(limit);
  return first(reader, bytes) == event::error ? reader.close_code() : 0;
}

std::string close_body(std::uint16_t code, std::string_view reason = "") {
  return close_payload(code, reason);
}

}  // namespace

TEST_CASE("a text of any length comes out whole however the bytes are cut") {
  for (std::size_t size : {0, 1, 7, 125, 126, 127, 65535, 65536, 70001}) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
    for (std::size_t step : {1, 3, 1000, 1'000'000}) {
      frame_reader reader(limit);
      REQUIRE(first(reader, raw_frame(1, text), step) == event::text);
      REQUIRE(reader.take() == text);
      REQUIRE_FALSE(reader.busy());
    }
  }
}

TEST_CASE("fragments join around control frames") {
  frame_reader reader(limit);
  const auto bytes =
      raw_frame(1, "Hel", false) + raw_frame(9, "are you there") + raw_frame(0, "l", false) + raw_frame(0, "o");
  std::string_view input = bytes;
  REQUIRE(reader.next(input) == event::ping);
  CHECK(reader.control() == "are you there");
  CHECK(reader.busy());
  REQUIRE(reader.next(input) == event::text);
  CHECK(reader.take() == "Hello");
  CHECK(reader.finished() == 1);
}

TEST_CASE("a character may be cut between fragments") {
  frame_reader reader(limit);
  REQUIRE(first(reader, raw_frame(1, "\xC3", false) + raw_frame(0, "\xBC")) == event::text);
  CHECK(reader.take() == "ü");
}

TEST_CASE("binary messages are counted and not kept") {
  frame_reader reader(limit);
  REQUIRE(first(reader, raw_frame(2, std::string(5000, 'x'), false) + raw_frame(0, std::string(500, 'x')))
          == event::binary);
  CHECK(reader.size() == 5500);
  CHECK(reader.held() == 0);
}

TEST_CASE("breaches of the protocol are 1002") {
  CHECK(error_of(raw_frame(1, "x", true, false)) == 1002);      // unmasked
  CHECK(error_of(std::string("\xC1\x80\0\0\0\0", 6)) == 1002);  // reserved bit
  CHECK(error_of(raw_frame(3, "x")) == 1002);                   // reserved opcode
  CHECK(error_of(raw_frame(11, "x")) == 1002);                  // reserved control opcode
  CHECK(error_of(raw_frame(0, "x")) == 1002);                   // continuation of nothing
  CHECK(error_of(raw_frame(1, "x", false) + raw_frame(1, "y")) == 1002);
  CHECK(error_of(raw_frame(9, "x", false)) == 1002);                    // fragmented ping
  CHECK(error_of(raw_frame(9, std::string(126, 'x'))) == 1002);         // long ping
  CHECK(error_of(raw_frame(8, "x")) == 1002);                           // close of one byte
  CHECK(error_of(std::string("\x81\xFE\x00\x05\0\0\0\0", 8)) == 1002);  // length not shortest
  CHECK(error_of(std::string("\x81\xFF\x80\0\0\0\0\0\0\0\0\0\0\0", 14)) == 1002);
  for (int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000})
    CHECK(error_of(raw_frame(8, close_body(static_cast<std::uint16_t>(code)))) == 1002);
}

TEST_CASE("a message over the limit is 1009 as soon as its length is known") {
  const auto whole = raw_frame(1, std::string(limit + 1, 'x'));
  CHECK(error_of(whole.substr(0, 14)) == 1009);
  CHECK(error_of(raw_frame(1, std::string(limit, 'x'), false) + raw_frame(0, "x")) == 1009);
  CHECK(error_of(raw_frame(2, std::string(limit, 'x'), false) + raw_frame(0, "x")) == 1009);
  frame_reader reader(limit);
  CHECK(first(reader, raw_frame(1, std::string(limit, 'x'))) == event::text);
}

TEST_CASE("text and reasons that are no UTF-8 are 1007") {
  CHECK(error_of(raw_frame(1, "\xFF")) == 1007);
  CHECK(error_of(raw_frame(1, "\xED\xA0\x80")) == 1007);
  CHECK(error_of(raw_frame(8, close_body(1000, "\xFF"))) == 1007);
}

TEST_CASE("a header's promise takes no memory") {
  frame_reader reader(16 * limit);
  CHECK(first(reader, raw_frame(1, std::string(10 * limit, 'x')).substr(0, 1000)) == event::need_more);
  CHECK(reader.held() < 8192);
  CHECK(reader.busy());
}

TEST_CASE("close codes and reasons are read") {
  frame_reader reader(limit);
  REQUIRE(first(reader, raw_frame(8, close_body(4001, "bye"))) == event::close);
  CHECK(reader.close_code() == 4001);
  CHECK(reader.control() == "bye");
  frame_reader silent(limit);
  REQUIRE(first(silent, raw_frame(8, "")) == event::close);
  CHECK(silent.close_code() == 1005);
}

TEST_CASE("random bytes never run away") {
  std::uint32_t state = 99;
  for (int round = 0; round < 3000; ++round) {
    frame_reader reader(4096);
    std::string bytes;
    for (int i = 0; i < 200; ++i) {
      state = state * 1664525u + 1013904223u;
      bytes += static_cast<char>(state >> 24);
    }
    std::string_view input = bytes;
    for (;;) {
      const auto before = input.size();
      const auto result = reader.next(input);
      if (result == event::need_more || result == event::error) break;
      REQUIRE(input.size() < before);
    }
    REQUIRE(reader.held() <= 8192);
  }
}

TEST_CASE("the handshake's key is answered as RFC 6455 shows") {
  CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK_FALSE(websocket_accept("").has_value());
  CHECK_FALSE(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=").has_value());
  CHECK_FALSE(websocket_accept("dGhl\r\nhbXBsZSBub25jZQ==").has_value());
}

TEST_CASE("a close reason that is too long is cut between characters") {
  std::string reason(122, 'x');
  reason += "ü";
  CHECK(close_payload(1000, reason).size() == 2 + 122);
  CHECK(close_payload(1000, std::string(123, 'x')).size() == 125);
}

TEST_CASE("stopping a turn drops its frames but the begun one, and keeps order") {
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
  write_queue queue;
  bool progress = false;
  // The first frame is larger than the kernel takes: it is begun and stuck.
  queue.push(opcode::text, shared_bytes(std::string(2'000'000, 'a')), 7);
  queue.push(opcode::text, shared_bytes(std::string("dropped")), 7);
  queue.push(opcode::text, shared_bytes(std::string("kept")), 0);
  queue.push(opcode::text, shared_bytes(std::string("dropped too")), 7);
  queue.push(opcode::text, shared_bytes(std::string("other")), 8);
  REQUIRE(queue.flush(pair[0], progress) == write_queue::outcome::blocked);
  CHECK(progress);
  queue.drop_turn(7);
  CHECK(queue.frames() == 3);
  queue.push_front(opcode::ping, shared_bytes(std::string("p")));
  std::string all;
  std::string buffer(65536, '\0');
  for (bool drained = false; !drained;) {
    drained = queue.flush(pair[0], progress) == write_queue::outcome::drained;
    for (ssize_t got; (got = ::read(pair[1], buffer.data(), buffer.size())) > 0;)
      all.append(buffer, 0, static_cast<std::size_t>(got));
  }
  CHECK(queue.bytes() == 0);
  CHECK(all.size() == 10 + 2'000'000 + 3 + 6 + 7);
  CHECK(all.substr(10 + 2'000'000) == std::string("\x89\x01p\x81\x04kept\x81\x05other"));
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_CASE("a reader that takes binary for text gives what is UTF-8, whole and in fragments") {
  frame_reader reader(limit, true);
  REQUIRE(first(reader, raw_frame(2, "{\"a\":1}")) == event::text);
  CHECK(reader.take() == "{\"a\":1}");
  const auto bytes = raw_frame(2, "Hel", false) + raw_frame(0, "lo");
  REQUIRE(first(reader, bytes, 3) == event::text);
  CHECK(reader.take() == "Hello");
  REQUIRE(first(reader, raw_frame(2, "a\xFFz")) == event::binary);
  CHECK(reader.size() == 3);
  CHECK(reader.held() == 0);
  REQUIRE(first(reader, raw_frame(1, "next")) == event::text);
  CHECK(reader.take() == "next");
}
