#include "cli/chat/json_fields.hpp"
#include "cli/chat/vitals.hpp"
#include "cli/terminal_text.hpp"
#include "support/catch.hpp"

using namespace troupe::chat;
using troupe::cli::columns_of;
using troupe::cli::plain_text;

namespace {

bool has(const std::vector<troupe::cli::text_line>& lines, std::string_view part) {
  for (auto& line : lines)
    if (plain_text(line).find(part) != std::string::npos) return true;
  return false;
}

troupe::cli::tint colour_of(const std::vector<troupe::cli::text_line>& lines, std::string_view part) {
  for (auto& line : lines)
    for (auto& each : line)
      if (each.text.find(part) != std::string::npos) return each.colour;
  return troupe::cli::tint::none;
}

}  // namespace

TEST_CASE("what a status lacks has the contract's defaults") {
  const auto none = read_vitals({});
  CHECK(none.levels == std::array<double, 6>{50, 50, 50, 50, 50, 50});
  CHECK(none.intensity == 0.5);
  CHECK(none.energy == 0.5);
  CHECK(none.trust == 0.5);
  CHECK(none.mood == "neutral");
  const auto wrong = read_vitals(*read_object(
      R"({"vitals":{"neurochemical_state":{"dopamine":"high"},"mood_state":{"current_state":7,"intensity":[]}}})"));
  CHECK(wrong.levels[0] == 50);
  CHECK(wrong.mood == "neutral");
}

TEST_CASE("energy on a scale of a hundred is shown on one of one") {
  CHECK(read_vitals(*read_object(R"({"vitals":{"mood_state":{"current_state":"calm","energy_level":33.1}}})")).energy
        == Approx(0.331));
  CHECK(read_vitals(*read_object(R"({"vitals":{"mood_state":{"current_state":"calm","energy_level":0.4}}})")).energy
        == Approx(0.4));
}

TEST_CASE("the mood and the goals are found where servers put them") {
  const auto old = read_vitals(*read_object(
      R"({"vitals":{"agent_states":{"mood":{"current_state":"happy"},"goals":{"active_goals":["Rest",{"description":"Sail","priority":9}]}}}})"));
  CHECK(old.mood == "happy");
  REQUIRE(old.goals.size() == 2);
  CHECK(old.goals[0].priority == 5);
  CHECK(old.goals[0].status == "active");
  CHECK(old.goals[1].priority == 9);
  CHECK(read_vitals(*read_object(R"({"character_summary":{"mood_state":{"current_state":"sad"}}})")).mood == "sad");
}

TEST_CASE("the panes share the terminal as the contract says") {
  CHECK(chat_columns(80) == 56);
  CHECK(chat_columns(99) == 69);
  CHECK(chat_columns(100) == 60);
  CHECK(chat_columns(119) == 71);
  CHECK(chat_columns(120) == 66);
  CHECK(bar_cells(40) == 6);
  CHECK(bar_cells(80) == 7);
  CHECK(bar_cells(90) == 11);
  CHECK(bar_cells(200) == 15);
}

TEST_CASE("the vitals pane shows levels as bars and numbers, with their colours") {
  vitals now;
  now.levels = {71, 51, 50, 0, 100, 25.9};
  now.trust = 0.71;
  now.interactions = 3;
  now.goals = {{"A goal whose text has more than thirty characters", 8, "active"}};
  const auto pane = vitals_pane(now, "How do you read the tide tonight?", 200, 90);
  CHECK(has(pane, "Dopamine   ██████████░░░░░  71/100"));
  CHECK(has(pane, "Cortisol   ███████████████ 100/100"));
  CHECK(has(pane, "Adrenaline ███░░░░░░░░░░░░  25/100"));
  CHECK(pane[1][1].colour == troupe::cli::tint::red);
  CHECK(pane[2][1].colour == troupe::cli::tint::yellow);
  CHECK(pane[3][1].colour == troupe::cli::tint::green);
  CHECK(has(pane, "8 A goal whose text has more ..."));
  CHECK(has(pane, "Facts         0"));
  CHECK(has(pane, "Entities      1"));
  CHECK(has(pane, "Latest: How do you read"));
  CHECK_FALSE(has(pane, "the tide"));
  CHECK(colour_of(pane, "0.71") == troupe::cli::tint::green);
  CHECK(has(pane, "Duration     6 min"));
  for (auto& line : vitals_pane(now, "", 80, 23))
    if (plain_text(line).find("/100") != std::string::npos) CHECK(columns_of(plain_text(line)) <= 23);
}

TEST_CASE("the detailed vitals name what is off its baseline") {
  vitals now;
  now.levels = {61, 56, 55, 39, 44, 50};
  const auto lines = detailed_vitals(now);
  CHECK(has(lines, "61.0 (+11.0) high"));
  CHECK(has(lines, "56.0 (+6.0) elevated"));
  CHECK(has(lines, "55.0 (+5.0) normal"));
  CHECK(has(lines, "39.0 (-11.0) low"));
  CHECK(has(lines, "44.0 (-6.0) reduced"));
  CHECK(has(lines, "████████████░░░░░░░░"));
}
