#pragma once

/// \file
/// Messages of keepers: the only place that wakes and puts to sleep
/// (DESIGN §3 "Keeper").
///
/// Protocol. A holder asks `keeper_open` and gets a handle and with it a
/// lease, which it gives back with `keeper_release` or by ending. Only an
/// actor without leases is put to sleep: it asks (`sleep_request`), the keeper
/// answers `sleep_now`, and from then on keeps every `keeper_open` of that id
/// until the actor has either ended (the open wakes a new one) or said
/// `sleep_refused` (the opens get the old handle). So there is never a second
/// writer and no message is sent to a sleeping actor.

#include "runtime/message_macros.hpp"

#include <caf/actor.hpp>

#include <string>

namespace troupe {

/// Request → `keeper_opened`. The sender becomes a lease holder.
struct keeper_open {
  std::string id;
  bool operator==(const keeper_open&) const = default;
};
TROUPE_MESSAGE(keeper_open, id)

struct keeper_opened {
  std::string id;
  caf::actor handle;  ///< monitor it
  bool operator==(const keeper_opened&) const = default;
};
TROUPE_MESSAGE(keeper_opened, id, handle)

struct keeper_release {
  std::string id;
  bool operator==(const keeper_release&) const = default;
};
TROUPE_MESSAGE(keeper_release, id)

/// Sleeper → keeper: nothing to do.
struct sleep_request {
  std::string id;
  bool operator==(const sleep_request&) const = default;
};
TROUPE_MESSAGE(sleep_request, id)

/// Keeper → sleeper: end yourself, or say `sleep_refused`.
struct sleep_now {
  bool operator==(const sleep_now&) const = default;
};
TROUPE_SIGNAL(sleep_now)

/// Sleeper → keeper: something came up.
struct sleep_refused {
  std::string id;
  bool operator==(const sleep_refused&) const = default;
};
TROUPE_MESSAGE(sleep_refused, id)

/// Keeper → sleeper with `activity` 0: your last lease is gone. Sleeper →
/// itself with its own count: if nothing happened since, ask to sleep.
struct idle_check {
  std::uint64_t activity = 0;
  bool operator==(const idle_check&) const = default;
};
TROUPE_MESSAGE(idle_check, activity)

/// Server → keeper, request → `keeper_drained`: wake nothing more; every
/// awake one has `grace_ms` to bring its work to an end.
struct keeper_drain {
  std::uint32_t grace_ms = 0;
  bool operator==(const keeper_drain&) const = default;
};
TROUPE_MESSAGE(keeper_drain, grace_ms)

struct keeper_drained {
  std::uint64_t count = 0;
  bool operator==(const keeper_drained&) const = default;
};
TROUPE_MESSAGE(keeper_drained, count)

/// Keeper → sleeper, request → `drained`: take no new work, end what is in
/// flight within `grace_ms`, make it durable.
struct drain {
  std::uint32_t grace_ms = 0;
  bool operator==(const drain&) const = default;
};
TROUPE_MESSAGE(drain, grace_ms)

struct drained {
  bool operator==(const drained&) const = default;
};
TROUPE_SIGNAL(drained)

/// Sleeper → itself: the grace is over.
struct drain_deadline {
  bool operator==(const drain_deadline&) const = default;
};
TROUPE_SIGNAL(drain_deadline)

TROUPE_INTERFACE(keeper_actor, TROUPE_ASKS(keeper_open, keeper_opened), TROUPE_ASKS(keeper_drain, keeper_drained),
                 TROUPE_TELLS(keeper_release), TROUPE_TELLS(sleep_request), TROUPE_TELLS(sleep_refused));

}  // namespace troupe
