#include "actors/inspector.hpp"
#include "runtime/inspection/dead_letters.hpp"
#include "runtime/inspection/json_fields.hpp"
#include "runtime/inspection/process_usage.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/pretty_type_name.hpp>
#include <caf/uniform_type_info_map.hpp>

#include <unistd.h>

#include <array>

namespace troupe {
namespace {

constexpr std::size_t points_kept = 120;
constexpr std::size_t shown_at_top = 5;

std::uint64_t relaxed(const std::atomic<std::uint64_t>& value) {
  return value.load(std::memory_order_relaxed);
}

/// What the cells of a node add up to.
struct totals {
  std::size_t sessions = 0;
  std::uint64_t tokens_in = 0, tokens_out = 0;
  std::uint64_t models_in_flight = 0, tools_in_flight = 0;
};

totals total_of(const std::vector<actor_row>& rows) {
  totals sum;
  for (auto& each : rows) {
    const auto& cell = *each.cell;
    sum.sessions += cell.role == "session";
    if (cell.role == "builtin_tools" || cell.role == "mcp_server") sum.tools_in_flight += relaxed(cell.in_flight);
    if (cell.role != "model") continue;
    sum.models_in_flight += relaxed(cell.in_flight);
    sum.tokens_in += relaxed(cell.tokens_in);
    sum.tokens_out += relaxed(cell.tokens_out);
  }
  return sum;
}

}  // namespace

void inspector_state::sample(const std::vector<actor_registry::entry>& actors) {
  const auto now = deps_.node->clock.monotonic_ns();
  const auto cpu = process_usage::cpu_ns();
  overview_point point;
  point.at = deps_.node->clock.wall_ms();
  point.actors = actors.size();
  point.rss_bytes = process_usage::resident_bytes();
  point.messages_per_second = rates_.messages_per_second();
  if (last_point_ns_ != 0 && now > last_point_ns_)
    point.cpu_share = static_cast<double>(cpu - last_cpu_ns_) / static_cast<double>(now - last_point_ns_);
  if (const auto* traces = deps_.node->traces) {
    const auto turns = traces->totals();
    if (last_point_ns_ != 0 && now > last_point_ns_)
      point.turns_per_second =
          static_cast<double>(turns.finished - last_turns_) * 1e9 / static_cast<double>(now - last_point_ns_);
    last_turns_ = turns.finished;
    point.turn_p99_ms = turns.p99_ms.value_or(0);
  }
  last_point_ns_ = now;
  last_cpu_ns_ = cpu;
  points_.push_back(point);
  if (points_.size() > points_kept) points_.pop_front();
}

void inspector_state::show_overview(const asked_ptr& one) {
  const auto now = deps_.node->clock.monotonic_ns();
  auto actors = deps_.node->registry.snapshot();
  std::vector<actor_row> rows;
  rows.reserve(actors.size());
  for (auto& each : actors) rows.push_back(make_row(std::move(each.cell), rates_, now, 10));
  const auto sum = total_of(rows);
  const auto last = points_.empty() ? overview_point{} : points_.back();
  std::string out;
  {
    json_object to(out);
    to.number("at", deps_.node->clock.wall_ms()).number("started_at", started_at_).text("version", deps_.version);
    to.number("pid", ::getpid()).number("actors", rows.size()).number("sessions", sum.sessions);
    to.number("clients", deps_.counters ? deps_.counters->active_clients.load() : 0);
    to.number("tokens_in", sum.tokens_in).number("tokens_out", sum.tokens_out);
    to.number("models_in_flight", sum.models_in_flight).number("tools_in_flight", sum.tools_in_flight);
    to.real("messages_per_second", last.messages_per_second).real("cpu_share", last.cpu_share);
    to.number("rss_bytes", process_usage::resident_bytes());
    to.number("dead_letters", dead_letters::total()).number("log_dropped", log::dropped_lines());
    const auto* traces = deps_.node->traces;
    const auto turns = traces ? traces->totals() : turn_totals{};
    to.number("turns_in_flight", turns.in_flight).number("turns_failed", turns.failed);
    to.number("turns_finished", turns.finished).real("turns_per_second", last.turns_per_second);
    to.real("turn_p50_ms", turns.p50_ms).real("turn_p99_ms", turns.p99_ms);
    turn_filter failed;
    failed.state = turn_filter::only::failed;
    failed.limit = shown_at_top;
    to.raw("failed", traces ? traces->page(failed).turns : std::string("[]"));
    const auto top = [&](const char* name, std::string_view column) {
      std::string list = "[";
      std::size_t shown = 0;
      for (const auto* row : top_rows(rows, column, shown_at_top + 1)) {
        // It is always in a handler while it answers this.
        if (row->cell->number == self_->id() || shown++ == shown_at_top) continue;
        if (list.size() > 1) list += ',';
        append_row(list, *row, deps_.node->system);
      }
      to.raw(name, list + "]");
    };
    top("pressure", "mailbox");
    top("busiest", "busy_share");
    top("stuck", "busy_ms");
    std::string history;
    {
      json_object columns(history);
      const auto column = [&](const char* name, auto value) {
        std::string list = "[";
        for (auto& point : points_) {
          if (list.size() > 1) list += ',';
          value(list, point);
        }
        columns.raw(name, list + "]");
      };
      const auto append = [](std::string& list, double value) {
        char digits[32];
        list.append(digits, static_cast<std::size_t>(std::snprintf(digits, sizeof digits, "%.3f", value)));
      };
      column("at", [](auto& list, auto& p) { list += std::to_string(p.at); });
      column("messages_per_second", [&](auto& list, auto& p) { append(list, p.messages_per_second); });
      column("turns_per_second", [&](auto& list, auto& p) { append(list, p.turns_per_second); });
      column("turn_p99_ms", [&](auto& list, auto& p) { append(list, p.turn_p99_ms); });
      column("rss_bytes", [](auto& list, auto& p) { list += std::to_string(p.rss_bytes); });
      column("cpu_share", [&](auto& list, auto& p) { append(list, p.cpu_share); });
      column("actors", [](auto& list, auto& p) { list += std::to_string(p.actors); });
    }
    to.raw("history", history);
  }
  answer(one, out.substr(1, out.size() - 2));
}

void inspector_state::show_turns(const asked_ptr& one) {
  const auto* traces = deps_.node->traces;
  if (traces == nullptr) return fail(one, 503, "this node keeps no traces");
  const auto filter = turn_filter::read(one->query.parameters);
  if (!filter) return fail(one, 400, filter.error().message);
  answer(one, std::string(inside(traces->list_json(*filter))));
}

void inspector_state::show_turn(const asked_ptr& one) {
  const auto* traces = deps_.node->traces;
  if (traces == nullptr) return fail(one, 503, "this node keeps no traces");
  const auto turn = parse_turn_id(one->query.path[1]);
  const auto shown = turn ? traces->one_json(*turn) : std::nullopt;
  if (!shown) return fail(one, 404, "no such turn: it is no longer kept, or there never was one");
  answer(one, std::string(inside(*shown)));
}

void inspector_state::show_log(const asked_ptr& one) {
  const auto limit = number_in(one, "limit", 200, 1, 1000);
  if (!limit) return;
  const auto actor = number_in(one, "actor", 0, 1, static_cast<std::size_t>(-1) / 2);
  if (!actor) return;
  auto from = log::level::trace;
  if (const auto wanted = one->parameter("level"); !wanted.empty()) {
    const auto level = log::level_of(wanted);
    if (!level) return fail(one, 400, "level: must be trace, debug, info, warn or error");
    from = *level;
  }
  std::string out = "\"lines\":[";
  bool first = true;
  for (auto& line : log::tail(*limit, *actor, from, one->parameter("q"))) {
    if (!std::exchange(first, false)) out += ',';
    json_object to(out);
    to.number("number", line.number)
        .number("at", line.at)
        .text("level", config::name_of(line.severity))
        .text("event", line.event);
    to.text("actor", line.actor == 0 ? std::string() : std::to_string(line.actor)).text("text", line.text);
  }
  answer(one, out + "],\"dropped\":" + std::to_string(log::dropped_lines()));
}

void inspector_state::show_letters(const asked_ptr& one) {
  const auto& types = deps_.node->system.types();
  std::string out = "\"total\":" + std::to_string(dead_letters::total()) + ",\"letters\":[";
  bool first = true;
  for (auto& letter : dead_letters::recent()) {
    if (!std::exchange(first, false)) out += ',';
    json_object to(out);
    to.number("at", letter.at).text("kind", dead_letters::to_string(letter.why)).text("actor", letter.actor);
    to.text("role", letter.role);
    const bool empty = letter.type == caf::rtti_pair{0, nullptr};
    to.text("message", empty ? std::string("empty") : types.portable_name(letter.type));
    to.text("sender", letter.sender == 0 ? std::string() : std::to_string(letter.sender));
  }
  answer(one, out + "]");
}

void inspector_state::show_audit(const asked_ptr& one) {
  const auto limit = number_in(one, "limit", 100, 1, 500);
  if (!limit) return;
  std::string out = "\"entries\":[";
  std::size_t count = 0;
  for (auto& each : deps_.audit->recent()) {
    if (count == *limit) break;
    if (count++ > 0) out += ',';
    json_object to(out);
    to.number("at", each.at).text("who", each.who).text("act", each.act).text("target", each.target);
    to.text("outcome", each.outcome);
  }
  answer(one, out + "]");
}

}  // namespace troupe
