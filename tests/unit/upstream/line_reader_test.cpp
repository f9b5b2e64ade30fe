#include "net/upstream/line_reader.hpp"

#include "support/catch.hpp"

#include <vector>

using namespace troupe;
using upstream::line_reader;

namespace {

using lines = std::vector<std::string>;

bool drain(line_reader& reader, lines& out) {
  for (;;) {
    auto next = reader.next();
    if (!next) {
      out.push_back("failed");
      return false;
    }
    if (!*next) return true;
    out.push_back(**next);
  }
}

/// Fed in these pieces; what the end leaves comes last, in brackets.
lines read(const std::vector<std::string_view>& pieces, std::size_t limit = 1000) {
  line_reader reader(limit);
  lines out;
  for (auto piece : pieces) {
    reader.feed(piece);
    if (!drain(reader, out)) return out;
  }
  out.push_back("[" + reader.rest() + "]");
  return out;
}

lines byte_by_byte(std::string_view text, std::size_t limit = 1000) {
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
  return read(pieces, limit);
}

}  // namespace

TEST_CASE("lines are the same wherever their stream is cut") {
  for (const std::string text : {"{\"a\":1}\n{\"b\":2}\n", "one\r\ntwo\r\n", "\n\r\n\nx\n\n", "no end", "one\nno end",
                                 "gr\xC3\xBC\xC3\x9F\n\xF0\x9F\x8E\xAD\r\n", "a\rb\n\r\r\n", ""}) {
    CAPTURE(text);
    const auto expected = read({text});
    CHECK(byte_by_byte(text) == expected);
    for (std::size_t at = 0; at <= text.size(); ++at)
      CHECK(read({std::string_view(text).substr(0, at), std::string_view(text).substr(at)}) == expected);
  }
}

TEST_CASE("lines end with LF or CRLF, empty ones are skipped, the rest is kept for the end") {
  CHECK(read({"one\ntwo\r\nthree"}) == lines{"one", "two", "[three]"});
  CHECK(read({"\n\r\n\none\n\n"}) == lines{"one", "[]"});
  CHECK(read({"a\rb\n"}) == lines{"a\rb", "[]"});
}

TEST_CASE("a line over the limit is a failure wherever it is cut, and it stays one") {
  const std::string fits(10, 'x');
  CHECK(read({fits + "\n" + fits + "\n"}, 10) == lines{fits, fits, "[]"});
  CHECK(byte_by_byte(fits + "\n" + fits, 10) == lines{fits, "[" + fits + "]"});
  for (const auto& text : {fits + "x\n", fits + "x", fits + "\r\n"}) {
    CHECK(read({text}, 10) == lines{"failed"});
    CHECK(byte_by_byte(text, 10) == lines{"failed"});
  }
  CHECK(read({"ok\n" + fits + "x\nlate\n"}, 10) == lines{"ok", "failed"});
  line_reader reader(10);
  reader.feed(fits + "xx");
  REQUIRE_FALSE(reader.next());
  CHECK(reader.next().error() == failure{failure_kind::broken_stream, "a line of the answer is over 10 bytes"});
  reader.feed("\nx\n");
  CHECK_FALSE(reader.next());
}
