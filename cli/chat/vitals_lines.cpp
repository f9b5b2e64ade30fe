#include "cli/chat/network_text.hpp"
#include "cli/chat/vitals.hpp"
#include "cli/terminal_text.hpp"

#include <algorithm>
#include <cstdio>

namespace troupe::chat {

using cli::fitted;
using cli::line_of;
using cli::text_line;
using cli::tint;

namespace {

std::string number(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string bar_of(double level, std::size_t cells) {
  const auto filled = std::min(cells, static_cast<std::size_t>(level * static_cast<double>(cells) / 100));
  std::string out;
  for (std::size_t i = 0; i < cells; ++i) out += i < filled ? "█" : "░";
  return out;
}

tint tint_of_level(double level) {
  return level > 70 ? tint::red : level > 50 ? tint::yellow : tint::green;
}

tint tint_of_trust(double trust) {
  return trust > 0.7 ? tint::green : trust > 0.4 ? tint::yellow : tint::red;
}

/// Only emoji that are two columns wide everywhere.
const char* emoji_of(std::string_view mood) {
  static constexpr std::pair<std::string_view, const char*> known[] = {
      {"happy", "😊"},   {"excited", "🤩"}, {"anxious", "😰"}, {"sad", "😢"},     {"stressed", "😫"},
      {"calm", "😌"},    {"content", "🙂"}, {"neutral", "😐"}, {"serene", "😌"},  {"curious", "🤔"},
      {"playful", "😄"}, {"tired", "😴"},      {"angry", "😠"},   {"warm", "🤗"}, {"confident", "😎"}};
  for (auto& [word, emoji] : known)
    if (word == mood) return emoji;
  return "🎭";
}

std::string in_title_case(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

text_line heading(const char* text) {
  return {{text, tint::bold}};
}

std::string first_words(std::string_view text, std::size_t words, std::size_t longest) {
  std::string out;
  while (words > 0) {
    const auto begin = text.find_first_not_of(" \n");
    if (begin == text.npos) break;
    const auto end = std::min(text.find_first_of(" \n", begin), text.size());
    out.append(out.empty() ? "" : " ").append(text.substr(begin, end - begin));
    text.remove_prefix(end);
    --words;
  }
  if (characters_in(out) <= longest) return out;
  return first_characters(out, longest - 3);
}

/// Beyond ten or five from the baseline it has a word.
std::pair<const char*, tint> deviation_of(double by) {
  if (by > 10) return {"high", tint::red};
  if (by > 5) return {"elevated", tint::yellow};
  if (by < -10) return {"low", tint::cyan};
  if (by < -5) return {"reduced", tint::cyan};
  return {"normal", tint::green};
}

}  // namespace

std::vector<text_line> vitals_pane(const vitals& of, std::string_view latest, std::size_t terminal_columns,
                                   std::size_t width) {
  std::vector<text_line> out;
  const auto cells = bar_cells(terminal_columns);
  // Blank, bar, blank, "100/100"; where that leaves no room for names, three letters do.
  const std::size_t beside = cells + 9, longest_name = 10;
  const bool whole_names = width >= beside + longest_name;
  const std::size_t name_width = whole_names ? longest_name : 3;
  out.push_back(heading("Neurochemicals"));
  for (std::size_t i = 0; i < of.levels.size(); ++i) {
    const double level = of.levels[i];
    const auto name = in_title_case(neurochemical_names[i].substr(0, name_width));
    char amount[24];
    std::snprintf(amount, sizeof amount, " %3d/100", static_cast<int>(level));
    out.push_back({{fitted(name, name_width) + " "}, {bar_of(level, cells), tint_of_level(level)}, {amount}});
  }
  out.push_back({});
  out.push_back(heading("Mood"));
  out.push_back({{std::string(emoji_of(of.mood)) + " " + of.mood}});
  out.push_back({{"Intensity " + number("%.2f", of.intensity)}});
  out.push_back({{"Energy    " + number("%.2f", of.energy)}});
  out.push_back({});
  out.push_back(heading("Active goals"));
  std::size_t shown = 0;
  for (auto& goal : of.goals) {
    if (goal.status != "active" || shown == 3) continue;
    ++shown;
    const auto text = characters_in(goal.text) > 30 ? first_characters(goal.text, 27) : goal.text;
    out.push_back({{number("%g ", goal.priority), tint::cyan}, {text}});
  }
  if (shown == 0) out.push_back({{"none", tint::dim}});
  out.push_back({});
  out.push_back(heading("Knowledge"));
  out.push_back({{"Facts         " + std::to_string(of.facts)}});
  out.push_back({{"Entities      " + std::to_string(of.entities)}});
  out.push_back({{"Relationships " + std::to_string(of.relationships)}});
  out.push_back({});
  out.push_back(heading("Memory"));
  out.push_back({{"Conversation  " + std::to_string(of.conversation_entries)}});
  out.push_back({{"Web searches  " + std::to_string(of.web_searches)}});
  if (const auto words = first_words(one_line(latest), 4, 25); !words.empty())
    out.push_back({{"Latest: " + words, tint::dim}});
  out.push_back({});
  out.push_back(heading("Relationship"));
  out.push_back({{"Trust        "}, {number("%.2f", of.trust), tint_of_trust(of.trust)}});
  out.push_back({{"Interactions " + std::to_string(of.interactions)}});
  out.push_back({{"Duration     " + std::to_string(of.interactions * 2) + " min"}});
  return out;
}

std::vector<text_line> detailed_vitals(const vitals& of) {
  std::vector<text_line> out;
  out.push_back({{of.name.empty() ? std::string("Vitals") : of.name + ", vitals", tint::bold}});
  for (std::size_t i = 0; i < of.levels.size(); ++i) {
    const double level = of.levels[i], by = level - of.baselines[i];
    const auto [word, colour] = deviation_of(by);
    out.push_back({{"  " + fitted(in_title_case(neurochemical_names[i]), 11)},
                   {bar_of(level, 20), tint_of_level(level)},
                   {number(" %5.1f ", level)},
                   {number("(%+.1f) ", by)},
                   {word, colour}});
  }
  for (auto& line : mood_lines(of)) out.push_back(std::move(line));
  return out;
}

std::vector<text_line> mood_lines(const vitals& of) {
  std::vector<text_line> out;
  const auto add = [&](const char* name, std::string value) {
    out.push_back({{"  " + fitted(name, 11)}, {std::move(value)}});
  };
  add("Mood", of.mood + " " + emoji_of(of.mood));
  add("Intensity", number("%.2f", of.intensity));
  add("Volatility", number("%.2f", of.volatility));
  add("Energy", number("%.2f", of.energy));
  add("Duration", std::to_string(of.mood_duration) + (of.mood_duration == 1 ? " interaction" : " interactions"));
  add("Trigger", of.mood_trigger.empty() ? "unknown" : of.mood_trigger);
  return out;
}

std::vector<text_line> goal_lines(const vitals& of, std::size_t width) {
  if (of.goals.empty()) return {{{"No goals."}}};
  cli::terminal_table table({{"PRIORITY", true}, {"GOAL", false, 20}, {"STATUS"}});
  for (auto& goal : of.goals) table.add({number("%g", goal.priority), goal.text, goal.status});
  return table.lines(width);
}

std::vector<text_line> status_lines(const vitals& of) {
  std::vector<text_line> out;
  const auto add = [&](const char* name, std::string value) {
    out.push_back({{"  " + fitted(name, 11)}, {std::move(value)}});
  };
  add("Name", of.name);
  add("Id", of.character_id);
  add("Mood", of.mood + " (" + number("%.2f", of.intensity) + ")");
  add("Messages", std::to_string(of.interactions));
  add("Trust", number("%.2f", of.trust));
  return out;
}

}  // namespace troupe::chat
