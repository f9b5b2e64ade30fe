#pragma once

/// \file
/// The table of actors, sorted, searched and paged (docs/console.md).
///
/// Thread safety: pure functions over the registry's cells and one thread's
/// rates. Cost: reads every cell once; 10,000 actors take some milliseconds.

#include "runtime/actor/registry.hpp"
#include "runtime/failure.hpp"
#include "runtime/inspection/actor_rates.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caf {
class actor_system;
}

namespace troupe {

/// One actor as the table shows it.
struct actor_row {
  std::shared_ptr<const actor_cell> cell;
  const char* state = "idle";
  std::uint64_t mailbox = 0;  ///< waiting, without the one in a handler
  double oldest_ms = 0;
  double busy_ms = 0;
  actor_rates::rate rate;
  std::optional<double> p50_us, p99_us;
  std::uint64_t memory_bytes = 0;
};

struct table_query {
  std::string sort = "id";
  bool descending = false;
  std::string text;   ///< searched in id, role and label, without case
  std::string role;   ///< empty: any
  std::string state;  ///< empty: any
  std::size_t offset = 0;
  std::size_t limit = 100;
  unsigned window = 10;  ///< seconds
};

actor_row make_row(std::shared_ptr<const actor_cell> cell, const actor_rates& rates, std::int64_t now_ns,
                   unsigned window);
void append_row(std::string& out, const actor_row& row, const caf::actor_system& system);

/// Whether the table has a column of that name.
bool is_column(std::string_view name);

/// Members of the answer's object, without braces: "total":… to "actors":[…].
std::string table_json(const std::vector<actor_registry::entry>& actors, const table_query& query,
                       const actor_rates& rates, std::int64_t now_ns, const caf::actor_system& system);

/// Those rows, of all that there are, with the greatest values of a column; those with 0 left out.
std::vector<const actor_row*> top_rows(const std::vector<actor_row>& rows, std::string_view column, std::size_t count);

}  // namespace troupe
