#pragma once

/// \file
/// The keeper: the only place that wakes and puts to sleep (DESIGN §3). The
/// protocol is described in runtime/messages/keeper.hpp.
///
/// Problem: a message to an actor that is going to sleep is lost, and two
/// wake-ups of one id make two writers of one conversation. Both would need
/// every sender to be careful; instead only the keeper spawns, and it knows who
/// holds a handle.
///
/// Invariants
///   1. At most one live actor per id: a new one is spawned only after the
///      `down` of the one before has been seen. Also across a restart in place.
///   2. An actor with a lease is never told to sleep.
///   3. Every `keeper_open` is answered: with a handle, or with an error while
///      draining.

#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/keeper.hpp"

#include <caf/actor_addr.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

namespace troupe {

/// Who is awake and who holds it. A restart in place must not forget it: the
/// sleepers live on, and their monitors still report to the same actor.
struct keeper_table {
  struct waiting_open {
    caf::strong_actor_ptr holder;
    pending_answer<keeper_opened> answer;
  };
  struct entry {
    caf::actor handle;
    bool dozing = false;  ///< `sleep_now` is on its way
    std::map<caf::actor_addr, std::uint32_t> leases;
    std::deque<waiting_open> waiting;
  };
  std::unordered_map<std::string, entry> entries;
  std::map<caf::actor_addr, std::string> ids;                      ///< sleeper → id
  std::map<caf::actor_addr, std::map<std::string, bool>> holders;  ///< holder → ids it leases
  bool draining = false;
  std::uint64_t woken = 0;
};

struct keeper_deps {
  std::string kind;  ///< "session", "memory": for logs and the live tree
  /// Spawns the actor of an id; `keeper` is whom it asks to sleep. Never fails.
  std::function<caf::actor(const std::string& id, caf::actor keeper)> wake;
  /// One keeper's own: shared by its states before and after a restart only.
  std::shared_ptr<keeper_table> table = std::make_shared<keeper_table>();
};

struct keeper_state {
  using self_pointer = role<keeper_state, keeper_actor>*;
  static constexpr const char* name = "keeper";

  explicit keeper_state(self_pointer self) : self_(self) {}
  keeper_actor::behavior_type start(keeper_deps deps);
  std::string to_json() const;

 private:
  using entry = keeper_table::entry;

  caf::result<keeper_opened> open(const keeper_open& message);
  caf::result<keeper_drained> drain_all(const keeper_drain& message);
  void release(const std::string& id, const caf::actor_addr& holder);
  void sleep_asked(const std::string& id);
  void awake_again(const std::string& id);
  void ended(const caf::down_msg& message);
  void sleeper_ended(const std::string& id);
  void holder_ended(const caf::actor_addr& holder);
  entry& wake(const std::string& id);
  keeper_opened lease(const std::string& id, entry& target, const caf::strong_actor_ptr& holder);
  void unlease(const std::string& id, const caf::actor_addr& holder);
  void answer_waiting(const std::string& id, entry& target);

  self_pointer self_;
  keeper_deps deps_;
};

using keeper_role = role<keeper_state, keeper_actor>;

}  // namespace troupe
