#pragma once

/// \file
/// The interface's rows (docs/console.md) as tables for a terminal.
///
/// Thread safety: pure functions over a parsed answer. Errors: a field that is
/// missing is shown as if it were empty.

#include "cli/terminal_table.hpp"
#include "net/json.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// A list of an answer, as `answer["actors"]` gives it; without one there are no rows.
using json_rows = simdjson::simdjson_result<simdjson::dom::element>;

/// The columns that the table of actors can be sorted by, as it shows them.
const std::vector<std::string_view>& shown_actor_columns();

/// `sorted` is marked in the heading; empty: none is.
terminal_table actor_table(json_rows rows, std::string_view sorted = {}, bool descending = false);
terminal_table turn_table(json_rows rows);
terminal_table client_table(json_rows rows);
terminal_table audit_table(json_rows rows);
terminal_table message_table(json_rows rows);

/// A number, whole or not; nothing for null and for what is none.
std::optional<double> number_of(simdjson::dom::element from, std::string_view key);
std::string_view text_of(simdjson::dom::element from, std::string_view key);
/// "reply", "failed", "in flight".
table_cell turn_state(simdjson::dom::element turn);
/// "idle", "busy 12 s".
table_cell actor_state(simdjson::dom::element row);

}  // namespace troupe::cli
