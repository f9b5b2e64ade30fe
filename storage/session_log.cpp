#include "storage/session_log.hpp"

#include "storage/key_codec.hpp"

#include <algorithm>

namespace troupe::storage {

// -- builders -------------------------------------------------------------------

void append_event(std::vector<write_op>& ops, std::string_view session, const session_event& event) {
  ops.push_back({write_kind::put, column::events, event_key(session, event.number), encode_event(event)});
}

void put_open_turn(std::vector<write_op>& ops, std::string_view session, std::uint64_t turn, std::uint64_t number) {
  ops.push_back({write_kind::put, column::open_turns, make_key(session, turn), encode_open_turn(number)});
}

void erase_open_turn(std::vector<write_op>& ops, std::string_view session, std::uint64_t turn) {
  ops.push_back({write_kind::erase, column::open_turns, make_key(session, turn), {}});
}

void put_snapshot(std::vector<write_op>& ops, const session_snapshot& snapshot) {
  ops.push_back({write_kind::put, column::sessions, make_key(snapshot.spec.id), encode_snapshot(snapshot)});
}

void erase_session(std::vector<write_op>& ops, std::string_view session) {
  for (auto& range : session_ranges(session))
    ops.push_back({write_kind::erase_range, range.where, std::move(range.from), std::move(range.to)});
}

std::vector<database::range> session_ranges(std::string_view session) {
  const auto from = make_key(session);
  const auto to = after_prefix(from);
  return {{column::sessions, from, to}, {column::events, from, to}, {column::open_turns, from, to}};
}

std::vector<session_event> interrupt_open_turns(std::vector<write_op>& ops, loaded_session& session,
                                                std::int64_t now_ms) {
  std::vector<session_event> added;
  const auto& id = session.snapshot.spec.id;
  for (const auto& open : session.open_turns) {
    added.push_back({++session.last_number, open.turn, event_kind::interrupted, now_ms, {}});
    append_event(ops, id, added.back());
    erase_open_turn(ops, id, open.turn);
    session.events.push_back(added.back());
    session.last_activity = now_ms;
  }
  session.open_turns.clear();
  return added;
}

// -- readers --------------------------------------------------------------------

namespace {

failure broken(std::string_view session, const std::string& what) {
  return {failure_kind::corrupt, "session " + abbreviated(session) + " " + what};
}

}  // namespace

expected<std::vector<session_event>> events_after(const database& store, std::string_view session,
                                                  std::uint64_t number) {
  std::vector<session_event> events;
  if (number == UINT64_MAX) return events;
  expected<void> outcome;
  auto next = number + 1;
  const auto scanned = store.for_each(
      column::events, event_key(session, next), after_prefix(make_key(session)), [&](auto key, auto value) {
        key_reader parts(key);
        parts.text();
        const auto found = parts.number();
        if (outcome = parts.finish("events"); !outcome) return false;
        if (found != next) {
          outcome = broken(session, "lacks event " + std::to_string(next) + " before event " + std::to_string(found));
          return false;
        }
        auto event = decode_event(found, value);
        if (!event) {
          outcome = broken(session, "has a damaged event " + std::to_string(found));
          return false;
        }
        events.push_back(std::move(*event));
        ++next;
        return true;
      });
  if (!scanned) return scanned.error();
  if (!outcome) return outcome.error();
  return events;
}

namespace {

expected<std::vector<open_turn>> open_turns_of(const database& store, std::string_view session) {
  std::vector<open_turn> open;
  expected<void> outcome;
  const auto scanned = store.for_each(column::open_turns, make_key(session), [&](auto key, auto value) {
    key_reader parts(key);
    parts.text();
    const auto turn = parts.number();
    if (outcome = parts.finish("open_turns"); !outcome) return false;
    const auto number = decode_open_turn(value);
    if (!number) {
      outcome = number.error();
      return false;
    }
    open.push_back({turn, *number});
    return true;
  });
  if (!scanned) return scanned.error();
  if (!outcome) return outcome.error();
  // Keys are ordered by turn id, which is random; the order of events is what counts.
  std::ranges::sort(open, {}, &open_turn::number);
  return open;
}

}  // namespace

expected<std::optional<loaded_session>> load_session(const database& store, std::string_view session) {
  auto stored = store.get(column::sessions, make_key(session));
  if (!stored) return stored.error();
  auto newest = store.last(column::events, make_key(session));
  if (!newest) return newest.error();
  if (!*stored && *newest) return broken(session, "has events but no snapshot");
  if (!*stored) return std::optional<loaded_session>();
  auto snapshot = decode_snapshot(**stored);
  if (!snapshot) return broken(session, "has a damaged snapshot");
  loaded_session loaded;
  loaded.snapshot = std::move(*snapshot);
  auto events = events_after(store, session, loaded.snapshot.last_number);
  if (!events) return events.error();
  loaded.events = std::move(*events);
  loaded.last_number = loaded.snapshot.last_number + loaded.events.size();
  loaded.last_activity = loaded.snapshot.spec.opened_at;
  std::uint64_t newest_number = 0;
  if (*newest) {
    key_reader parts((*newest)->key);
    parts.text();
    newest_number = parts.number();
    const auto event = decode_event(newest_number, (*newest)->value);
    if (!parts.complete() || !event) return broken(session, "has a damaged last event");
    loaded.last_activity = event->at;
  }
  if (newest_number != loaded.last_number)
    return broken(session, "ends with event " + std::to_string(newest_number) + " instead of "
                               + std::to_string(loaded.last_number));
  auto open = open_turns_of(store, session);
  if (!open) return open.error();
  loaded.open_turns = std::move(*open);
  return std::optional<loaded_session>(std::move(loaded));
}

expected<std::vector<session_summary>> list_sessions(const database& store, const session_filter& wanted) {
  std::vector<session_summary> found;
  expected<void> outcome;
  const auto scanned = store.for_each(column::sessions, "", [&](auto, auto value) {
    auto snapshot = decode_snapshot(value);
    if (!snapshot) {
      outcome = snapshot.error();
      return false;
    }
    if (wanted && !wanted(snapshot->spec)) return true;
    found.push_back({std::move(snapshot->spec), snapshot->last_number, 0});
    return true;
  });
  if (!scanned) return scanned.error();
  if (!outcome) return outcome.error();
  for (auto& session : found) {
    session.last_activity = session.spec.opened_at;
    auto newest = store.last(column::events, make_key(session.spec.id));
    if (!newest) return newest.error();
    if (!*newest) continue;
    key_reader parts((*newest)->key);
    parts.text();
    session.last_number = parts.number();
    const auto event = decode_event(session.last_number, (*newest)->value);
    if (!event) return broken(session.spec.id, "has a damaged last event");
    session.last_activity = event->at;
  }
  return found;
}

}  // namespace troupe::storage
