#pragma once

/// \file
/// What memory keeps, and what it finds (DESIGN §7). Values; the messages that
/// carry them are in memory.hpp.

#include "runtime/message_macros.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// One remembered text. `embedding` is unit length or empty (not embedded yet).
struct memory_record {
  std::uint64_t id = 0;  ///< from 1, unique in its space, never reused
  std::string text;
  std::string kind;             ///< "fact" unless a dialect says otherwise
  float importance = 0.5f;      ///< or confidence, 0 to 1
  std::int64_t created_at = 0;  ///< wall clock, ms
  std::int64_t updated_at = 0;
  std::string source;  ///< where it came from, e.g. "turn" or "cli"
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string embedder;  ///< id of the model that made `embedding`
  std::vector<float> embedding;
  bool operator==(const memory_record&) const = default;
};
TROUPE_MESSAGE(memory_record, id, text, kind, importance, created_at, updated_at, source, metadata, embedder, embedding)

/// A recalled record: `score` orders hits (higher is better), `similarity` is
/// the cosine with the query, `matched` whether a word matched.
struct memory_hit {
  memory_record record;  ///< without its embedding
  float score = 0;
  float similarity = 0;
  bool matched = false;
  bool operator==(const memory_hit&) const = default;
};
TROUPE_MESSAGE(memory_hit, record, score, similarity, matched)

}  // namespace troupe
