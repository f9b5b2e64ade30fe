#pragma once

/// \file
/// Who a character is: what its file says, checked and completed with defaults
/// (contracts/character.md §6).
///
///     auto pilot = definition::from_yaml("harbor-pilot", text, "harbor-pilot.yaml", now_us);
///     if (!pilot) ...;                       // names file, line, field and rule
///     for (auto& each : pilot->warnings) ...;
///
/// Ownership: a value. Thread safety: values, pure functions; no I/O.
/// Errors: `invalid`, one sentence that names the file, the line, the field and
/// the allowed range or form. What is only unusual is a warning.
/// Cost: one parse; the text is at most `largest_definition` bytes.

#include "runtime/character_id.hpp"
#include "runtime/failure.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::characters {

inline constexpr std::size_t largest_definition = 256 * 1024;

/// In the contract's order.
enum class neurochemical : std::uint8_t { dopamine, serotonin, oxytocin, endorphins, cortisol, adrenaline };
inline constexpr std::size_t neurochemical_count = 6;
inline constexpr std::array<std::string_view, neurochemical_count> neurochemical_names = {
    "dopamine", "serotonin", "oxytocin", "endorphins", "cortisol", "adrenaline"};
/// By `neurochemical`; levels are 0 to 100.
using levels = std::array<double, neurochemical_count>;

struct definition {
  std::string id;  ///< the file's stem (runtime/character_id.hpp)
  std::string name;
  std::string archetype;
  std::string description;  ///< may be empty
  levels baseline{};
  levels sensitivity{};  ///< multiplies a turn's changes; 1 unless the file says otherwise
  struct {
    double openness = 0.5, conscientiousness = 0.5, extraversion = 0.5, agreeableness = 0.5, neuroticism = 0.5;
  } big_five;
  double emotional_volatility = 0.5;
  /// Everything, processed: the keys of the contract's table with their defaults,
  /// `character_id` and `metadata`; traits, values and goals in object form.
  boost::json::object config;
  std::vector<std::string> warnings;  ///< "FILE:LINE:COLUMN: ..."

  /// From a file. `now_us`: wall clock, µs, for `metadata.loaded_timestamp`.
  static expected<definition> from_yaml(std::string_view id, std::string_view text, std::string_view file,
                                        std::int64_t now_us);
  /// From a client's `character_config`, or a `config` made earlier: the same checks and defaults.
  static expected<definition> from_json(std::string_view id, const boost::json::object& config, std::int64_t now_us);
};

}  // namespace troupe::characters
