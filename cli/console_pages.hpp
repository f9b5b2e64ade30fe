#pragma once

/// \file
/// One actor and one turn as lines for a terminal; the live view draws the
/// same lines that the commands print.
///
/// Thread safety: pure functions over a parsed answer.

#include "cli/terminal_table.hpp"
#include "net/json.hpp"

#include <optional>
#include <vector>

namespace troupe::cli {

/// The answer of GET /console/api/actors/ID.
std::vector<text_line> actor_page(simdjson::dom::element answer, std::optional<std::size_t> width);

/// The answer of GET /console/api/turns/ID: its facts and its spans, each a bar.
std::vector<text_line> turn_page(simdjson::dom::element answer, std::optional<std::size_t> width);

/// `columns` cells, of which a span covers what it covers of `whole_us`: "  ██▌ ".
/// One that is not over (none) reaches to the end, in "░". What is short is seen.
std::string span_bar(double start_us, std::optional<double> duration_us, double whole_us, std::size_t columns);

/// Any JSON, indented: objects line by line, lists of plain values on one line.
void append_json_lines(std::vector<text_line>& to, simdjson::dom::element value, std::size_t indent);

}  // namespace troupe::cli
