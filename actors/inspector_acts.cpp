#include "actors/inspector.hpp"
#include "runtime/inspection/json_fields.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/log.hpp"
#include "runtime/messages/connection.hpp"
#include "runtime/messages/turn.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/all.hpp>

#include <boost/json.hpp>

#include <array>

namespace troupe {
namespace {

constexpr std::chrono::milliseconds patience{100};

std::optional<actor_command_kind> command_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, actor_command_kind>, 5> all{{
      {"pause", actor_command_kind::pause},
      {"step", actor_command_kind::step},
      {"resume", actor_command_kind::resume},
      {"restart", actor_command_kind::restart},
      {"stop", actor_command_kind::stop},
  }};
  for (auto& [known, kind] : all)
    if (known == name) return kind;
  return std::nullopt;
}

/// Without these there is no console to resume them with, or nothing is durable.
bool must_not_be_held(const actor_cell& cell) {
  return cell.role == "inspector" || cell.role == "journal";
}

}  // namespace

void inspector_state::act(const asked_ptr& one) {
  const auto& path = one->query.path;
  if (!one->query.may_act) return fail(one, 403, "acting needs the scope act");
  if (path.size() != 3) return fail(one, 404, "Not Found");
  const auto& verb = path[2];
  auto& registry = deps_.node->registry;
  const auto record = [&](const std::string& target) -> std::optional<std::uint64_t> {
    const auto number = deps_.audit->begin(deps_.node->clock.wall_ms(), one->query.who, verb, target);
    if (number) {
      log::info("operator_acts", {{"who", one->query.who}, {"act", verb}, {"target", target}});
      return *number;
    }
    fail(one, 503, number.error().message);
    return std::nullopt;
  };
  if (path[0] == "actors") {
    const auto entry = registry.find(path[1]);
    if (!entry) return fail(one, 404, "no such actor: it has ended, or there never was one");
    const auto& cell = *entry->cell;
    const auto kind = command_of(verb);
    if (!kind && verb != "log") return fail(one, 404, "no such act: pause, resume, step, restart, stop or log");
    if (kind && *kind != actor_command_kind::restart && *kind != actor_command_kind::resume && must_not_be_held(cell))
      return fail(one, 409, "the " + cell.role + " cannot be held or stopped: without it nothing is durable or seen");
    if (const auto number = record("actor " + cell.id + " " + cell.role)) {
      if (kind) return command(one, cell.number, *kind, *number);
      set_log_level(one, cell, *number);
    }
    return;
  }
  if (path[0] == "clients" && verb == "disconnect") {
    for (auto& each : registry.snapshot()) {
      if (each.cell->label != path[1] || !std::string_view(each.cell->role).ends_with("_connection")) continue;
      const auto number = record("client " + path[1]);
      if (!number) return;
      caf::anon_send<caf::message_priority::high>(each.handle(),
                                                  connection_shut_down{1008, "disconnected by the operator"});
      return finish_act(one, *number, "done");
    }
    return fail(one, 404, "no such client: it has gone, or there never was one");
  }
  if (path[0] == "turns" && verb == "interrupt") {
    const auto turn = parse_turn_id(path[1]);
    const auto known = turn && deps_.node->traces ? deps_.node->traces->find(*turn) : std::nullopt;
    if (!known) return fail(one, 404, "no such turn: it is no longer kept, or there never was one");
    if (!known->in_flight) return fail(one, 409, "the turn has ended");
    const auto session = registry.handle(known->session_actor);
    if (!session) return fail(one, 409, "the turn has no session yet, or no longer");
    const auto number = record("turn " + path[1]);
    if (!number) return;
    caf::anon_send<caf::message_priority::high>(session, turn_stop{{0, *turn, 0}});
    return finish_act(one, *number, "done");
  }
  fail(one, 404, "Not Found");
}

void inspector_state::command(const asked_ptr& one, std::uint64_t actor, actor_command_kind kind,
                              std::uint64_t record) {
  const auto handle = deps_.node->registry.handle(actor);
  if (!handle) {
    if (auto noted = deps_.audit->finish(record, deps_.node->clock.wall_ms(), "the actor had ended"); !noted)
      return fail(one, 503, noted.error().message);
    return fail(one, 409, "the actor has ended");
  }
  self_->request<caf::message_priority::high>(handle, patience, actor_command{kind})
      .then([this, one, record] { finish_act(one, record, "done"); },
            [this, one, record, kind](caf::error& error) {
              if (kind == actor_command_kind::stop) return finish_act(one, record, "done");
              if (error == caf::sec::request_timeout)
                return finish_act(one, record, "the actor is in a handler; it obeys when that ends");
              finish_act(one, record, "the actor had ended");
            });
}

void inspector_state::set_log_level(const asked_ptr& one, const actor_cell& cell, std::uint64_t record) {
  boost::system::error_code error;
  const auto body = boost::json::parse(one->query.body, error);
  const auto* level = error || !body.is_object() ? nullptr : body.get_object().if_contains("level");
  std::int8_t wanted = -1;
  if (level != nullptr && level->is_string()) {
    const auto parsed = log::level_of(std::string_view(level->get_string()));
    if (parsed) wanted = static_cast<std::int8_t>(*parsed);
    if (!parsed) level = nullptr;
  } else if (level != nullptr && !level->is_null()) {
    level = nullptr;
  }
  if (level == nullptr) {
    if (auto noted = deps_.audit->finish(record, deps_.node->clock.wall_ms(), "refused"); !noted)
      return fail(one, 503, noted.error().message);
    return fail(one, 400, "level: must be trace, debug, info, warn, error or null");
  }
  cell.log_scope.level.store(wanted, std::memory_order_relaxed);
  finish_act(one, record, "done");
}

void inspector_state::finish_act(const asked_ptr& one, std::uint64_t record, const char* outcome) {
  const auto noted = deps_.audit->finish(record, deps_.node->clock.wall_ms(), outcome);
  const bool done = std::string_view(outcome) == "done";
  std::string members = std::string("\"done\":") + (done ? "true" : "false");
  if (!done) members += ",\"detail\":" + config::json_string(outcome);
  if (!noted) members += ",\"unrecorded\":" + config::json_string(noted.error().message);
  answer(one, std::move(members));
}

}  // namespace troupe
