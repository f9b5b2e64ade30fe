#include "cli/terminal_table.hpp"

#include "cli/terminal_text.hpp"
#include "support/catch.hpp"

using namespace troupe::cli;

namespace {

std::vector<std::string> plain(const std::vector<text_line>& lines) {
  std::vector<std::string> out;
  out.reserve(lines.size());
  for (auto& line : lines) out.push_back(plain_text(line));
  return out;
}

using texts = std::vector<std::string>;

terminal_table agents() {
  terminal_table table({{"ID", true}, {"LABEL", false, 4}, {"MEMORY", true, 0, 1}, {"ERROR", false, 0, 2}});
  table.add({{"7"}, {"a long label"}, {"12K"}, {""}});
  table.add({{"1234"}, {"会話"}, {"5"}, {"timeout", tint::red}});
  return table;
}

}  // namespace

TEST_CASE("columns are as wide as their widest cell when nobody cuts them") {
  CHECK(plain(agents().lines(std::nullopt))
        == texts{"  ID  LABEL         MEMORY  ERROR", "   7  a long label     12K",
                 "1234  会話               5  timeout"});
}

TEST_CASE("the widest column that may is narrowed first") {
  CHECK(plain(agents().lines(30))
        == texts{"  ID  LABEL    MEMORY  ERROR", "   7  a long…     12K", "1234  会話          5  timeout"});
}

TEST_CASE("where narrowing is not enough, columns leave in their order") {
  CHECK(plain(agents().lines(20)) == texts{"  ID  LABEL   MEMORY", "   7  a lon…     12K", "1234  会話         5"});
  CHECK(plain(agents().lines(13)) == texts{"  ID  LABEL", "   7  a long…", "1234  会話"});
}

TEST_CASE("no line is wider than the terminal, however narrow it is") {
  for (std::size_t width = 0; width < 45; ++width)
    for (auto& line : agents().lines(width)) CHECK(columns_of(plain_text(line)) <= width);
}

TEST_CASE("a column that says nothing leaves before anything is cut") {
  terminal_table table({{"ID", true}, {"LABEL", false, 4}, {"LAST ERROR", false, 0, 1}});
  table.add({{"7"}, {"a long label"}, {""}});
  CHECK(plain(table.lines(16)) == texts{"ID  LABEL", " 7  a long label"});
  CHECK(plain(table.lines(28)) == texts{"ID  LABEL         LAST ERROR", " 7  a long label"});
}

TEST_CASE("what a label holds cannot reach the terminal as a command") {
  terminal_table table({{"LABEL"}});
  table.add(
      {{"\x1b]0;owned\x07\n\x9b"
        "2J"}});
  const auto lines = table.lines(std::nullopt);
  REQUIRE(lines.size() == 2);
  CHECK(terminal_text(lines[1], false) == "\\u001b]0;owned\\u0007\\n\xEF\xBF\xBD""2J");
  CHECK(plain_text(line_of("\x1b[2J")) == "\\u001b[2J");
}

TEST_CASE("colours are there only for who wants them") {
  const text_line line{{"busy", tint::red}, {" on"}};
  CHECK(terminal_text(line, false) == "busy on");
  CHECK(terminal_text(line, true) == "\x1b[31mbusy\x1b[0m on");
}
