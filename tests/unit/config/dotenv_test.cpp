#include "config/dotenv.hpp"
#include "support/catch.hpp"

using namespace troupe::config;

namespace {

/// Entries as "NAME=value@line|...", or "!line what".
std::string read(std::string_view text) {
  auto parsed = parse_dotenv(text);
  if (auto problem = std::get_if<dotenv_problem>(&parsed))
    return "!" + std::to_string(problem->line) + " " + problem->what;
  std::string out;
  for (const auto& entry : std::get<std::vector<dotenv_entry>>(parsed))
    out += (out.empty() ? "" : "|") + entry.name + "=" + entry.value + "@" + std::to_string(entry.line);
  return out;
}

}  // namespace

TEST_CASE("plain lines of .env, blanks and comments") {
  CHECK(read("") == "");
  CHECK(read("\n\n# only a comment\n   # another\n") == "");
  CHECK(read("A=1") == "A=1@1");
  CHECK(read("A=1\nB=2\n") == "A=1@1|B=2@2");
  CHECK(read("  A = 1 2  \n") == "A=1 2@1");
  CHECK(read("A=\nB=") == "A=@1|B=@2");
  CHECK(read("A=a=b") == "A=a=b@1");
  CHECK(read("A=1\r\nB=2\r\n") == "A=1@1|B=2@2");
  CHECK(read("\xEF\xBB\xBF"
             "A=1")
        == "A=1@1");
  CHECK(read("A=1\nA=2") == "A=1@1|A=2@2");
}

TEST_CASE("a comment in .env begins after a blank") {
  CHECK(read("A=1 # one") == "A=1@1");
  CHECK(read("A=1#one") == "A=1#one@1");
  CHECK(read("A=#none") == "A=@1");
  CHECK(read("A='1' # one\nB=\"2\"#two") == "A=1@1|B=2@2");
}

TEST_CASE("export before a name in .env is skipped") {
  CHECK(read("export A=1\n export\tB=2") == "A=1@1|B=2@2");
  CHECK(read("export=1") == "export=1@1");
  CHECK(read("exported=1") == "exported=1@1");
}

TEST_CASE("quotes in .env") {
  CHECK(read(R"(A=' 1 # "x" $y \n ')") == R"(A= 1 # "x" $y \n @1)");
  CHECK(read(R"(A="a\nb\t\r\"\\\$\q")") == "A=a\nb\t\r\"\\$\\q@1");
  CHECK(read("A=\"one\ntwo\"\nB=3") == "A=one\ntwo@1|B=3@3");
  CHECK(read("A=\"one\r\ntwo\"\r\nB=3") == "A=one\ntwo@1|B=3@3");
  CHECK(read("A=\"one\\\ntwo\"\nB=3") == "A=one\\\ntwo@1|B=3@3");
  CHECK(read("A=it's") == "A=it's@1");
  CHECK(read("A=''") == "A=@1");
}

TEST_CASE("bad lines of .env are given by number") {
  CHECK(read("A=1\nbanana") == "!2 expected = after the name");
  CHECK(read("=1") == "!1 expected NAME=value");
  CHECK(read("1A=1") == "!1 expected NAME=value");
  CHECK(read("A B=1") == "!1 expected = after the name");
  CHECK(read("A=1\nB='x\ny\n") == "!2 the closing quote is missing");
  CHECK(read("A=\"x\\") == "!1 the closing quote is missing");
  CHECK(read("A='x' y") == "!1 unexpected text after the closing quote");
}
