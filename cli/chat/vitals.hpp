#pragma once

/// \file
/// A character's vitals as a client knows them, and how they are shown
/// (contracts/character.md §3.4, §3.5).
///
/// Thread safety: values, pure functions. Units: levels 0 to 100, everything
/// else 0 to 1 unless it is a count. Errors: none; what a reply lacks, or has in
/// another type, has the contract's default. Cost: a few lines of text.

#include "cli/terminal_table.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::chat {

inline constexpr std::array<std::string_view, 6> neurochemical_names = {"dopamine",   "serotonin", "oxytocin",
                                                                        "endorphins", "cortisol",  "adrenaline"};

struct character_goal {
  std::string text;
  double priority = 5;
  std::string status = "active";
};

struct vitals {
  std::string character_id, name, archetype;
  std::array<double, 6> levels{50, 50, 50, 50, 50, 50};
  std::array<double, 6> baselines{50, 50, 50, 50, 50, 50};
  std::string mood = "neutral";
  double intensity = 0.5, energy = 0.5, volatility = 0.5;
  std::int64_t mood_duration = 1;  ///< interactions
  std::string mood_trigger;
  std::vector<character_goal> goals;  ///< active ones first, then completed, abandoned
  std::int64_t facts = 0, entities = 1, relationships = 1;
  std::int64_t conversation_entries = 0, web_searches = 0;
  double trust = 0.5;
  std::int64_t interactions = 0;
};

/// From a `status_response`. Texts are made safe to print.
vitals read_vitals(const boost::json::object& status);

/// Columns of the chat pane; the rest is the vitals'.
std::size_t chat_columns(std::size_t terminal_columns);
/// Cells of a bar in the right pane of a terminal that wide.
std::size_t bar_cells(std::size_t terminal_columns);

/// The right pane, `width` wide. `latest`: the user's newest message.
std::vector<cli::text_line> vitals_pane(const vitals& of, std::string_view latest, std::size_t terminal_columns,
                                        std::size_t width);
/// What /vitals and --vitals-only show.
std::vector<cli::text_line> detailed_vitals(const vitals& of);
/// What /mood, /goals and /status show.
std::vector<cli::text_line> mood_lines(const vitals& of);
std::vector<cli::text_line> goal_lines(const vitals& of, std::size_t width);
std::vector<cli::text_line> status_lines(const vitals& of);

}  // namespace troupe::chat
