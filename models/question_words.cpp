#include "models/question_words.hpp"

#include <algorithm>
#include <array>

namespace troupe::models {
namespace {

using namespace std::string_view_literals;

constexpr std::array times = {"monday"sv,  "friday"sv,    "january"sv,  "april"sv,  "october"sv, "morning"sv,
                              "evening"sv, "breakfast"sv, "tomorrow"sv, "summer"sv, "year"sv,    "o'clock"sv};
constexpr std::array places = {"city"sv,    "town"sv,   "street"sv, "country"sv, "house"sv,
                               "village"sv, "office"sv, "paris"sv,  "berlin"sv,  "beach"sv};
constexpr std::array people = {"mother"sv, "brother"sv, "friend"sv, "sister"sv, "neighbour"sv, "uncle"sv};
constexpr std::array ages = {"age"sv, "years"sv, "born"sv, "turned"sv};
constexpr std::array amounts = {"euros"sv, "dollars"sv, "pounds"sv, "one"sv, "two"sv, "three"sv, "ten"sv, "hundred"sv};
constexpr std::array durations = {"minutes"sv, "hours"sv, "years"sv, "months"sv, "weeks"sv, "since"sv};

struct kind_of_question {
  std::string_view first;
  std::string_view second;  // empty: `first` alone
  std::span<const std::string_view> answers;
};

constexpr kind_of_question kinds[] = {
    {"when", "", times},          {"which", "date", times}, {"what", "date", times},    {"where", "", places},
    {"which", "country", places}, {"who", "", people},      {"how", "old", ages},       {"what", "age", ages},
    {"how", "much", amounts},     {"how", "many", amounts}, {"how", "long", durations},
};

bool asks(const kind_of_question& kind, std::span<const std::string> question, std::size_t at) {
  if (question[at] != kind.first) return false;
  return kind.second.empty() || (at + 1 < question.size() && question[at + 1] == kind.second);
}

}  // namespace

std::vector<std::string_view> words_of_answers(std::span<const std::string> question) {
  std::vector<std::string_view> words;
  for (const kind_of_question& kind : kinds)
    for (std::size_t at = 0; at < question.size(); ++at)
      if (asks(kind, question, at)) {
        words.insert(words.end(), kind.answers.begin(), kind.answers.end());
        break;
      }
  return words;
}

bool belongs_to_asking(std::span<const std::string> question, std::size_t position) {
  if (position == 0 || question[position - 1] != "how") return false;
  return question[position] == "old" || question[position] == "long" || question[position] == "many";
}

}  // namespace troupe::models
