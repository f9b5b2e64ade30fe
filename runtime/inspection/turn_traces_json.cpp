// Turns as the console sees them: docs/console.md "Turns".

#include "config/quote.hpp"
#include "runtime/inspection/turn_traces_parts.hpp"
#include "runtime/ports/clock.hpp"

#include <algorithm>
#include <charconv>

namespace troupe {
namespace {

void begin_member(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
}

void text(std::string& out, std::string_view name, std::string_view value) {
  begin_member(out, name);
  config::append_json_string(out, value);
}

void number(std::string& out, std::string_view name, std::int64_t value) {
  begin_member(out, name);
  out += std::to_string(value);
}

/// Milliseconds, to the microsecond.
void milliseconds(std::string& out, std::string_view name, std::int64_t nanoseconds) {
  begin_member(out, name);
  char digits[32];
  const auto rounded = static_cast<double>(nanoseconds / 1000) / 1000;
  out.append(digits, std::to_chars(digits, digits + sizeof digits, rounded).ptr);
}

/// The id of an actor, or nothing.
void actor(std::string& out, std::string_view name, std::uint64_t id) {
  text(out, name, id == 0 ? std::string() : std::to_string(id));
}

std::string hex(std::uint64_t value) {
  std::string out;
  append_hex(out, value);
  return out;
}

const char* outcome_of(const turn_record& record) {
  switch (record.outcome) {
    case event_kind::reply: return "reply";
    case event_kind::failed: return "failed";
    case event_kind::cancelled: return "cancelled";
    case event_kind::interrupted: return "interrupted";
    default: return "";
  }
}

/// The members of a turn, the object still open.
void append_turn(std::string& out, const turn_record& record, bool slow, std::int64_t now) {
  out += '{';
  text(out, "turn", hex(record.turn));
  text(out, "trace", hex(record.context.high) + hex(record.context.low));
  text(out, "session", record.session);
  text(out, "client", record.client);
  text(out, "dialect", record.dialect);
  text(out, "principal", record.principal);
  text(out, "model", record.model);
  text(out, "state", record.ended == 0 ? "in_flight" : "done");
  text(out, "outcome", outcome_of(record));
  begin_member(out, "slow");
  out += slow ? "true" : "false";
  number(out, "started_at", record.started_at);
  milliseconds(out, "duration_ms", (record.ended != 0 ? record.ended : now) - record.started);
  if (record.first_delta != 0) {
    milliseconds(out, "first_delta_ms", record.first_delta - record.started);
  } else {
    begin_member(out, "first_delta_ms");
    out += "null";
  }
  number(out, "tokens_in", static_cast<std::int64_t>(record.tokens_in));
  number(out, "tokens_out", static_cast<std::int64_t>(record.tokens_out));
  number(out, "bytes", static_cast<std::int64_t>(record.bytes));
  number(out, "tool_calls", record.tool_calls);
  text(out, "error", record.error);
  actor(out, "runner", record.runner);
  actor(out, "session_actor", record.session_actor);
}

void append_span(std::string& out, std::string_view name, std::uint64_t by, std::int64_t start, std::int64_t lasted) {
  out += '{';
  text(out, "name", name);
  actor(out, "actor", by);
  number(out, "start_us", start / 1000);
  begin_member(out, "duration_us");
  out += lasted < 0 ? "null" : std::to_string(lasted / 1000);
  out += ",\"attributes\":{";
}

void append_spans(std::string& out, const turn_record& record) {
  out += ",\"spans\":[";
  append_span(out, "turn", record.connection, 0, record.ended == 0 ? -1 : record.ended - record.started);
  out += "}}";
  for (auto& span : record.spans) {
    out += ',';
    auto name = std::string(to_string(span.kind));
    if (span.name != 0) name.append(" ").append(record.name_of(span));
    append_span(out, name, span.actor, span.start - record.started, span.end == 0 ? -1 : span.end - span.start);
    for (std::uint8_t i = 0; i < span.values; ++i) number(out, to_string(span.value[i].what), span.value[i].value);
    if (span.error != nullptr) text(out, "error", span.error);
    out += "}}";
  }
  out += ']';
  number(out, "spans_dropped", record.spans_dropped);
}

}  // namespace

std::string turn_traces::list_json(const turn_filter& filter) const {
  struct found {
    std::int64_t by;
    std::uint64_t turn;
  };
  const auto now = clock_.monotonic_ns();
  std::vector<found> all;
  std::size_t total = 0;
  for (std::size_t i = 0; i < shards; ++i) {
    std::lock_guard guard(shards_[i].mutex);
    for (auto& [turn, each] : shards_[i].turns) {
      if (!each->listed()) continue;
      ++total;
      const auto& record = each->record;
      using only = turn_filter::only;
      if (filter.state == only::in_flight && record.ended != 0) continue;
      if (filter.state == only::slow && !is_slow(record, now)) continue;
      if (filter.state == only::failed && !record.failed()) continue;
      if (!filter.matches(record)) continue;
      const auto lasted = (record.ended != 0 ? record.ended : now) - record.started;
      all.push_back({filter.sort == turn_filter::order_by::duration ? lasted : record.started, turn});
    }
  }
  const auto first = std::min(filter.offset, all.size());
  const auto last = std::min(all.size(), first + std::min<std::size_t>(filter.limit, 500));
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(last), all.end(), [&](auto& a, auto& b) {
    if (a.by != b.by) return filter.descending ? a.by > b.by : a.by < b.by;
    return a.turn < b.turn;
  });
  std::string out =
      "{\"total\":" + std::to_string(total) + ",\"matching\":" + std::to_string(all.size()) + ",\"turns\":[";
  for (auto i = first; i < last; ++i) {
    const auto record = find_locked(all[i].turn);
    if (!record) continue;  // forgotten meanwhile
    if (out.back() != '[') out += ',';
    append_turn(out, *record, is_slow(*record, now), now);
    out += '}';
  }
  return out += "]}";
}

std::optional<std::string> turn_traces::one_json(std::uint64_t turn) const {
  const auto now = clock_.monotonic_ns();
  const auto record = find_locked(turn);
  if (!record || !record.found->listed()) return std::nullopt;
  std::string out;
  append_turn(out, *record, is_slow(*record, now), now);
  text(out, "parent_span", record->context.parent == 0 ? std::string() : hex(record->context.parent));
  append_spans(out, *record);
  return out += '}';
}

std::optional<found_turn> turn_traces::find(std::uint64_t turn) const {
  const auto record = find_locked(turn);
  if (!record || !record.found->listed()) return std::nullopt;
  return found_turn{record->ended == 0, record->session_actor, record->runner, record->connection, record->client};
}

}  // namespace troupe
