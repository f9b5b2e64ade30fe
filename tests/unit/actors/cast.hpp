#pragma once

/// \file
/// The whole cast of a node on one thread: journal, memory, session, model and
/// clients, over a store in RAM, with every write seen in order.
///
/// Ownership: a `cast` owns its node; the store may be shared by many casts in
/// turn, since opening one costs more than a short run.

#include "actors/journal.hpp"
#include "actors/keeper.hpp"
#include "actors/memory.hpp"
#include "actors/model.hpp"
#include "actors/session.hpp"
#include "scripts.hpp"
#include "stores.hpp"
#include "support/test_node.hpp"

#include <caf/all.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::test {

struct cast_options {
  std::uint64_t seed = 1;
  test_store* store = nullptr;  ///< none: one of its own
  bool with_memory = true;
  std::function<void(session_deps&)> session = {};
  std::function<void(memory_deps&)> memory = {};
  std::function<void(journal_deps&)> journal = {};
};

class cast {
 public:
  explicit cast(cast_options options = {})
      : node(options.seed),
        store(options.store ? *options.store : *(owned_store_ = std::make_unique<test_store>())),
        options_(std::move(options)) {
    journal_deps deps;
    deps.database = store.database.get();
    deps.replication = &written;
    if (options_.journal) options_.journal(deps);
    journal = spawn<journal_role>(node.services(), {.detached = true}, deps);
    model = spawn<model_role>(node.services(), {}, model_deps{script});
    if (options_.with_memory)
      memories = keeper_of("memory", [this](auto& id, auto keeper) { return wake_memory(id, keeper); });
    sessions = keeper_of("session", [this](auto& id, auto keeper) { return wake_session(id, keeper); });
    node.run();
  }

  /// Sends a request with a recorder as the sender.
  template <class Answer, class Handle, class Message>
  answer_slot<Answer> request_as(const recorder& sender, const Handle& to, Message message,
                                 urgency how = urgency::normal) {
    auto slot = std::make_shared<std::optional<expected<Answer>>>();
    auto* self = dynamic_cast<caf::event_based_actor*>(caf::actor_cast<caf::abstract_actor*>(sender.handle()));
    const auto target = caf::actor_cast<caf::actor>(to);
    auto bind = [&](auto&& pending) {
      pending.then([slot](Answer& answer) { slot->emplace(boost::system::in_place_value, std::move(answer)); },
                   [slot](caf::error& error) { slot->emplace(boost::system::in_place_error, to_failure(error)); });
    };
    if (how == urgency::urgent)
      bind(self->template request<caf::message_priority::high>(target, caf::infinite, std::move(message)));
    else
      bind(self->request(target, caf::infinite, std::move(message)));
    return slot;
  }

  template <class Answer, class Handle, class Message>
  expected<Answer> ask_as(const recorder& sender, const Handle& to, Message message) {
    auto slot = request_as<Answer>(sender, to, std::move(message));
    node.run();
    if (*slot) return std::move(**slot);
    return failure{failure_kind::timeout, "no answer although nothing is left to do"};
  }

  /// The awake actor of a role and label, or none.
  caf::actor find(const std::string& role, const std::string& label = {}) {
    for (auto& entry : node.registry().snapshot())
      if (entry.cell->role == role && (label.empty() || entry.cell->label == label)) return entry.handle();
    return {};
  }
  std::size_t awake(const std::string& role, const std::string& label = {}) {
    std::size_t count = 0;
    for (auto& entry : node.registry().snapshot())
      count += entry.cell->role == role && (label.empty() || entry.cell->label == label);
    return count;
  }
  void restart(const caf::actor& which) {
    node.send(which, actor_command{actor_command_kind::restart}, urgency::urgent);
  }

  // The ports live longer than the node, whose actors use them.
  replication_log written;
  std::shared_ptr<scripted_model> script = std::make_shared<scripted_model>();
  std::shared_ptr<fake_embedder> embed = std::make_shared<fake_embedder>();

 private:
  std::unique_ptr<test_store> owned_store_;

 public:
  test_node node;
  test_store& store;
  journal_actor journal;
  caf::actor model;
  caf::actor memories;
  caf::actor sessions;
  std::size_t double_wakes = 0;  ///< times an id was woken while it was awake

 private:
  template <class Wake>
  caf::actor keeper_of(const std::string& kind, Wake wake) {
    keeper_deps deps;
    deps.kind = kind;
    deps.wake = [this, kind, wake](const std::string& id, caf::actor keeper) {
      if (awake(kind, id) != 0) ++double_wakes;
      return wake(id, keeper);
    };
    return caf::actor_cast<caf::actor>(spawn<keeper_role>(node.services(), {.label = kind}, std::move(deps)));
  }

  caf::actor wake_memory(const std::string& space, caf::actor keeper) {
    memory_deps deps;
    deps.space = space;
    deps.node = &node.services();
    deps.database = store.database.get();
    deps.journal = journal;
    deps.keeper = std::move(keeper);
    deps.embed = embed;
    if (options_.memory) options_.memory(deps);
    return caf::actor_cast<caf::actor>(spawn<memory_role>(node.services(), {.label = space}, std::move(deps)));
  }

  caf::actor wake_session(const std::string& id, caf::actor keeper) {
    session_deps deps;
    deps.id = id;
    deps.node = &node.services();
    deps.database = store.database.get();
    deps.journal = journal;
    deps.keeper = std::move(keeper);
    deps.memory_keeper = memories;
    deps.model = model;
    if (options_.session) options_.session(deps);
    return caf::actor_cast<caf::actor>(spawn<session_role>(node.services(), {.label = id}, std::move(deps)));
  }

  cast_options options_;
};

}  // namespace troupe::test
