#include "actors/inspector.hpp"
#include "runtime/inspection/json_fields.hpp"
#include "runtime/inspection/mask_secrets.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/pretty_type_name.hpp>
#include <caf/uniform_type_info_map.hpp>

#include <algorithm>
#include <array>

namespace troupe {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::size_t most_rows = 500;
constexpr std::size_t most_offset = 10'000'000;

bool is_connection(const actor_cell& cell) {
  return std::string_view(cell.role).ends_with("_connection");
}

std::uint64_t linked_to(const actor_cell& cell) {
  return cell.linked.load(std::memory_order_relaxed);
}

using cells = std::vector<std::shared_ptr<const actor_cell>>;

/// Whose child an actor is in one of the three trees; empty: a root, "-": not in it.
std::string parent_in(std::string_view by, const actor_cell& cell,
                      const std::map<std::uint64_t, std::string>& clients) {
  if (by == "supervisor") return cell.parent;
  if (by == "session") {
    if (cell.role == "session") return {};
    if (is_connection(cell)) return linked_to(cell) == 0 ? "-" : std::to_string(linked_to(cell));
    return cell.role == "runner" ? cell.parent : "-";
  }
  if (is_connection(cell)) return {};
  if (cell.role == "session") {
    const auto client = clients.find(cell.number);
    return client == clients.end() ? "-" : client->second;
  }
  return cell.role == "runner" ? cell.parent : "-";
}

}  // namespace

actor_row inspector_state::row_of(const std::shared_ptr<const actor_cell>& cell) const {
  return make_row(cell, rates_, deps_.node->clock.monotonic_ns(), 10);
}

void inspector_state::show_actors(const asked_ptr& one) {
  table_query query;
  if (const auto sort = one->parameter("sort"); !sort.empty()) query.sort = sort;
  if (!is_column(query.sort)) return fail(one, 400, "sort: must be the name of a column");
  const auto order = one->parameter("order");
  if (!order.empty() && order != "asc" && order != "desc") return fail(one, 400, "order: must be asc or desc");
  query.descending = order == "desc";
  query.text = one->parameter("q");
  query.role = one->parameter("role");
  query.state = one->parameter("state");
  static constexpr std::array<std::string_view, 5> states{"", "idle", "busy", "waiting", "paused"};
  if (std::find(states.begin(), states.end(), query.state) == states.end())
    return fail(one, 400, "state: must be idle, busy, waiting or paused");
  const auto offset = number_in(one, "offset", 0, 0, most_offset);
  if (!offset) return;
  const auto limit = number_in(one, "limit", 100, 1, most_rows);
  if (!limit) return;
  const auto window = number_in(one, "window", 10, 1, 60);
  if (!window) return;
  if (*window != 1 && *window != 10 && *window != 60) return fail(one, 400, "window: must be 1, 10 or 60");
  query.offset = *offset;
  query.limit = *limit;
  query.window = static_cast<unsigned>(*window);
  answer(one, "\"at\":" + std::to_string(deps_.node->clock.wall_ms()) + ","
                  + table_json(deps_.node->registry.snapshot(), query, rates_, deps_.node->clock.monotonic_ns(),
                               deps_.node->system));
}

void inspector_state::show_actor(const asked_ptr& one, const std::shared_ptr<const actor_cell>& cell) {
  const bool contents = one->parameter("contents") == "1";
  if (contents && !one->query.may_act) return fail(one, 403, "contents: needs the scope act");
  if (contents && !deps_.contents) return fail(one, 403, "contents: INSPECT_CONTENTS is not on");
  const auto now = deps_.node->clock.monotonic_ns();
  auto& ring = cell->recorded();
  ring.record_until(now + 60 * second, now);
  if (contents) ring.contents_until(now + 60 * second);
  gather({cell->number}, [this, one, cell, contents] { finish_actor(one, cell, contents); });
}

void inspector_state::append_state(std::string& out, std::uint64_t actor) const {
  json_object to(out);
  const auto* known = state_of(actor);
  const bool there = known != nullptr && !known->json.empty();
  to.raw("state", there ? std::string_view(known->json) : "null");
  if (there)
    to.number("state_age_ms", (deps_.node->clock.monotonic_ns() - known->at_ns) / 1'000'000);
  else
    to.raw("state_age_ms", "null");
  to.text("state_error", known == nullptr ? "" : known->error);
}

void inspector_state::finish_actor(const asked_ptr& one, const std::shared_ptr<const actor_cell>& cell, bool contents) {
  const auto& system = deps_.node->system;
  std::string out = "\"actor\":";
  append_row(out, row_of(cell), system);
  std::string state;
  append_state(state, cell->number);
  out += "," + std::string(inside(state)) + ",\"messages\":[";
  const auto offset = deps_.node->clock.wall_ms() - deps_.node->clock.monotonic_ns() / 1'000'000;
  bool first = true;
  for (auto& each : cell->recorded().recent()) {
    if (!std::exchange(first, false)) out += ',';
    json_object to(out);
    to.number("at", offset + each.began_ns / 1'000'000).text("type", system.types().portable_name(each.type));
    to.text("sender", each.sender == 0 ? std::string() : std::to_string(each.sender));
    if (each.wait_ns)
      to.real("wait_us", static_cast<double>(*each.wait_ns) / 1000);
    else
      to.raw("wait_us", "null");
    to.real("handling_us", static_cast<double>(each.handling_ns) / 1000);
    if (contents) to.text("contents", mask_secrets(each.contents));
  }
  out += "]";
  cells children, watchers;
  for (auto& each : deps_.node->registry.snapshot()) {
    if (each.cell->parent == cell->id) children.push_back(each.cell);
    if (linked_to(*each.cell) == cell->number) watchers.push_back(each.cell);
  }
  const auto append = [&](const char* name, cells& list) {
    out += std::string(",\"") + name + "\":[";
    for (std::size_t i = 0; i < std::min(list.size(), most_rows); ++i) {
      if (i > 0) out += ',';
      append_row(out, row_of(list[i]), system);
    }
    out += "]";
  };
  append("children", children);
  append("watchers", watchers);
  answer(one, std::move(out));
}

void inspector_state::show_tree(const asked_ptr& one) {
  const auto by = one->parameter("by").empty() ? std::string_view("supervisor") : one->parameter("by");
  if (by != "supervisor" && by != "client" && by != "session")
    return fail(one, 400, "by: must be supervisor, client or session");
  const std::string root(one->parameter("root")), text(one->parameter("q"));
  const auto actors = deps_.node->registry.snapshot();
  std::map<std::uint64_t, std::string> clients;  // session → a connection
  for (auto& each : actors)
    if (is_connection(*each.cell) && linked_to(*each.cell) != 0) clients.emplace(linked_to(*each.cell), each.cell->id);
  std::unordered_map<std::string, std::size_t> children;
  cells level;
  for (auto& each : actors) {
    const auto parent = parent_in(by, *each.cell, clients);
    if (parent == "-") continue;
    ++children[parent];
    const bool shown = text.empty() || each.cell->label.find(text) != std::string::npos || each.cell->role == text;
    if (parent == root && shown) level.push_back(each.cell);
  }
  std::string out = "\"by\":\"" + std::string(by) + "\",\"total\":" + std::to_string(level.size()) + ",\"nodes\":[";
  for (std::size_t i = 0; i < std::min(level.size(), most_rows); ++i) {
    if (i > 0) out += ',';
    std::string row;
    append_row(row, row_of(level[i]), deps_.node->system);
    json_object(out).raw("actor", row).number("children", children[level[i]->id]);
  }
  answer(one, out + "]");
}

void inspector_state::show_clients(const asked_ptr& one) {
  const auto offset = number_in(one, "offset", 0, 0, most_offset);
  if (!offset) return;
  const auto limit = number_in(one, "limit", 100, 1, most_rows);
  if (!limit) return;
  const auto text = one->parameter("q");
  cells matching;
  std::size_t total = 0;
  for (auto& each : deps_.node->registry.snapshot()) {
    if (!is_connection(*each.cell)) continue;
    ++total;
    if (text.empty() || each.cell->label.find(text) != std::string::npos) matching.push_back(each.cell);
  }
  const auto count = matching.size();
  const auto begin = std::min(*offset, count);
  cells page(matching.begin() + static_cast<std::ptrdiff_t>(begin),
             matching.begin() + static_cast<std::ptrdiff_t>(std::min(begin + *limit, count)));
  std::vector<std::uint64_t> numbers;
  for (auto& each : page) numbers.push_back(each->number);
  gather(std::move(numbers), [this, one, page = std::move(page), total, count] {
    std::string out =
        "\"total\":" + std::to_string(total) + ",\"matching\":" + std::to_string(count) + ",\"clients\":[";
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (i > 0) out += ',';
      json_object to(out);
      const auto& cell = *page[i];
      to.text("id", cell.label).text("actor", cell.id);
      to.text("dialect", cell.role.substr(0, cell.role.size() - std::string_view("_connection").size()));
      to.text("session_actor", linked_to(cell) == 0 ? std::string() : std::to_string(linked_to(cell)));
      // The connection's own state has the rest; one that does not answer is shown by what is known without it.
      const auto* known = state_of(cell.number);
      if (known != nullptr && known->json.size() > 2) to.members(inside(known->json));
    }
    answer(one, out + "]");
  });
}

void inspector_state::show_store(const asked_ptr& one) {
  std::vector<std::uint64_t> journals;
  for (auto& each : deps_.node->registry.snapshot())
    if (each.cell->role == "journal") journals.push_back(each.cell->number);
  const auto journal = journals.empty() ? 0 : journals.front();
  gather(std::move(journals), [this, one, journal] {
    const auto* known = state_of(journal);
    answer(one, deps_.store() + ",\"journal\":" + (known && !known->json.empty() ? known->json : "null"));
  });
}

void inspector_state::show_roles(const asked_ptr& one, const char* list, const std::vector<std::string_view>& roles) {
  cells found;
  for (auto& each : deps_.node->registry.snapshot())
    if (std::find(roles.begin(), roles.end(), each.cell->role) != roles.end()) found.push_back(each.cell);
  std::vector<std::uint64_t> numbers;
  for (auto& each : found) numbers.push_back(each->number);
  gather(std::move(numbers), [this, one, list, found = std::move(found)] {
    std::string out = std::string("\"") + list + "\":[";
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (i > 0) out += ',';
      std::string row, state;
      append_row(row, row_of(found[i]), deps_.node->system);
      append_state(state, found[i]->number);
      json_object(out).raw("actor", row).members(inside(state));
    }
    answer(one, out + "]");
  });
}

}  // namespace troupe
