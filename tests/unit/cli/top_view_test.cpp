#include "cli/top_view.hpp"

#include "cli/terminal_text.hpp"
#include "support/catch.hpp"

using namespace troupe::cli;

namespace {

/// A server of 30 runners, "1" to "30", that notes what it is asked.
struct play {
  int actors = 30;
  int first = 1;  ///< the table's first actor
  bool there = true;
  std::string asked;
  std::vector<std::string> acts;

  top_view::questions questions() {
    return {[this](auto& path, auto& parameters) { return look(path, parameters); },
            [this](auto& path) {
              acts.push_back(path[2] + " " + path[1]);
              return console_answer_of(200, R"({"done":true})");
            }};
  }

  console_answer look(const std::vector<std::string>& path, const console_parameters& parameters) {
    if (!there) return {console_no_server, {}, "no server is running"};
    if (path[0] == "overview") return console_answer_of(200, R"({"version":"9.9","actors":30})");
    if (path.size() == 2) {
      if (std::stoi(path[1]) > actors) return console_answer_of(404, R"({"detail":"no such actor"})");
      return console_answer_of(200, R"({"actor":{"id":")" + path[1] + R"(","role":"runner"},"state":{"a":1}})");
    }
    asked.clear();
    int offset = 0, limit = 0;
    for (auto& [name, value] : parameters) {
      if (!value.empty()) asked += std::string(name) + "=" + value + " ";
      if (name == "offset") offset = std::stoi(value);
      if (name == "limit") limit = std::stoi(value);
    }
    std::string rows;
    for (int i = offset; i < std::min(actors, offset + limit); ++i)
      rows += (rows.empty() ? "" : ",") + (R"({"id":")" + std::to_string(first + i)) + R"(","role":"runner"})";
    return console_answer_of(200, R"({"matching":)" + std::to_string(actors) + R"(,"actors":[)" + rows + "]}");
  }
};

std::string screen(const top_view& view) {
  std::string out;
  for (auto& line : view.draw().lines) out += plain_text(line) + "\n";
  return out;
}

/// The line that is marked.
std::string marked(const top_view& view) {
  const auto picture = view.draw();
  return picture.marked ? plain_text(picture.lines.at(*picture.marked)) : "none";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

void type(top_view& view, const std::u32string& letters) {
  for (auto c : letters) CHECK(view.press({key::letter, c}));
}

struct seen {
  play server;
  top_view view{server.questions(), "", true};
  seen() {
    view.resize(13, 100);  // ten rows
    view.refresh();
  }
};

}  // namespace

TEST_CASE("as many actors are asked for as fit, the busiest first") {
  seen s;
  CHECK(s.server.asked == "sort=busy_share order=desc offset=0 limit=10 ");
  CHECK(has(screen(s.view), "troupe 9.9  30 actors"));
  CHECK(has(screen(s.view), "BUSY %▼"));
  CHECK(has(screen(s.view), "1-10 of 30"));
  CHECK(s.view.draw().lines.size() == 13);
  CHECK(has(marked(s.view), " 1  runner"));
}

TEST_CASE("the mark moves over the whole table, page by page") {
  seen s;
  type(s.view, U"jj");
  CHECK(has(marked(s.view), " 3  runner"));
  s.view.press({key::up});
  CHECK(has(marked(s.view), " 2  runner"));
  s.view.press({key::page_down});
  CHECK(has(marked(s.view), "12  runner"));
  type(s.view, U"G");
  CHECK(has(marked(s.view), "30  runner"));
  CHECK(has(screen(s.view), "21-30 of 30"));
  type(s.view, U"jg");
  CHECK(has(marked(s.view), " 1  runner"));
  type(s.view, U"k");
  CHECK(has(marked(s.view), " 1  runner"));
}

TEST_CASE("the mark stays on its actor when the rows change places") {
  seen s;
  type(s.view, U"jjjj");
  CHECK(has(marked(s.view), " 5  runner"));
  s.server.first = 3;
  s.view.refresh();
  CHECK(has(marked(s.view), " 5  runner"));
}

TEST_CASE("a table that has become shorter is shown from where it now ends") {
  seen s;
  type(s.view, U"G");
  s.server.actors = 4;
  s.view.refresh();
  CHECK(has(screen(s.view), "1-4 of 4"));
  s.server.actors = 0;
  s.view.refresh();
  CHECK(has(screen(s.view), "no actor matches"));
  CHECK(marked(s.view) == "none");
  type(s.view, U"jkgGp");
  s.view.press({key::enter});
  CHECK(s.server.acts.empty());
}

TEST_CASE("s and S choose the column, r the order") {
  seen s;
  type(s.view, U"s");
  CHECK(has(s.server.asked, "sort=p50_us order=desc"));
  type(s.view, U"SSr");
  CHECK(has(s.server.asked, "sort=messages_per_second order=asc"));
  CHECK(has(screen(s.view), "MSG/S▲"));
  for (int i = 0; i < 40; ++i) type(s.view, U"s");
  CHECK(has(s.server.asked, "sort="));
}

TEST_CASE("a filter is typed, mended, kept by Enter and dropped by Esc") {
  seen s;
  type(s.view, U"/qüz");  // a q here is a letter
  s.view.press({key::backspace});
  s.view.press({key::backspace});
  type(s.view, U"é");
  CHECK(has(screen(s.view), "filter: qé_"));
  CHECK_FALSE(has(s.server.asked, "q="));
  s.view.press({key::enter});
  CHECK(has(s.server.asked, "q=qé "));
  type(s.view, U"/x");
  s.view.press({key::escape});
  s.view.refresh();
  CHECK(has(s.server.asked, "q=qé "));
  s.view.press({key::escape});
  CHECK_FALSE(has(s.server.asked, "q="));
}

TEST_CASE("Enter opens the marked actor, acts are its own, Esc goes back") {
  seen s;
  type(s.view, U"j");
  s.view.press({key::enter});
  CHECK(has(screen(s.view), "runner 2"));
  CHECK(has(screen(s.view), "  a: 1"));
  type(s.view, U"pnu");
  CHECK(s.server.acts == std::vector<std::string>{"pause 2", "step 2", "resume 2"});
  CHECK(has(screen(s.view), "resume actor 2: done"));
  s.server.actors = 1;
  s.view.refresh();
  CHECK(has(screen(s.view), "the actor has ended"));
  CHECK(has(screen(s.view), "runner 2"));
  s.view.press({key::escape});
  CHECK(has(screen(s.view), "1-1 of 1"));
}

TEST_CASE("a server that is gone is told on the last line, and may come back") {
  seen s;
  s.server.there = false;
  s.view.refresh();
  CHECK(s.view.trouble().status == console_no_server);
  CHECK(has(screen(s.view), "error: no server is running"));
  CHECK(has(screen(s.view), " 1  runner"));
  s.server.there = true;
  s.view.refresh();
  CHECK_FALSE(has(screen(s.view), "error"));
}

TEST_CASE("any size of the screen holds what it shows") {
  seen s;
  for (const std::size_t rows : {1, 2, 3, 4, 40})
    for (const std::size_t columns : {1, 8, 30, 200}) {
      s.view.resize(rows, columns);
      s.view.refresh();
      const auto picture = s.view.draw();
      CHECK(picture.lines.size() == rows);
      for (auto& line : picture.lines) CHECK(columns_of(plain_text(line)) <= columns);
      if (picture.marked) CHECK(*picture.marked + 1 < rows);
    }
}

TEST_CASE("q ends it, and so does a terminal that is gone; ? shows the keys") {
  seen s;
  type(s.view, U"?");
  CHECK(has(screen(s.view), "pause, resume"));
  type(s.view, U"p");
  CHECK(s.server.acts.empty());
  s.view.press({key::escape});
  CHECK(has(screen(s.view), "1-10 of 30"));
  CHECK_FALSE(s.view.press({key::letter, U'q'}));
  CHECK_FALSE(s.view.press({key::closed}));
}
