#include "config/quote.hpp"
#include "config/nearest_name.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace troupe::config;

TEST_CASE("JSON strings escape what could end, forge or hide them") {
  CHECK(json_string("plain") == R"("plain")");
  CHECK(json_string("a\"b\\c\nd\re\x1b[2J\x7f") == R"("a\"b\\c\nd\u000de\u001b[2J\u007f")");
  CHECK(json_string("\xC2\x9B"
                    "2J")
        == R"("\u009b2J")");
  CHECK(json_string("\xE2\x80\xA8\xE2\x80\xAE") == R"("\u2028\u202e")");
  CHECK(json_string("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80") == "\"gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80\"");
}

TEST_CASE("bytes that are no UTF-8 become replacement characters") {
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(json_string("a\xFFz") == "\"a" + bad + "z\"");
  CHECK(json_string("\xC3") == "\"" + bad + "\"");
  CHECK(json_string("\xC0\xAF") == "\"" + bad + bad + "\"");
  CHECK(json_string("\xED\xA0\x80") == "\"" + bad + bad + bad + "\"");
  CHECK(json_string("\xF4\x90\x80\x80") == "\"" + bad + bad + bad + bad + "\"");
}

TEST_CASE("text for a terminal keeps its quotes and loses what a terminal obeys") {
  CHECK(printable(R"(say "it's" a\b)") == R"(say "it's" a\b)");
  CHECK(printable(std::string_view("a\0\x1b[2J\n\x7f", 8)) == R"(a\u0000\u001b[2J\n\u007f)");
  CHECK(printable("\xC2\x9B"
                  "2J \xE2\x80\xAE")
        == R"(\u009b2J \u202e)");
  CHECK(printable("a\xFF") == "a\xEF\xBF\xBD");
}

TEST_CASE("long text is cut between characters") {
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcd", 3) == "abc");
  CHECK(shortened("ab\xC3\xBC", 3) == "ab");
  CHECK(in_quotes(std::string(101, 'x')) == "'" + std::string(100, 'x') + "...'");
  CHECK(in_quotes("it's") == R"('it\'s')");
}

TEST_CASE("the nearest name is one a typing mistake away, or none") {
  const std::vector<std::string> names = {"port", "host", "log_level", "log_format"};
  CHECK(nearest_name("prot", names) == "port");
  CHECK(nearest_name("hosts", names) == "host");
  CHECK(nearest_name("loglevel", names) == "log_level");
  CHECK(nearest_name("log_fromat", names) == "log_format");
  CHECK(nearest_name("banana", names).empty());
  CHECK(nearest_name("", names).empty());
  CHECK(nearest_name(std::string(100, 'p'), names).empty());
}
