#include "storage/key_codec.hpp"
#include "storage/session_log.hpp"

namespace troupe::storage {

namespace {

/// Sessions that are written in one synced batch, so that a start after a crash
/// with many of them does not wait for as many syncs.
constexpr std::size_t sessions_per_batch = 256;

expected<std::vector<std::string>> sessions_with_open_turns(const database& store) {
  std::vector<std::string> ids;
  expected<void> outcome;
  const auto scanned = store.for_each(column::open_turns, "", [&](auto key, auto) {
    key_reader parts(key);
    auto id = parts.text();
    parts.number();
    if (outcome = parts.finish("open_turns"); !outcome) return false;
    if (ids.empty() || ids.back() != id) ids.push_back(std::move(id));
    return true;
  });
  if (!scanned) return scanned.error();
  if (!outcome) return outcome.error();
  return ids;
}

}  // namespace

expected<std::size_t> recover_open_turns(database& store, std::int64_t now_ms) {
  auto ids = sessions_with_open_turns(store);
  if (!ids) return ids.error();
  std::size_t turns = 0;
  std::size_t sessions = 0;
  std::vector<write_op> ops;
  for (const auto& id : *ids) {
    auto session = load_session(store, id);
    if (!session) return session.error();
    if (!*session)
      return failure{failure_kind::corrupt, "session " + abbreviated(id) + " has an open turn but no snapshot"};
    turns += interrupt_open_turns(ops, **session, now_ms).size();
    if (++sessions % sessions_per_batch != 0) continue;
    if (auto written = store.write(ops, true); !written) return written.error();
    ops.clear();
  }
  if (auto written = store.write(ops, true); !written) return written.error();
  return turns;
}

expected<std::size_t> expire_sessions(database& store, std::int64_t now_ms, std::int64_t max_age_ms) {
  // Nothing happened in a session before it was opened, so a young one needs no
  // look at its last event: a read from all over the disk for each.
  auto sessions = list_sessions(store, [&](const session_spec& spec) {
    return spec.retention == session_retention::ephemeral || now_ms - spec.opened_at > max_age_ms;
  });
  if (!sessions) return sessions.error();
  std::size_t count = 0;
  std::vector<write_op> ops;
  for (const auto& session : *sessions) {
    const bool ephemeral = session.spec.retention == session_retention::ephemeral;
    if (!ephemeral && now_ms - session.last_activity <= max_age_ms) continue;
    erase_session(ops, session.spec.id);
    if (++count % sessions_per_batch != 0) continue;
    if (auto written = store.write(ops, true); !written) return written.error();
    ops.clear();
  }
  if (auto written = store.write(ops, true); !written) return written.error();
  return count;
}

}  // namespace troupe::storage
