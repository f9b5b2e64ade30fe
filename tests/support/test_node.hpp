#pragma once

/// \file
/// A whole node on one thread: the stepping helper of DESIGN §12.
///
/// Actors run only inside `step`, `run`, `run_random`, `advance` and `ask`.
/// Time stands still except in `advance`; delayed messages and the clock port
/// are one clock. Randomness is seeded. Work of the blocking pool is a step
/// like any other. So a test is the same run every time, and `run_random`
/// with a list of seeds is many interleavings.
///
/// Tests use no `scoped_actor`: `ask`, `request` and `send` stand for one.
///
/// Ownership: owns the actor system; its end kills every actor that is left.
/// Thread safety: none, one thread.

#include "runtime/actor/registry.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/failure.hpp"
#include "runtime/node_services.hpp"
#include "support/recorder.hpp"
#include "support/test_ports.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

enum class urgency { normal, urgent };

/// Where an answer will stand once it has come.
template <class Answer>
using answer_slot = std::shared_ptr<std::optional<expected<Answer>>>;

class test_node {
 public:
  explicit test_node(std::uint64_t seed = 1);
  ~test_node();
  test_node(const test_node&) = delete;
  test_node& operator=(const test_node&) = delete;

  node_services& services();
  caf::actor_system& system();
  actor_registry& registry();
  test_clock& clock();
  test_random& random();
  test_pool& pool();

  // -- running ----------------------------------------------------------------

  /// One job (an actor's next message, or a piece of blocking work), first in
  /// first out. False if there is none.
  bool step();
  /// One job, picked by the seeded random source.
  bool step_random();
  /// Until there is nothing to do without the clock moving. Throws
  /// `std::runtime_error` after ten million steps.
  void run();
  void run_random();
  /// Moves the clock, stopping at every time-out on the way, and runs.
  void advance(std::chrono::milliseconds by);
  /// Jobs that are ready now.
  std::size_t ready() const;

  // -- talking to actors --------------------------------------------------------

  /// Sends from nobody.
  template <class Handle, class Message>
  void send(const Handle& to, Message message, urgency how = urgency::normal) {
    const auto target = caf::actor_cast<caf::actor>(to);
    if (how == urgency::urgent)
      caf::anon_send<caf::message_priority::high>(target, std::move(message));
    else
      caf::anon_send(target, std::move(message));
  }

  /// Sends with a recorder as the sender.
  template <class Handle, class Message>
  void send_as(const recorder& sender, const Handle& to, Message message, urgency how = urgency::normal) {
    const auto id = how == urgency::urgent ? caf::make_message_id(caf::message_priority::high) : caf::make_message_id();
    caf::actor_cast<caf::actor>(to)->enqueue(caf::actor_cast<caf::strong_actor_ptr>(sender.handle()), id,
                                             caf::make_message(std::move(message)), nullptr);
  }

  /// Sends a request without running; the slot is filled when the answer has
  /// come. `Answer` is `caf::unit_t` for requests that are answered with nothing.
  template <class Answer, class Handle, class Message>
  answer_slot<Answer> request(const Handle& to, Message message, urgency how = urgency::normal) {
    auto slot = std::make_shared<std::optional<expected<Answer>>>();
    auto on_error = [slot](caf::error& error) { slot->emplace(boost::system::in_place_error, to_failure(error)); };
    const auto target = caf::actor_cast<caf::actor>(to);
    auto bind = [&](auto&& pending) {
      if constexpr (std::is_same_v<Answer, caf::unit_t>)
        pending.then([slot] { slot->emplace(boost::system::in_place_value, caf::unit); }, on_error);
      else
        pending.then([slot](const Answer& answer) { slot->emplace(boost::system::in_place_value, answer); }, on_error);
    };
    if (how == urgency::urgent)
      bind(asker().template request<caf::message_priority::high>(target, caf::infinite, std::move(message)));
    else
      bind(asker().request(target, caf::infinite, std::move(message)));
    return slot;
  }

  /// Sends a request, runs until idle and returns the answer; a `timeout`
  /// failure if there is none although nothing is left to do.
  template <class Answer, class Handle, class Message>
  expected<Answer> ask(const Handle& to, Message message, urgency how = urgency::normal) {
    auto slot = request<Answer>(to, std::move(message), how);
    run();
    if (*slot) return **slot;
    return {boost::system::in_place_error, failure{failure_kind::timeout, "no answer although nothing is left to do"}};
  }

  /// A new recorder: a stand-in for any actor.
  recorder record();

  /// Ends an actor as a supervisor would and runs.
  template <class Handle>
  void kill(const Handle& which) {
    caf::anon_send_exit(which, caf::exit_reason::kill);
    run();
  }

 private:
  struct parts;
  caf::event_based_actor& asker();
  std::unique_ptr<parts> parts_;
};

}  // namespace troupe
