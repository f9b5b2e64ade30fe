#include "characters/definition.hpp"
#include "characters/document.hpp"

#include "support/catch.hpp"

#include <random>
#include <string>

using troupe::failure_kind;
using troupe::characters::definition;
using troupe::characters::read_yaml;

namespace {

std::string error_of(const std::string& text) {
  auto made = definition::from_yaml("x", text, "x.yaml", 0);
  if (made) return "(accepted)";
  CHECK(made.error().kind == failure_kind::invalid);
  return made.error().message;
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != text.npos;
}

const std::string head = "name: A\narchetype: b\n";

std::string repeated(const std::string& part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

}  // namespace

TEST_CASE("aliases count with what they stand for") {
  std::string bomb = head + "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 10; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + repeated(", " + before, 9) + "]\n";
  }
  CHECK(contains(error_of(bomb), "must not hold more than 20000 values"));
  const auto long_text = head + "a: &a " + std::string(100'000, 'x') + "\nb: [" + repeated("*a, ", 1000) + "]\n";
  CHECK(contains(error_of(long_text), "bytes of text"));
  CHECK(contains(error_of(head + "a: &a [*a, *a]\n"), "x.yaml:3:8: an alias must not stand inside"));
  std::string deep = head + "a0: &a0 [x]\n";
  for (int i = 1; i < 40; ++i)
    deep += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  CHECK(contains(error_of(deep), "must not be nested more than 32 deep"));
  auto used = definition::from_yaml("x", head + "personality: {quirks: &q [hums], strengths: *q}\n", "x.yaml", 0);
  REQUIRE(used);
  CHECK(used->config.at("personality").at("strengths").at(0).as_string() == "hums");
}

TEST_CASE("what is nested deeply or very large is refused") {
  auto nested = [](std::size_t times) {
    return error_of(head + "demographics:\n  a: " + repeated("[", times) + repeated("]", times) + "\n");
  };
  CHECK(nested(30) == "(accepted)");
  CHECK(nested(31) == "x.yaml:4:36: the document must not be nested more than 32 deep");
  CHECK(contains(error_of(head + "demographics: " + repeated("[", 100'000)), "must not be nested"));
  CHECK(contains(error_of(head + "demographics: " + repeated("{a: ", 50'000)), "must not be nested"));
  CHECK(contains(error_of(repeated("- ", 100'000)), "must not be nested"));
  CHECK(contains(error_of(repeated("? ", 100'000)), "must not be nested"));
  CHECK(contains(error_of(head + "tags: [" + repeated("a,", 20'001) + "]"), "20000 values"));
  CHECK(error_of(std::string(256 * 1024 + 1, ' ')) == "x.yaml: the file must not be larger than 262144 bytes");
}

TEST_CASE("only one document of plain YAML is taken") {
  CHECK(error_of("") == "x.yaml: the file must not be empty");
  CHECK(error_of("# nothing\n") == "x.yaml: the file must not be empty");
  CHECK(contains(error_of("---\n"), "a character must be a mapping of fields"));
  CHECK(error_of("- a\n- b\n") == "x.yaml:1:1: a character must be a mapping of fields");
  CHECK(contains(error_of(head + "---\nname: B\n"), "one document only"));
  CHECK(contains(error_of(head + "...\nfoo\n"), "one document only"));
  CHECK(error_of("---\n" + head + "...\n") == "(accepted)");
  CHECK(contains(error_of(head + "tags: !!python/object [a]\n"), "only YAML's own tags are allowed"));
  CHECK(contains(error_of(head + "tags: !mine [a]\n"), "only YAML's own tags are allowed"));
  CHECK(error_of("name: !!str 7\narchetype: b\n") == "(accepted)");
  CHECK(error_of(head + "? [a, b]\n: c\n") == "x.yaml:3:3: a key must be a text");
  CHECK(contains(error_of("name: [A\narchetype: b\n"), "this is not YAML"));
  CHECK(contains(error_of(head + "\ttags: a\n"), "x.yaml:3:"));
  CHECK(contains(error_of(head + "backstory: *unknown\n"), "x.yaml:3:12: this is not YAML"));
}

TEST_CASE("binary garbage is refused with its place") {
  CHECK(error_of(head + "backstory: a\xff") == "x.yaml:3:13: the file must not hold a byte that is not UTF-8");
  CHECK(error_of(head + "backstory: \xed\xa0\x80") == "x.yaml:3:12: the file must not hold a byte that is not UTF-8");
  CHECK(error_of(head + "backstory: \xc0\xaf") == "x.yaml:3:12: the file must not hold a byte that is not UTF-8");
  CHECK(error_of("name: A\n\x1b[31m") == "x.yaml:2:1: the file must not hold a control character");
  CHECK(error_of(std::string("\x7f"
                             "ELF\x02\x01\x00",
                             7))
        == "x.yaml:1:1: the file must not hold a control character");
  CHECK(error_of("name: \"A\\0B\"\narchetype: b\n") == "x.yaml:1:7: a text must not hold a control character");
  CHECK(error_of("name: \"A\\e[31m\"\narchetype: b\n") == "x.yaml:1:7: a text must not hold a control character");
  CHECK(error_of("name: \"\\ud800\"\narchetype: b\n") != "(accepted)");
  CHECK(error_of("name: Zo\xc3\xab \xe2\x80\x94 \xf0\x9f\x8c\x8a\narchetype: b\n") == "(accepted)");
  CHECK(error_of("\xef\xbb\xbfname: A\narchetype: b\n") == "(accepted)");
}

TEST_CASE("whatever is done to a file, it is read or refused") {
  const std::string seed = head + "personality: {big_five: {openness: 0.5}, quirks: [&a hums, *a]}\n"
                                  "demographics:\n  age: 4\n  ? x\n  : |\n    block\n  l:\n  - 'a'\n  - \"b\\n\"\n# c\n";
  const std::string marks = "[]{},:?-&*!|>'\"%@`#\n \t~<=.\\0a";
  std::mt19937 random(7);
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto text = seed;
    for (auto changes = 1 + random() % 6; changes > 0; --changes) {
      const auto where = random() % text.size();
      switch (random() % 3) {
        case 0: text[where] = marks[random() % marks.size()]; break;
        case 1: text.insert(where, 1, marks[random() % marks.size()]); break;
        default: text.erase(where, 1 + random() % 3);
      }
    }
    auto made = definition::from_yaml("x", text, "x.yaml", 0);
    if (made)
      ++accepted;
    else if (!made.error().message.starts_with("x.yaml"))
      FAIL(made.error().message);
  }
  CHECK(accepted > 100);
  CHECK(accepted < 19'900);
}
