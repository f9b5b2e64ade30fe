#include "cli/console_tables.hpp"

#include "cli/json_value.hpp"
#include "cli/terminal_text.hpp"

#include <algorithm>

namespace troupe::cli {
namespace {

using simdjson::dom::element;

constexpr const char* sorted_down = "▼";
constexpr const char* sorted_up = "▲";

std::string copy_of(element from, std::string_view key) {
  return std::string(text_of(from, key));
}

std::string amount(element from, std::string_view key) {
  return amount_text(number_of(from, key));
}

std::string microseconds(element from, std::string_view key) {
  const auto value = number_of(from, key);
  return duration_text(value ? std::optional(*value / 1000) : std::nullopt);
}

std::string milliseconds(element from, std::string_view key) {
  return duration_text(number_of(from, key));
}

std::string when(element from, std::string_view key, bool with_date = false) {
  return clock_text(json_value<std::int64_t>(from, key), with_date);
}

table_cell alarm(element from, std::string_view key) {
  return {amount(from, key), number_of(from, key).value_or(0) > 0 ? tint::yellow : tint::none};
}

struct actor_column {
  std::string_view name;  ///< as the interface calls it
  table_column shown;
  table_cell (*cell)(element row);
};

const std::vector<actor_column>& actor_columns() {
  static const std::vector<actor_column> all = {
      {"id", {"ID", true}, [](element r) { return table_cell(copy_of(r, "id")); }},
      {"role", {"ROLE", false, 8}, [](element r) { return table_cell(copy_of(r, "role")); }},
      {"label", {"LABEL", false, 12}, [](element r) { return table_cell(copy_of(r, "label")); }},
      {"state", {"STATE"}, actor_state},
      {"mailbox", {"MAILBOX", true}, [](element r) { return alarm(r, "mailbox"); }},
      {"oldest_ms", {"OLDEST", true, 0, 4}, [](element r) { return table_cell(milliseconds(r, "oldest_ms")); }},
      {"messages_per_second",
       {"MSG/S", true, 0, 3},
       [](element r) { return table_cell(amount(r, "messages_per_second")); }},
      {"busy_share",
       {"BUSY %", true},
       [](element r) {
         const auto share = number_of(r, "busy_share");
         return table_cell(amount_text(share ? std::optional(*share * 100) : share),
                           share.value_or(0) >= 0.5 ? tint::yellow : tint::none);
       }},
      {"p50_us", {"P50", true, 0, 7}, [](element r) { return table_cell(microseconds(r, "p50_us")); }},
      {"p99_us", {"P99", true, 0, 5}, [](element r) { return table_cell(microseconds(r, "p99_us")); }},
      {"memory_bytes",
       {"MEMORY", true, 0, 2},
       [](element r) { return table_cell(bytes_text(number_of(r, "memory_bytes").value_or(0))); }},
      {"handled", {"HANDLED", true, 0, 9}, [](element r) { return table_cell(amount(r, "handled")); }},
      {"tokens_in", {"TOKENS IN", true, 0, 8}, [](element r) { return table_cell(amount(r, "tokens_in")); }},
      {"tokens_out", {"TOKENS OUT", true, 0, 8}, [](element r) { return table_cell(amount(r, "tokens_out")); }},
      {"restarts", {"RESTARTS", true, 0, 6}, [](element r) { return alarm(r, "restarts"); }},
      {"last_message",
       {"LAST MESSAGE", false, 12, 10},
       [](element r) { return table_cell(copy_of(r, "last_message")); }},
      {"last_error",
       {"LAST ERROR", false, 12, 1},
       [](element r) { return table_cell(copy_of(r, "last_error"), tint::red); }},
  };
  return all;
}

template <class Add>
void for_each(const json_rows& rows, Add add) {
  simdjson::dom::array all;
  if (rows.get(all) != simdjson::SUCCESS) return;
  for (auto row : all) add(row);
}

}  // namespace

std::optional<double> number_of(element from, std::string_view key) {
  double value = 0;
  return from[key].get(value) == simdjson::SUCCESS ? std::optional(value) : std::nullopt;
}

std::string_view text_of(element from, std::string_view key) {
  return json_value<std::string_view>(from, key);
}

table_cell actor_state(element row) {
  const auto state = text_of(row, "state");
  if (state == "paused") return {"paused", tint::cyan};
  if (state == "waiting") return {"waiting", tint::yellow};
  const auto busy = number_of(row, "busy_ms").value_or(0);
  if (state == "busy" && busy >= 1000) return {"busy " + duration_text(busy), tint::red};
  return {std::string(state), state == "busy" ? tint::green : tint::none};
}

table_cell turn_state(element turn) {
  const bool slow = json_value<bool>(turn, "slow");
  const std::string mark = slow ? ", slow" : "";
  if (text_of(turn, "state") == "in_flight") return {"in flight" + mark, slow ? tint::yellow : tint::green};
  const auto outcome = text_of(turn, "outcome");
  return {std::string(outcome) + mark, outcome == "failed" ? tint::red : slow ? tint::yellow : tint::none};
}

const std::vector<std::string_view>& shown_actor_columns() {
  static const auto names = [] {
    std::vector<std::string_view> out;
    for (auto& column : actor_columns())
      if (!column.name.starts_with("last_")) out.push_back(column.name);
    return out;
  }();
  return names;
}

terminal_table actor_table(json_rows rows, std::string_view sorted, bool descending) {
  std::vector<table_column> columns;
  for (auto& each : actor_columns()) {
    columns.push_back(each.shown);
    if (each.name != sorted) continue;
    columns.back().title += descending ? sorted_down : sorted_up;
    columns.back().rank = 0;  // what it is sorted by is seen
  }
  terminal_table out(std::move(columns));
  for_each(rows, [&](element row) {
    std::vector<table_cell> cells;
    for (auto& each : actor_columns()) cells.push_back(each.cell(row));
    out.add(std::move(cells));
  });
  return out;
}

terminal_table turn_table(json_rows rows) {
  terminal_table out({{"TURN"},
                      {"STATE"},
                      {"STARTED", false, 0, 2},
                      {"DURATION", true},
                      {"FIRST", true, 0, 3},
                      {"IN", true, 0, 6},
                      {"OUT", true, 0, 6},
                      {"TOOLS", true, 0, 5},
                      {"RUNNER", true, 0, 4},
                      {"MODEL", false, 8, 7},
                      {"CLIENT", false, 8, 1},
                      {"ERROR", false, 12}});
  for_each(rows, [&](element row) {
    out.add({copy_of(row, "turn"),
             turn_state(row),
             when(row, "started_at"),
             milliseconds(row, "duration_ms"),
             milliseconds(row, "first_delta_ms"),
             amount(row, "tokens_in"),
             amount(row, "tokens_out"),
             amount(row, "tool_calls"),
             copy_of(row, "runner"),
             copy_of(row, "model"),
             copy_of(row, "client"),
             {copy_of(row, "error"), tint::red}});
  });
  return out;
}

terminal_table client_table(json_rows rows) {
  terminal_table out({{"ID", false, 8},
                      {"ACTOR", true},
                      {"DIALECT", false, 0, 2},
                      {"PRINCIPAL", false, 8},
                      {"PEER", false, 9, 1},
                      {"SINCE", false, 0, 3},
                      {"QUEUED", true},
                      {"FRAMES IN", true, 0, 4},
                      {"TURNS", true, 0, 1},
                      {"SESSION", false, 8, 5}});
  for_each(rows, [&](element row) {
    const auto queued = number_of(row, "queued_bytes");
    const auto turns = number_of(row, "turns");
    out.add({copy_of(row, "id"), copy_of(row, "actor"), copy_of(row, "dialect"), copy_of(row, "principal"),
             copy_of(row, "peer"), number_of(row, "since") ? when(row, "since", true) : std::string("-"),
             queued ? bytes_text(*queued) : std::string("-"), amount(row, "frames_in"), amount_text(turns),
             copy_of(row, "session")});
  });
  return out;
}

terminal_table audit_table(json_rows rows) {
  terminal_table out({{"AT"}, {"WHO", false, 8}, {"ACT"}, {"TARGET", false, 8}, {"OUTCOME", false, 8}});
  for_each(rows, [&](element row) {
    out.add({when(row, "at", true), copy_of(row, "who"), copy_of(row, "act"), copy_of(row, "target"),
             copy_of(row, "outcome")});
  });
  return out;
}

terminal_table message_table(json_rows rows) {
  terminal_table out({{"AT"}, {"MESSAGE", false, 12}, {"SENDER", true}, {"WAITED", true}, {"HANDLED IN", true}});
  for_each(rows, [&](element row) {
    out.add({when(row, "at"), copy_of(row, "type"), copy_of(row, "sender"), microseconds(row, "wait_us"),
             microseconds(row, "handling_us")});
  });
  return out;
}

}  // namespace troupe::cli
