#include "cli/chat/two_pane_view.hpp"
#include "cli/terminal_text.hpp"
#include "support/catch.hpp"

using namespace troupe::chat;
using troupe::cli::columns_of;
using troupe::cli::key;
using troupe::cli::plain_text;

namespace {

std::string screen_of(const two_pane_view& view) {
  std::string out;
  for (auto& line : view.draw().lines) out += plain_text(line) + "\n";
  return out;
}

bool shows(const two_pane_view& view, std::string_view part) {
  return screen_of(view).find(part) != std::string::npos;
}

void type(two_pane_view& view, std::string_view letters) {
  for (const char c : letters) view.press({key::letter, static_cast<char32_t>(c)});
}

}  // namespace

TEST_CASE("every line of both panes fits the terminal, whatever its size and whatever is said") {
  two_pane_view view("Ines (guide)", "ws://localhost:8765");
  view.show({speaker::character, "Ines", "会話 und 😀😀😀 e\xCC\x81 " + std::string(300, 'x') + "\nsecond line"});
  view.show({speaker::user, "You", "Short."});
  view.question("Leave the chat?");
  for (std::size_t rows = 1; rows < 30; ++rows)
    for (std::size_t columns = 2; columns < 140; columns += 3) {
      view.resize(rows, columns);
      const auto picture = view.draw();
      CHECK(picture.lines.size() <= rows);
      CHECK(picture.cursor_row < rows);
      CHECK(picture.cursor_column < columns);
      for (auto& line : picture.lines) {
        std::size_t width = 0;
        for (auto& each : line) width += columns_of(each.text);
        REQUIRE(width <= columns);
      }
    }
}

TEST_CASE("the conversation stands left of the vitals, which go where there is no room") {
  two_pane_view view("Ines (guide)", "here");
  view.resize(24, 80);
  view.show({speaker::character, "Ines", "Ahoy"});
  const auto second = plain_text(view.draw().lines[1]);
  CHECK(second.find("Ines: Ahoy") == 0);
  CHECK(second.find("│Neurochemicals") != std::string::npos);
  view.resize(24, 30);
  CHECK_FALSE(shows(view, "Neurochemicals"));
  CHECK(shows(view, "Ines: Ahoy"));
}

TEST_CASE("scrolling stops the following until the bottom is reached again") {
  two_pane_view view("Ines", "here");
  view.resize(13, 80);  // ten lines of conversation
  for (int i = 1; i <= 30; ++i) view.show({speaker::notice, {}, "line " + std::to_string(i) + "."});
  CHECK(shows(view, "line 30."));
  view.scroll("up");
  CHECK_FALSE(shows(view, "line 30."));
  view.show({speaker::notice, {}, "line 31."});
  CHECK_FALSE(shows(view, "line 31."));
  const auto before = screen_of(view);
  CHECK(before.find("line 21.") != std::string::npos);  // what is read stays
  view.scroll("top");
  CHECK(shows(view, "line 1."));
  view.scroll("bottom");
  CHECK(shows(view, "line 31."));
  view.show({speaker::notice, {}, "line 32."});
  CHECK(shows(view, "line 32."));
}

TEST_CASE("arrows scroll the pane that is active, and Enter gives the line") {
  two_pane_view view("Ines", "here");
  view.resize(13, 80);
  for (int i = 1; i <= 30; ++i) view.show({speaker::notice, {}, "line " + std::to_string(i) + "."});
  type(view, "typed");
  view.choose_pane("conversation");
  view.press({key::up});
  CHECK_FALSE(shows(view, "line 30."));
  view.choose_pane("vitals");
  view.press({key::down});
  CHECK_FALSE(shows(view, "│Neurochemicals"));
  view.press({key::escape});
  const auto line = view.press({key::enter});
  REQUIRE(line);
  CHECK(*line == "typed");
  view.choose_pane("next");
  view.choose_pane("");
  view.scroll("bottom");
  CHECK(shows(view, "the active pane is status"));
}

TEST_CASE("a draft stands below the conversation until the reply is there") {
  two_pane_view view("Ines", "here");
  view.resize(13, 80);
  view.waiting(true);
  CHECK(shows(view, "waiting."));
  view.draft("Ines", "Aho");
  CHECK(shows(view, "Ines: Aho"));
  view.show({speaker::character, "Ines", "Ahoy!"});
  CHECK(shows(view, "Ines: Ahoy!"));
  view.waiting(false);
  CHECK_FALSE(shows(view, "waiting"));
}
