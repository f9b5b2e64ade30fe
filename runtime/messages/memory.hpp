#pragma once

/// \file
/// Messages of memory actors (DESIGN §7).

#include "runtime/message_macros.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/messages/memory_record.hpp"
#include "runtime/messages/turn.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Request → `memory_added`.
struct memory_add {
  std::string text;
  std::string kind;
  float importance = 0.5f;
  std::string source;
  std::vector<std::pair<std::string, std::string>> metadata;
  bool operator==(const memory_add&) const = default;
};
TROUPE_MESSAGE(memory_add, text, kind, importance, source, metadata)

struct memory_added {
  std::uint64_t id = 0;
  bool reinforced = false;  ///< it was known already; its importance grew
  bool operator==(const memory_added&) const = default;
};
TROUPE_MESSAGE(memory_added, id, reinforced)

/// What a recall filters by and how much it returns.
struct recall_options {
  std::uint32_t k = 5;
  float min_importance = 0;
  float min_similarity = 0.25f;  ///< of hits found by similarity alone
  std::string kind;              ///< empty: any
  bool operator==(const recall_options&) const = default;
};
TROUPE_MESSAGE(recall_options, k, min_importance, min_similarity, kind)

/// Request → `memory_recalled`.
struct memory_recall {
  turn_ref ref;  ///< turn 0 outside a turn
  std::string query;
  recall_options options;
  bool operator==(const memory_recall&) const = default;
};
TROUPE_MESSAGE(memory_recall, ref, query, options)

struct memory_recalled {
  turn_ref ref;
  std::vector<memory_hit> hits;
  bool operator==(const memory_recalled&) const = default;
};
TROUPE_MESSAGE(memory_recalled, ref, hits)

/// Request → `memory_listed`: newest first.
struct memory_list {
  std::uint32_t limit = 100;
  std::uint64_t before = 0;  ///< only ids below; 0: from the newest
  bool operator==(const memory_list&) const = default;
};
TROUPE_MESSAGE(memory_list, limit, before)

struct memory_listed {
  std::vector<memory_record> records;  ///< without embeddings
  std::uint64_t total = 0;
  bool operator==(const memory_listed&) const = default;
};
TROUPE_MESSAGE(memory_listed, records, total)

/// Request → `memory_forgotten`: forget one record, these too, or all of the space.
struct memory_forget {
  std::uint64_t id = 0;
  bool all = false;
  std::vector<std::uint64_t> more = {};
  bool operator==(const memory_forget&) const = default;
};
TROUPE_MESSAGE(memory_forget, id, all, more)

struct memory_forgotten {
  std::uint64_t count = 0;
  bool operator==(const memory_forgotten&) const = default;
};
TROUPE_MESSAGE(memory_forgotten, count)

/// Session → memory: a turn ended well; learn from the user's words. The same
/// text stands durably in the column `lessons` under `key` until memory has
/// taken it in, so a crash in between loses and doubles nothing.
struct memory_learn {
  turn_ref ref;
  std::string key;
  std::string teaching;
  bool operator==(const memory_learn&) const = default;
};
TROUPE_MESSAGE(memory_learn, ref, key, teaching)

/// Memory → itself: its records have been read.
struct memory_loaded {
  failure error;
  bool operator==(const memory_loaded&) const = default;
};
TROUPE_MESSAGE(memory_loaded, error)

/// A remote embedder's waker, or a timer → memory: look what has become of the
/// requests in flight. Says nothing itself, so a late or a doubled one does no harm.
struct memory_embedding_ready {
  bool operator==(const memory_embedding_ready&) const = default;
};
TROUPE_SIGNAL(memory_embedding_ready)

TROUPE_INTERFACE(memory_actor, TROUPE_ASKS(memory_add, memory_added), TROUPE_ASKS(memory_recall, memory_recalled),
                 TROUPE_ASKS(memory_list, memory_listed), TROUPE_ASKS(memory_forget, memory_forgotten),
                 TROUPE_TELLS(memory_learn), TROUPE_TELLS(memory_loaded), TROUPE_TELLS(memory_embedding_ready),
                 TROUPE_ASKS(drain, drained), TROUPE_TELLS(idle_check), TROUPE_TELLS(sleep_now));

}  // namespace troupe
