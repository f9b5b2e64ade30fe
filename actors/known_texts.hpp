#pragma once

/// \file
/// Whether a memory space holds a text already, by its words: case and
/// punctuation aside, in their order (DESIGN §7; reinforcement of the Luna
/// contract, 10.1). Asked where a text has no vector yet.
///
/// Ownership: keeps a hash of each text, the index keeps the texts.
/// Thread safety: none; owned by one actor. Cost: one pass over a text; some 40
/// bytes per record.

#include "storage/recall_index.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace troupe {

/// Whether two texts are the same words. Close vectors are not enough: "two
/// dogs" and "three dogs" are as close as can be and say different things.
bool same_words(std::string_view a, std::string_view b);

class known_texts {
 public:
  /// REQUIRES: `id` is not there.
  void put(std::uint64_t id, std::string_view text);
  void remove(std::uint64_t id, std::string_view text);
  void clear() { ids_.clear(); }

  /// A record of `index` that says the same words; none for a text without any.
  std::optional<std::uint64_t> find(std::string_view text, const storage::recall_index& index) const;

 private:
  std::unordered_multimap<std::uint64_t, std::uint64_t> ids_;  ///< hash of the words → id
};

}  // namespace troupe
