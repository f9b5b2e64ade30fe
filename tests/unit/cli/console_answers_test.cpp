#include "cli/console_client.hpp"
#include "cli/console_pages.hpp"
#include "cli/console_tables.hpp"
#include "cli/terminal_text.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::cli;

namespace {

std::string joined(const std::vector<text_line>& lines) {
  std::string out;
  for (auto& line : lines) out += plain_text(line) + "\n";
  return out;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("what the server answers becomes an exit status and a sentence") {
  CHECK(console_answer_of(200, R"({"total":0})").status == console_done);
  CHECK(console_answer_of(204, "").status == console_done);
  CHECK(console_answer_of(400, R"({"detail":"sort: no"})").status == console_bad_use);
  CHECK(console_answer_of(404, R"({"detail":"no such actor"})").why == "no such actor");
  CHECK(console_answer_of(404, "{}").status == console_not_found);
  CHECK(console_answer_of(403, "{}").status == console_refused);
  CHECK(console_answer_of(409, "{}").status == console_refused);
  CHECK(console_answer_of(503, "busy").why == "the server answered 503");
  CHECK(console_answer_of(503, "busy").status == console_failed);
  CHECK(console_answer_of(200, "<html>").status == console_failed);
}

TEST_CASE("an act that is not done is refused, with the server's reason") {
  const auto later = console_answer_of(200, R"({"done":false,"detail":"the actor is in a handler"})");
  CHECK(later.status == console_refused);
  CHECK(later.why == "the actor is in a handler");
  CHECK(console_answer_of(200, R"({"done":true})").good());
}

TEST_CASE("what goes into a path or a parameter is escaped") {
  CHECK(percent_encoded("9f-A_.~") == "9f-A_.~");
  CHECK(percent_encoded("a/b?c&d e%") == "a%2Fb%3Fc%26d%20e%25");
  CHECK(percent_encoded("ü") == "%C3%BC");
}

TEST_CASE("a span's bar stands where the span was") {
  CHECK(span_bar(0, 100, 100, 10) == "██████████");
  CHECK(span_bar(50, 50, 100, 10) == "     █████");
  CHECK(span_bar(0, 55, 100, 10) == "█████▌    ");
  CHECK(span_bar(20, 1, 100, 10) == "  ▏       ");
  CHECK(span_bar(100, 0, 100, 10) == "         █");
  CHECK(span_bar(40, std::nullopt, 100, 10) == "    ░░░░░░");
  CHECK(span_bar(0, 0, 0, 4) == "▏   ");
  CHECK(span_bar(5, 900, 100, 10) == "██████████");
  for (double start = 0; start <= 120; start += 7)
    for (double took = 0; took <= 120; took += 7) CHECK(columns_of(span_bar(start, took, 100, 13)) == 13);
}

TEST_CASE("a turn's page has its facts and a bar for each span") {
  const auto root = net::parse_json(
      R"({"turn":"9f86d081884c7d65","state":"done","outcome":"failed","slow":true,"started_at":0,"duration_ms":2,)"
      R"("first_delta_ms":null,"error":"timeout","spans":[)"
      R"({"name":"turn","start_us":0,"duration_us":2000,"attributes":{}},)"
      R"({"name":"model call","start_us":1000,"duration_us":1000,"attributes":{"tokens_out":3,"error":"timeout"}},)"
      R"({"name":"tool \u001b[2J","start_us":1500,"duration_us":null,"attributes":{}}]})");
  REQUIRE(root);
  const auto text = joined(turn_page(*root, 100));
  INFO(text);
  CHECK(has(text, "failed, slow"));
  CHECK(has(text, "model call"));
  CHECK(has(text, "1 ms       1 ms"));
  CHECK(has(text, "tokens_out 3"));
  CHECK(has(text, "open"));
  CHECK(has(text, "░"));
  CHECK(has(text, "tool \\u001b[2J"));
  for (auto& line : turn_page(*root, 60)) CHECK(columns_of(plain_text(line)) <= 60);
}

TEST_CASE("an actor's page has its row, its state as indented lines, its messages and children") {
  const auto root = net::parse_json(
      R"({"actor":{"id":"42","role":"runner","label":"a","state":"busy","busy_ms":12000,"mailbox":3,"oldest_ms":1500,)"
      R"("busy_share":1,"last_error":"out of\nluck"},"state":{"open":{"turn":"9f"},"list":[1,2],"items":[{"a":true}]},)"
      R"("state_age_ms":2000,"state_error":"no answer within 100 ms","messages":[{"at":0,"type":"run_turn","sender":"7",)"
      R"("wait_us":10,"handling_us":2000}],"children":[{"id":"43","role":"tool","label":"calc","state":"idle"}]})");
  REQUIRE(root);
  const auto text = joined(actor_page(*root, std::nullopt));
  INFO(text);
  CHECK(has(text, "runner 42"));
  CHECK(has(text, "busy 12 s"));
  CHECK(has(text, "3, the oldest waits 1.5 s"));
  CHECK(has(text, "out of\\nluck"));
  CHECK(has(text, "State, 2 s old: no answer within 100 ms"));
  CHECK(has(text, "  open:\n    turn: 9f\n"));
  CHECK(has(text, "  list:\n    [1, 2]\n"));
  CHECK(has(text, "run_turn"));
  CHECK(has(text, "calc"));
  CHECK_FALSE(has(text, "Watchers"));
}

TEST_CASE("an answer that lacks everything is shown all the same") {
  const auto root = net::parse_json("{}");
  REQUIRE(root);
  CHECK(has(joined(actor_page(*root, 80)), "State"));
  CHECK_FALSE(turn_page(*root, 80).empty());
  CHECK(actor_table((*root)["actors"]).size() == 0);
}
