#include "runtime/inspection/actor_table.hpp"

#include "config/quote.hpp"
#include "config/rules.hpp"
#include "runtime/inspection/json_fields.hpp"

#include <algorithm>
#include <map>

namespace troupe {
namespace {

/// A column's value to sort by: a number or a text.
struct column {
  std::string_view name;
  double (*number)(const actor_row&) = nullptr;
  std::string_view (*text)(const actor_row&) = nullptr;
};

double relaxed(const std::atomic<std::uint64_t>& value) {
  return static_cast<double>(value.load(std::memory_order_relaxed));
}

constexpr column columns[] = {
    {"id", [](const actor_row& r) { return static_cast<double>(r.cell->number); }},
    {"role", nullptr, [](const actor_row& r) { return std::string_view(r.cell->role); }},
    {"label", nullptr, [](const actor_row& r) { return std::string_view(r.cell->label); }},
    {"parent", nullptr, [](const actor_row& r) { return std::string_view(r.cell->parent); }},
    {"state", nullptr, [](const actor_row& r) { return std::string_view(r.state); }},
    {"mailbox", [](const actor_row& r) { return static_cast<double>(r.mailbox); }},
    {"oldest_ms", [](const actor_row& r) { return r.oldest_ms; }},
    {"messages_per_second", [](const actor_row& r) { return r.rate.messages_per_second; }},
    {"handled", [](const actor_row& r) { return relaxed(r.cell->handled); }},
    {"p50_us", [](const actor_row& r) { return r.p50_us.value_or(-1); }},
    {"p99_us", [](const actor_row& r) { return r.p99_us.value_or(-1); }},
    {"busy_share", [](const actor_row& r) { return r.rate.busy_share; }},
    {"busy_ms", [](const actor_row& r) { return r.busy_ms; }},
    {"memory_bytes", [](const actor_row& r) { return static_cast<double>(r.memory_bytes); }},
    {"tokens_in", [](const actor_row& r) { return relaxed(r.cell->tokens_in); }},
    {"tokens_out", [](const actor_row& r) { return relaxed(r.cell->tokens_out); }},
    {"in_flight", [](const actor_row& r) { return relaxed(r.cell->in_flight); }},
    {"restarts", [](const actor_row& r) { return relaxed(r.cell->restarts); }},
    {"shed", [](const actor_row& r) { return relaxed(r.cell->shed); }},
};

const column* find_column(std::string_view name) {
  const auto* found = std::find_if(std::begin(columns), std::end(columns), [&](auto& c) { return c.name == name; });
  return found == std::end(columns) ? nullptr : found;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool holds(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool matches(const actor_cell& cell, const table_query& query) {
  if (!query.role.empty() && cell.role != query.role) return false;
  return query.text.empty() || cell.id == query.text || holds(cell.role, query.text) || holds(cell.label, query.text);
}

/// The ids decide between equal values, so that pages do not overlap.
bool comes_before(const actor_row& a, const actor_row& b, const column& by, bool descending) {
  if (by.number != nullptr) {
    const auto x = by.number(a), y = by.number(b);
    if (x != y) return descending ? x > y : x < y;
  } else if (const auto order = by.text(a).compare(by.text(b)); order != 0) {
    return descending ? order > 0 : order < 0;
  }
  return a.cell->number < b.cell->number;
}

void sort_rows(std::vector<actor_row>& rows, const column& by, bool descending, std::size_t wanted) {
  const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, rows.size()));
  std::partial_sort(rows.begin(), end, rows.end(),
                    [&](const actor_row& a, const actor_row& b) { return comes_before(a, b, by, descending); });
}

}  // namespace

bool is_column(std::string_view name) {
  return find_column(name) != nullptr;
}

actor_row make_row(std::shared_ptr<const actor_cell> cell, const actor_rates& rates, std::int64_t now_ns,
                   unsigned window) {
  // What a queued message takes, more or less: CAF's element and a small struct.
  constexpr std::uint64_t queued_message = 192;
  actor_row row;
  const auto busy = cell->busy_since_ns.load(std::memory_order_relaxed);
  const auto length = cell->mailbox_length();
  row.mailbox = busy != 0 && length > 0 ? length - 1 : length;
  row.oldest_ms = static_cast<double>(cell->oldest_wait_ns(now_ns)) / 1e6;
  row.busy_ms = busy == 0 || now_ns < busy ? 0 : static_cast<double>(now_ns - busy) / 1e6;
  row.state = cell->paused.load(std::memory_order_relaxed) ? "paused"
              : busy != 0                                  ? "busy"
              : row.mailbox > 0                            ? "waiting"
                                                           : "idle";
  row.rate = rates.of(*cell, now_ns, window);
  if (const auto* histogram = cell->histogram.load(std::memory_order_acquire)) {
    const auto microseconds = [](std::int64_t ns) { return static_cast<double>(ns) / 1000; };
    if (auto median = histogram->percentile(0.5)) row.p50_us = microseconds(*median);
    if (auto high = histogram->percentile(0.99)) row.p99_us = microseconds(*high);
  }
  row.memory_bytes = sizeof(actor_cell) + cell->object_bytes + cell->kept_bytes.load(std::memory_order_relaxed)
                     + queued_message * length;
  row.cell = std::move(cell);
  return row;
}

void append_row(std::string& out, const actor_row& row, const caf::actor_system& system) {
  const auto& cell = *row.cell;
  const auto count = [](const std::atomic<std::uint64_t>& value) { return value.load(std::memory_order_relaxed); };
  json_object to(out);
  to.text("id", cell.id).text("role", cell.role).text("label", cell.label).text("parent", cell.parent);
  to.text("state", row.state).number("mailbox", row.mailbox).real("oldest_ms", row.oldest_ms);
  to.real("messages_per_second", row.rate.messages_per_second).number("handled", count(cell.handled));
  to.real("p50_us", row.p50_us).real("p99_us", row.p99_us).real("busy_share", row.rate.busy_share);
  to.real("busy_ms", row.busy_ms).number("memory_bytes", row.memory_bytes);
  to.number("tokens_in", count(cell.tokens_in)).number("tokens_out", count(cell.tokens_out));
  to.number("in_flight", count(cell.in_flight)).text("last_message", cell.last_message(system));
  to.text("last_error", cell.last_error()).number("restarts", count(cell.restarts)).number("shed", count(cell.shed));
  const auto level = cell.log_scope.level.load(std::memory_order_relaxed);
  if (level < 0)
    to.raw("log_level", "null");
  else
    to.text("log_level", config::name_of(static_cast<config::log_level>(level)));
  const auto linked = count(cell.linked);
  to.text("linked", linked == 0 ? std::string() : std::to_string(linked));
}

std::string table_json(const std::vector<actor_registry::entry>& actors, const table_query& query,
                       const actor_rates& rates, std::int64_t now_ns, const caf::actor_system& system) {
  std::map<std::string_view, std::size_t> roles;
  auto last_role = roles.end();  // neighbours are often of one role
  std::vector<actor_row> rows;
  rows.reserve(actors.size());
  for (const auto& each : actors) {
    if (last_role == roles.end() || last_role->first != each.cell->role)
      last_role = roles.try_emplace(each.cell->role, 0).first;
    ++last_role->second;
    if (!matches(*each.cell, query)) continue;
    auto row = make_row(each.cell, rates, now_ns, query.window);
    if (query.state.empty() || query.state == row.state) rows.push_back(std::move(row));
  }
  const auto* by = find_column(query.sort);
  sort_rows(rows, by ? *by : columns[0], query.descending, query.offset + query.limit);
  std::string out = "\"total\":" + std::to_string(actors.size()) + ",\"matching\":" + std::to_string(rows.size())
                    + ",\"window_s\":" + std::to_string(query.window) + ",\"roles\":";
  {
    json_object counts(out);
    for (auto& [role, number] : roles) counts.number(role, number);
  }
  out += ",\"actors\":[";
  for (auto i = query.offset; i < std::min(query.offset + query.limit, rows.size()); ++i) {
    if (i > query.offset) out += ',';
    append_row(out, rows[i], system);
  }
  return out + "]";
}

std::vector<const actor_row*> top_rows(const std::vector<actor_row>& rows, std::string_view name, std::size_t count) {
  const auto* by = find_column(name);
  std::vector<const actor_row*> top;
  if (by == nullptr || by->number == nullptr) return top;
  for (const auto& row : rows)
    if (by->number(row) > 0) top.push_back(&row);
  const auto end = top.begin() + static_cast<std::ptrdiff_t>(std::min(count, top.size()));
  std::partial_sort(top.begin(), end, top.end(),
                    [&](const actor_row* a, const actor_row* b) { return comes_before(*a, *b, *by, true); });
  top.erase(end, top.end());
  return top;
}

}  // namespace troupe
