// Turns as the console sees them: docs/console.md "Turns".

#include "runtime/inspection/json_fields.hpp"
#include "runtime/inspection/turn_traces_parts.hpp"
#include "runtime/ports/clock.hpp"

#include <algorithm>

namespace troupe {
namespace {

/// To the microsecond.
double milliseconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds / 1000) / 1000;
}

/// The id of an actor, or nothing.
std::string actor(std::uint64_t id) {
  return id == 0 ? std::string() : std::to_string(id);
}

std::string hex(std::uint64_t value) {
  std::string out;
  append_hex(out, value);
  return out;
}

void append_turn(json_object& to, const turn_record& record, bool slow, std::int64_t now) {
  to.text("turn", hex(record.turn)).text("trace", hex(record.context.high) + hex(record.context.low));
  to.text("session", record.session).text("client", record.client).text("dialect", record.dialect);
  to.text("principal", record.principal).text("model", record.model);
  to.text("state", record.ended == 0 ? "in_flight" : "done");
  to.text("outcome", record.ended == 0 ? "" : to_string(record.outcome)).flag("slow", slow);
  to.number("started_at", record.started_at);
  to.real("duration_ms", milliseconds((record.ended != 0 ? record.ended : now) - record.started));
  to.real("first_delta_ms",
          record.first_delta != 0 ? std::optional(milliseconds(record.first_delta - record.started)) : std::nullopt);
  to.number("tokens_in", record.tokens_in).number("tokens_out", record.tokens_out).number("bytes", record.bytes);
  to.number("tool_calls", record.tool_calls).text("error", record.error);
  to.text("runner", actor(record.runner)).text("session_actor", actor(record.session_actor));
}

/// `lasted` below 0: it is not over. `attributes`: a whole object.
void append_span(std::string& out, std::string_view name, std::uint64_t by, std::int64_t start, std::int64_t lasted,
                 std::string_view attributes) {
  json_object to(out);
  to.text("name", name).text("actor", actor(by)).number("start_us", start / 1000);
  to.raw("duration_us", lasted < 0 ? std::string("null") : std::to_string(lasted / 1000));
  to.raw("attributes", attributes);
}

std::string attributes_of(const turn_span& span) {
  std::string out;
  {
    json_object to(out);
    for (std::uint8_t i = 0; i < span.values; ++i) to.number(to_string(span.value[i].what), span.value[i].value);
    if (span.error != nullptr) to.text("error", span.error);
  }
  return out;
}

std::string spans_of(const turn_record& record) {
  std::string out = "[";
  append_span(out, "turn", record.connection, 0, record.ended == 0 ? -1 : record.ended - record.started, "{}");
  for (auto& span : record.spans) {
    out += ',';
    auto name = std::string(to_string(span.kind));
    if (span.name != 0) name.append(" ").append(record.name_of(span));
    append_span(out, name, span.actor, span.start - record.started, span.end == 0 ? -1 : span.end - span.start,
                attributes_of(span));
  }
  return out += ']';
}

}  // namespace

turn_page turn_traces::page(const turn_filter& filter) const {
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
  turn_page out{total, all.size(), "["};
  for (auto i = first; i < last; ++i) {
    const auto record = find_locked(all[i].turn);
    if (!record) continue;  // forgotten meanwhile
    if (out.turns.size() > 1) out.turns += ',';
    json_object to(out.turns);
    append_turn(to, *record, is_slow(*record, now), now);
  }
  out.turns += ']';
  return out;
}

std::string turn_traces::list_json(const turn_filter& filter) const {
  const auto found = page(filter);
  std::string out;
  json_object(out).number("total", found.total).number("matching", found.matching).raw("turns", found.turns);
  return out;
}

std::optional<std::string> turn_traces::one_json(std::uint64_t turn) const {
  const auto now = clock_.monotonic_ns();
  const auto record = find_locked(turn);
  if (!record || !record.found->listed()) return std::nullopt;
  std::string out;
  {
    json_object to(out);
    append_turn(to, *record, is_slow(*record, now), now);
    to.text("parent_span", record->context.parent == 0 ? std::string() : hex(record->context.parent));
    to.raw("spans", spans_of(*record)).number("spans_dropped", record->spans_dropped);
  }
  return out;
}

std::optional<found_turn> turn_traces::find(std::uint64_t turn) const {
  const auto record = find_locked(turn);
  if (!record || !record.found->listed()) return std::nullopt;
  return found_turn{record->ended == 0, record->session_actor, record->runner, record->connection, record->client};
}

}  // namespace troupe
