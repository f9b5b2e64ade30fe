#include "characters/episodes.hpp"

#include "characters/md5.hpp"
#include "characters/texts.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace troupe::characters {
namespace {

constexpr std::array<std::string_view, 5> memorable_tones = {"excited", "anxious", "happy", "frustrated", "sad"};
constexpr std::array<std::string_view, 12> memorable_words = {
    "?", "learn", "teach", "explain", "how", "why", "what", "thank", "friend", "love", "hate", "appreciate"};
constexpr std::array<std::string_view, 9> strong_words = {"very", "extremely", "really",  "absolutely", "incredibly",
                                                          "!",    "?",         "amazing", "terrible"};
constexpr std::size_t longest_side = 2000;  // bytes of each side that a memory keeps

std::string rounded(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, std::round(value * 1000) / 1000).ptr;
  return {text, end};
}

std::string quoted_side(std::string_view text) {
  const std::string line = one_line(text);
  const std::string_view kept = beginning_of(line, longest_side);
  return "\"" + std::string(kept) + (kept.size() < line.size() ? "…\"" : "\"");
}

}  // namespace

bool is_memorable(std::string_view tone, double confidence, std::string_view lower) {
  return confidence > 0.6 || std::count(memorable_tones.begin(), memorable_tones.end(), tone) > 0
         || has_any(lower, memorable_words);
}

double valence_of(std::string_view message, std::string_view reply) {
  const sentiment said = weigh(message);
  const sentiment answered = weigh(reply);
  const double pleasant = static_cast<double>(said.pleasant + answered.pleasant);
  const double unpleasant = static_cast<double>(said.unpleasant + answered.unpleasant);
  const double words = static_cast<double>(said.words + answered.words);
  return std::clamp((pleasant - unpleasant) / std::max(words / 10, 1.0), -1.0, 1.0);
}

double intensity_of(std::string_view message, std::string_view reply) {
  const std::string lower = lowered(message) + " " + lowered(reply);
  const auto strong = std::count_if(strong_words.begin(), strong_words.end(),
                                    [&](std::string_view word) { return lower.find(word) != std::string::npos; });
  const double length = static_cast<double>(length_of(message) + length_of(reply));
  return std::clamp((std::min(length / 500, 1.0) + std::min(static_cast<double>(strong) / 10, 1.0)) / 2, 0.1, 1.0);
}

std::string experience_id(std::string_view character_id, std::string_view iso_time) {
  return "exp_" + md5_hex(std::string(character_id) + "_" + std::string(iso_time)).substr(0, 12);
}

episode remembered(const exchange& turn, std::int64_t at_us) {
  const std::string at = local_timestamp(at_us);
  episode result;
  result.experience_id = experience_id(turn.character_id, at);
  result.text =
      "User said: " + quoted_side(turn.message) + " " + one_line(turn.name) + " answered: " + quoted_side(turn.reply);
  result.importance = intensity_of(turn.message, turn.reply);
  result.metadata = {{"experience_id", result.experience_id},
                     {"character_id", std::string(turn.character_id)},
                     {"timestamp", at},
                     {"experience_type", "conversation"},
                     {"participants", "user," + std::string(turn.character_id)},
                     {"emotional_state", std::string(turn.mood_word)},
                     {"valence", rounded(valence_of(turn.message, turn.reply))},
                     {"intensity", rounded(result.importance)},
                     {"tags", std::string(turn.topic) + "," + std::string(turn.tone)}};
  return result;
}

boost::json::object memory_entry(std::string_view text, double similarity,
                                 const std::vector<std::pair<std::string, std::string>>& metadata) {
  boost::json::object entry = {{"experience_id", ""},
                               {"timestamp", ""},
                               {"description", text},
                               {"emotional_state", "neutral"},
                               {"similarity", std::isfinite(similarity) ? std::clamp(similarity, 0.0, 1.0) : 0.0}};
  boost::json::object rest;
  for (const auto& [key, value] : metadata) {
    double number = 0;
    const char* end = value.data() + value.size();
    if (key == "experience_id" || key == "timestamp" || key == "emotional_state") {
      entry[key] = value;
    } else if (key == "tags" || key == "participants") {
      boost::json::array list;
      for (std::size_t begin = 0; begin <= value.size();) {
        const std::size_t comma = std::min(value.find(',', begin), value.size());
        if (comma > begin) list.emplace_back(value.substr(begin, comma - begin));
        begin = comma + 1;
      }
      rest[key] = std::move(list);
    } else if ((key == "valence" || key == "intensity") && std::from_chars(value.data(), end, number).ptr == end
               && std::isfinite(number)) {
      rest[key] = number;
    } else if (key != "character_id") {
      rest[key] = value;
    }
  }
  entry["metadata"] = std::move(rest);
  return entry;
}

}  // namespace troupe::characters
