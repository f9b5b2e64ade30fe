#include "net/upstream/sse_reader.hpp"

#include "support/catch.hpp"

#include <vector>

using namespace troupe;
using upstream::sse_event;
using upstream::sse_reader;

namespace {

using events = std::vector<std::vector<std::string>>;  // type, data, id

void drain(sse_reader& reader, events& out) {
  for (;;) {
    auto next = reader.next();
    if (!next) {
      out.push_back({"failed", std::string(to_string(next.error().kind))});
      return;
    }
    if (!*next) return;
    out.push_back({(*next)->type, (*next)->data, (*next)->id});
  }
}

events whole(std::string_view text, std::size_t limit = 1000) {
  sse_reader reader(limit);
  events out;
  reader.feed(text);
  drain(reader, out);
  return out;
}

events byte_by_byte(std::string_view text, std::size_t limit = 1000) {
  sse_reader reader(limit);
  events out;
  for (char c : text) {
    reader.feed({&c, 1});
    drain(reader, out);
    if (!out.empty() && out.back()[0] == "failed") break;
  }
  return out;
}

events cut_at(std::string_view text, std::size_t at) {
  sse_reader reader(1000);
  events out;
  reader.feed(text.substr(0, at));
  drain(reader, out);
  reader.feed(text.substr(at));
  drain(reader, out);
  return out;
}

}  // namespace

TEST_CASE("events are the same wherever their stream is cut") {
  const std::string texts[] = {
      "data: one\n\ndata: two\n\n",
      "data: one\r\n\r\ndata: two\r\n\r\n",
      "data: one\r\rdata: two\r\r",
      "\xEF\xBB\xBF"
      "data: with a mark\n\n",
      "data: gr\xC3\xBC\xC3\x9F \xF0\x9F\x8E\xAD\ndata: \xE2\x82\xAC\r\n\nevent: end\r\ndata:\r\n\r\n",
      ": a comment\ndata: x\n: another\n\n:\n\nid: 7\nevent: kind\ndata: a\ndata:\ndata: b\n\ndata: c\n\n",
      "retry: 10\r\ndata: mixed\n\r\ndata: ends\r\n\rdata: too\r\n\n",
  };
  for (auto& text : texts) {
    CAPTURE(text);
    const auto expected = whole(text);
    CHECK_FALSE(expected.empty());
    CHECK(byte_by_byte(text) == expected);
    for (std::size_t at = 0; at <= text.size(); ++at) CHECK(cut_at(text, at) == expected);
  }
}

TEST_CASE("the fields of an event are read as the standard says") {
  CHECK(whole("data: one\n\n") == events{{"message", "one", ""}});
  CHECK(whole("data:one\n\n") == events{{"message", "one", ""}});
  CHECK(whole("data:  one\n\n") == events{{"message", " one", ""}});  // one space only
  CHECK(whole("data: a\ndata: b\ndata: c\n\n") == events{{"message", "a\nb\nc", ""}});
  CHECK(whole("data\n\ndata\ndata\n\ndata:") == events{{"message", "", ""}, {"message", "\n", ""}});
  CHECK(whole("data: a:b: c\n\n") == events{{"message", "a:b: c", ""}});
  CHECK(whole("event: error\ndata: x\n\ndata: y\n\n") == events{{"error", "x", ""}, {"message", "y", ""}});
  CHECK(whole("event:\ndata: x\n\n") == events{{"message", "x", ""}});
  CHECK(whole("event: lost\n\ndata: x\n\n") == events{{"message", "x", ""}});  // an event without data is none
  CHECK(whole("unknown: 1\nDATA: 2\n data: 3\ndata: x\n\n") == events{{"message", "x", ""}});
  CHECK(whole(": comment\n:\n::\n\ndata: x\n\n") == events{{"message", "x", ""}});
  CHECK(whole("\n\n\ndata: x\n\n\n\n") == events{{"message", "x", ""}});
}

TEST_CASE("an id stays until the next one, and one with a zero byte is not one") {
  CHECK(whole("id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n")
        == events{{"message", "a", "1"}, {"message", "b", "1"}, {"message", "c", ""}});
  CHECK(whole("id: 1\n\ndata: a\n\n") == events{{"message", "a", "1"}});
  CHECK(whole(std::string_view("id: 1\nid: 2\0\ndata: a\n\n", 23)) == events{{"message", "a", "1"}});
}

TEST_CASE("only the beginning of a stream may have a mark") {
  CHECK(whole("\xEF\xBB\xBF\xEF\xBB\xBF"
              "data: a\n\ndata: b\n\n")
        == events{{"message", "b", ""}});
  CHECK(whole("\xEF\xBB"
              "data: a\n\ndata: b\n\n")
        == events{{"message", "b", ""}});
}

TEST_CASE("a CR ends a line at once and an LF after it ends nothing more") {
  sse_reader reader;
  reader.feed("data: x\r\r");
  auto next = reader.next();
  REQUIRE((next && *next));
  CHECK((*next)->data == "x");
  reader.feed("\ndata: y\n\n");
  next = reader.next();
  REQUIRE((next && *next));
  CHECK((*next)->data == "y");
}

TEST_CASE("an event that the end cuts off is not given out") {
  CHECK(whole("data: one\n\ndata: two\n") == events{{"message", "one", ""}});
  CHECK(whole("data: one\n").empty());
}

TEST_CASE("the time to wait before a reconnect is digits only") {
  const auto retry = [](std::string_view text) {
    sse_reader reader;
    reader.feed(text);
    (void)reader.next();
    return reader.retry_ms();
  };
  CHECK(retry("retry: 1500\n") == 1500u);
  CHECK(retry("retry:0\n") == 0u);
  for (const auto* text :
       {"retry: 1.5\n", "retry: -1\n", "retry: \n", "retry\n", "retry: 99999999999999\n", "retry: 1 \n"})
    CHECK_FALSE(retry(text).has_value());
}

TEST_CASE("an event over the limit is a failure wherever it is cut, and it stays one") {
  const events failed{{"failed", "broken_stream"}};
  const std::string fits = "data: " + std::string(94, 'x') + "\n\n";
  CHECK(whole(fits, 100) == events{{"message", std::string(94, 'x'), ""}});
  CHECK(byte_by_byte(fits, 100) == whole(fits, 100));
  for (const auto& text : {"data: " + std::string(95, 'x') + "\n\n", ":" + std::string(100, 'x') + "\n",
                           "data: " + std::string(90, 'x') + "\ndata: 123456\n\n", std::string(101, 'x'),
                           "event: " + std::string(100, 'x') + "\n"}) {
    CHECK(whole(text, 100) == failed);
    CHECK(byte_by_byte(text, 100) == failed);
  }
  const auto after = whole("data: ok\n\n" + std::string(101, 'x') + "\n\ndata: late\n\n", 100);
  CHECK(after == events{{"message", "ok", ""}, {"failed", "broken_stream"}});

  sse_reader reader(10);
  reader.feed("data: far too long\n\n");
  CHECK_FALSE(reader.next());
  reader.feed("data: x\n\n");
  CHECK_FALSE(reader.next());
}

TEST_CASE("a long stream of small events is read in linear time and space") {
  sse_reader reader(100);
  const std::string event = "data: 0123456789\n\n";
  std::size_t seen = 0;
  for (int round = 0; round < 20'000; ++round) {
    reader.feed(event);
    reader.feed(event.substr(0, 5));
    while (true) {
      auto next = reader.next();
      REQUIRE(next);
      if (!*next) break;
      ++seen;
    }
    reader.feed(event.substr(5));
  }
  while (*reader.next()) ++seen;
  CHECK(seen == 40'000);
}
