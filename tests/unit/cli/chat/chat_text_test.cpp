#include "cli/chat/line_editor.hpp"
#include "cli/chat/network_text.hpp"
#include "cli/terminal_text.hpp"
#include "support/catch.hpp"

using namespace troupe::chat;
using troupe::cli::columns_of;
using troupe::cli::key;
using troupe::cli::wrapped;

namespace {

void type(line_editor& to, std::u32string_view letters) {
  for (const char32_t c : letters) to.press({key::letter, c});
}

}  // namespace

TEST_CASE("what came through the network commands no terminal") {
  CHECK(clean_text("plain\ntext") == "plain\ntext");
  CHECK(clean_text("a\x1b[31mred\x1b[0m b") == "ared b");
  CHECK(clean_text("\x1b]0;title\x07x\x1b]8;;http://a\x1b\\link") == "xlink");
  CHECK(clean_text("\x1b]52;c;never ended\nsecond line") == "\nsecond line");
  CHECK(clean_text("a\x1b(Bb\x1b") == "ab");
  CHECK(clean_text("a\xC2\x9B"
                   "31mb\xC2\x85")
        == "ab");
  CHECK(clean_text("bell\x07 back\x08 nul") == "bell back nul");
  CHECK(clean_text("a\tb\r\nc\rd") == "a    b\nc\nd");
  CHECK(clean_text("a\xE2\x80\xAE"
                   "b\xEF\xBB\xBF")
        == "ab");
  CHECK(clean_text("\xFF") == "\xEF\xBF\xBD");
  CHECK(one_line("a\nb") == "a b");
  CHECK(first_characters("会話会話", 2) == "会話...");
}

TEST_CASE("lines are broken at blanks and never wider than asked") {
  CHECK(wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrapped("one  two", 4) == std::vector<std::string>{"one", "two"});
  CHECK(wrapped("abcdefgh", 3) == std::vector<std::string>{"abc", "def", "gh"});
  CHECK(wrapped("会話会話", 5) == std::vector<std::string>{"会話", "会話"});
  CHECK(wrapped("a\n\nb", 9) == std::vector<std::string>{"a", "", "b"});
  CHECK(wrapped("", 9) == std::vector<std::string>{""});
  CHECK(wrapped("ae\xCC\x81", 2) == std::vector<std::string>{"ae\xCC\x81"});
  for (std::size_t width = 2; width < 20; ++width)
    for (auto& line : wrapped("Die Möwe 会話 sagt 😀😀😀 nichtsundwiedernichts e\xCC\x81", width))
      CHECK(columns_of(line) <= width);
}

TEST_CASE("the line that is typed is edited by characters, not by bytes") {
  line_editor line;
  type(line, U"a会😀");
  line.press({key::left});
  line.press({key::backspace});
  CHECK(line.text() == "a😀");
  line.press({key::home});
  line.press({key::del});
  CHECK(line.text() == "😀");
  line.press({key::end});
  type(line, U"e\u0301");
  line.press({key::backspace});  // with its accent
  CHECK(line.text() == "😀");
  type(line, U" two words");
  line.press({key::control, 'w'});
  CHECK(line.text() == "😀 two ");
  line.press({key::control, 'u'});
  CHECK(line.empty());
}

TEST_CASE("older lines come back, and the new one is kept meanwhile") {
  line_editor line;
  type(line, U"first");
  CHECK(line.take() == "first");
  type(line, U"second");
  CHECK(line.take() == "second");
  type(line, U"new");
  line.press({key::up});
  CHECK(line.text() == "second");
  line.press({key::up});
  line.press({key::up});
  CHECK(line.text() == "first");
  line.press({key::down});
  line.press({key::down});
  CHECK(line.text() == "new");
}

TEST_CASE("the part of a long line around the cursor is shown") {
  line_editor line;
  type(line, U"会話会話会話");
  for (std::size_t width = 2; width < 14; ++width) {
    const auto shown = line.within(width);
    CHECK(columns_of(shown.text) <= width);
    CHECK(shown.cursor <= width);
  }
  line.press({key::home});
  CHECK(line.within(5).text == "会話");
  CHECK(line.within(5).cursor == 0);
}
