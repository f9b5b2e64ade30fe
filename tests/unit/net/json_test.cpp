#include "net/json.hpp"

#include "support/catch.hpp"

#include <thread>

using namespace troupe::net;

namespace {
std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}
std::string escaped(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}
}  // namespace

TEST_CASE("JSON up to 64 levels deep is read, deeper is refused by name") {
  CHECK(parse_json(nested(64)).has_value());
  for (std::size_t depth : {65, 10'000, 100'000}) {
    const auto result = parse_json(nested(depth));
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message.find("64 levels") != std::string::npos);
    CHECK_FALSE(parse_json(std::string(depth, '[')).has_value());
  }
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  CHECK_FALSE(parse_json(objects).has_value());
}

TEST_CASE("a refused document does not spoil the next one") {
  CHECK_FALSE(parse_json("{\"a\":").has_value());
  auto root = parse_json(R"({"type":"ping","n":3})");
  REQUIRE(root.has_value());
  CHECK(std::string_view((*root)["type"]) == "ping");
}

TEST_CASE("broken documents are refused") {
  for (auto* text :
       {"", " ", "{", "}", "[1,]", "{\"a\":1,}", "nul", "01", "\"\x01\"", "\"\\u12\"", "{} {}", "\"\xFF\"", "[1 2]"}) {
    INFO(text);
    CHECK_FALSE(parse_json(text).has_value());
  }
}

TEST_CASE("a document over the size limit is refused with the limit") {
  const auto result = parse_json("[1,2,3]", 6);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().message.find("6 bytes") != std::string::npos);
}

TEST_CASE("a large document is read, and so is a small one after it") {
  const auto text = "\"" + std::string(3 * 1024 * 1024, 'x') + "\"";
  REQUIRE(parse_json(text).has_value());
  CHECK(std::string_view(*parse_json("\"y\"")) == "y");
}

TEST_CASE("each thread parses on its own") {
  auto mine = parse_json("\"mine\"");
  std::thread([] { CHECK(parse_json("\"theirs\"").has_value()); }).join();
  CHECK(std::string_view(*mine) == "mine");
}

TEST_CASE("valid text is left alone by the repair") {
  const std::string text = "Grüße, 世界 🎭\n";
  CHECK(repair_utf8(text) == text);
}

TEST_CASE("each maximal invalid part becomes one replacement character") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(repair_utf8("a\xFF"
                    "b")
        == "a" + r + "b");
  CHECK(repair_utf8("\xC0\xAF") == r + r);
  CHECK(repair_utf8("\xE2\x82") == r);
  CHECK(repair_utf8("\xE2\x82"
                    "A")
        == r + "A");
  CHECK(repair_utf8("\xF0\x9F\x8E") == r);
  CHECK(repair_utf8("\xED\xA0\x80") == r + r + r);
  CHECK(repair_utf8("\xF4\x90\x80\x80") == r + r + r + r);
  // The example of the Unicode standard, table 3-8.
  CHECK(repair_utf8("a\xF1\x80\x80\xE1\x80\xC2"
                    "b\x80"
                    "c\x80\xBF"
                    "d")
        == "a" + r + r + r + "b" + r + "c" + r + r + "d");
}

TEST_CASE("whatever bytes come, the repair is valid and settled") {
  std::uint32_t state = 12345;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 24; ++i) {
      state = state * 1664525u + 1013904223u;
      text += static_cast<char>(state >> 24);
    }
    const auto fixed = repair_utf8(text);
    REQUIRE(is_valid_utf8(fixed));
    REQUIRE(repair_utf8(fixed) == fixed);
  }
}

TEST_CASE("strings are escaped as JSON asks and read back the same") {
  CHECK(escaped("a\"b\\c\n\x01\x1f/ü") == "\"a\\\"b\\\\c\\n\\u0001\\u001f/ü\"");
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "é世🎭";
  const auto text = escaped(all);
  auto back = parse_json(text);
  REQUIRE(back.has_value());
  CHECK(std::string_view(*back) == all);
}
