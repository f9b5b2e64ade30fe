#pragma once

/// \file
/// The base of every actor: counts, bounds, supervises, pauses (DESIGN §3
/// "Supervision", §10). Works on top of any event-based CAF actor class.
///
/// Invariants:
///  1. A message taken is handled once, in order, also across pauses and
///     restarts in place; urgent ones first.
///  2. A request is always answered: by the role, with `busy` when the mailbox
///     is full, with `internal` when its handler threw, by CAF when the actor
///     ends. (A promise that a role keeps in its state is the role's own:
///     keep it in a `pending_answer`.)
///  3. A handler that throws costs its own state only: the handle, the mailbox
///     and the monitors of others stay. The continuations of the old state are
///     dropped; monitors it had set and delayed messages it had sent to itself
///     still arrive, so those that matter carry a number.
///  4. `actor_command` and `actor_state_query` are answered while paused.
///
/// How a pause works: normal messages are skipped into CAF's own cache, which
/// leaves the mailbox empty, so that CAF itself parks the actor and wakes it
/// for urgent ones; resuming puts the cache back in front. Urgent messages are
/// never skipped, for only those would be stranded. `request(...).await` and
/// `caf::skip` are forbidden in roles for that reason.
///
/// Ownership: shares its cell with the registry; `actor_setup::node` must
/// outlive the actor. Thread safety: as any CAF actor.
/// Cost: `actor_cell`; reads of the coarse clock: two for the first message of
/// a turn on a worker, one for each further one; of the exact one once somebody
/// has looked at the actor.

#include "runtime/actor/hooks.hpp"
#include "runtime/actor/registry.hpp"
#include "runtime/actor/supervision.hpp"
#include "runtime/failure.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/actor_config.hpp>
#include <caf/behavior.hpp>
#include <caf/exit_reason.hpp>
#include <caf/invoke_message_result.hpp>
#include <caf/response_promise.hpp>

#include <limits>
#include <optional>

namespace troupe {

template <class Base>
class inspected : public Base {
 public:
  inspected(caf::actor_config& config, actor_setup setup)
      : Base(config), node_(setup.node), cell_(std::move(setup.cell)), faults_(setup.restarts) {
    cell_->number = this->id();
    cell_->id = std::to_string(this->id());
    cell_->log_scope.number = this->id();
    supervision::install_quiet_handlers(*this, *cell_);
    node_->registry.add(cell_, caf::weak_actor_ptr{this->ctrl()});
  }

  ~inspected() override {
    // Whoever holds the last handle may let go of it after the node has ended.
    if (!cell_->ended.load(std::memory_order_relaxed)) node_->registry.remove(cell_->number);
  }

  node_services& node() const noexcept { return *node_; }
  const actor_cell& cell() const noexcept { return *cell_; }
  /// For what a role tells of itself: `kept_bytes` and what follows it.
  actor_cell& cell() noexcept { return *cell_; }

  // -- hooks for roles ----------------------------------------------------------

  /// Rebuilds the role: makes its state anew and installs its behavior. May
  /// throw, which ends the actor.
  virtual void restart_role() {
    auto next = this->make_behavior();
    if (!next) return;
    if constexpr (requires { next.unbox(); })
      this->do_become(std::move(next.unbox()), true);
    else
      this->do_become(std::move(next), true);
  }

  /// The role's state as one JSON value, without secrets.
  virtual std::string state_json() const { return "{}"; }

  // -- overridden functions of CAF ----------------------------------------------

  using Base::consume;
  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr x, caf::execution_unit* unit) override {
    const auto in = cell_->enqueued.fetch_add(1, std::memory_order_relaxed) + 1;
    if (in > cell_->handled.load(std::memory_order_relaxed) + cell_->mailbox_bound && !supervision::passes_bound(*x)) {
      supervision::shed(*cell_, *x, unit);
      return;
    }
    note_arrival(*x, in);
    Base::enqueue(std::move(x), unit);
  }

  caf::resumable::resume_result resume(caf::execution_unit* unit, std::size_t max_throughput) override {
    last_clock_ = 0;
    const log::within_actor scope(cell_->log_scope);
    return Base::resume(unit, max_throughput);
  }

  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    const auto type = supervision::first_type(x);
    auto result = caf::invoke_message_result::consumed;
    if (supervision::is_for_base(type) && !x.mid.is_response()) {
      add_owned<std::uint64_t>(cell_->handled, 1);
      serve(x);
    } else if (held(x, type)) {
      return caf::invoke_message_result::skipped;
    } else {
      result = measured(x, type);
    }
    return result;
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    cell_->ended.store(true, std::memory_order_relaxed);
    node_->registry.remove(cell_->number);
    return Base::cleanup(std::move(reason), host);
  }

 private:
  // -- arrival ------------------------------------------------------------------

  /// `in`: messages taken so far, this one included.
  void note_arrival(const caf::mailbox_element& x, std::uint64_t in) {
    auto& cell = *cell_;
    if (cell.ended.load(std::memory_order_relaxed)) return supervision::note_dead(cell, x);
    const auto before = cell.handled.load(std::memory_order_relaxed)
                        + (cell.busy_since_ns.load(std::memory_order_relaxed) != 0 ? 1u : 0u);
    auto* ring = cell.ring.load(std::memory_order_acquire);
    if (in > before + 1 && ring == nullptr) return;
    const auto now = ring != nullptr ? node_->clock.monotonic_ns() : node_->clock.coarse_ns();
    if (in <= before + 1) cell.waiting_since_ns.store(now, std::memory_order_relaxed);
    // The base's own messages are never recorded, so their arrivals would stay.
    if (ring != nullptr && ring->recording(now) && !supervision::is_for_base(supervision::first_type(x)))
      ring->arrived(&x, now);
  }

  // -- pause --------------------------------------------------------------------

  bool held(const caf::mailbox_element& x, const caf::rtti_pair& type) {
    if (!paused_ || x.mid.is_urgent_message() || supervision::ends_actor(type)) return false;
    if (steps_ == 0) return true;
    --steps_;
    return false;
  }

  void set_paused(bool paused) {
    paused_ = paused;
    steps_ = 0;
    cell_->paused.store(paused, std::memory_order_relaxed);
    if (!paused) this->get_normal_queue().flush_cache();
  }

  // -- messages of the inspector --------------------------------------------------

  void serve(caf::mailbox_element& x) {
    this->current_mailbox_element(&x);
    caf::response_promise promise = this->caf::local_actor::make_response_promise();
    if (x.content().template match_elements<actor_state_query>()) return answer_state(promise);
    if (!x.content().template match_elements<actor_command>()) return;
    const bool asked = !promise.async();
    obey(x.content().template get_as<actor_command>(0).kind);
    if (asked) promise.deliver(caf::unit);
  }

  void answer_state(caf::response_promise& promise) {
    try {
      promise.deliver(actor_state{state_json()});
    } catch (...) {
      cell_->set_last_error(supervision::describe(std::current_exception()));
      promise.deliver(to_error({failure_kind::internal, "the state cannot be written as JSON"}));
    }
  }

  void obey(actor_command_kind kind) {
    switch (kind) {
      case actor_command_kind::pause: return set_paused(true);
      case actor_command_kind::resume: return set_paused(false);
      case actor_command_kind::step:
        if (!paused_) return;
        steps_ = 1;
        return this->get_normal_queue().flush_cache();
      case actor_command_kind::restart: return rebuild();
      case actor_command_kind::stop: return this->quit(caf::exit_reason::user_shutdown);
    }
  }

  // -- handling and supervision ---------------------------------------------------

  caf::invoke_message_result measured(caf::mailbox_element& x, const caf::rtti_pair& type) {
    auto& cell = *cell_;
    auto* ring = cell.ring.load(std::memory_order_acquire);
    auto* histogram = cell.histogram.load(std::memory_order_acquire);
    const bool watched = ring != nullptr || histogram != nullptr;
    // The coarse clock says of most handlers that they took no time and of some
    // that they took a tick: over many the sum is right.
    const auto clock = [&] { return watched ? node_->clock.monotonic_ns() : node_->clock.coarse_ns(); };
    const auto began = last_clock_ != 0 && !watched ? last_clock_ : clock();
    cell.busy_since_ns.store(began, std::memory_order_relaxed);
    cell.last_type.store(type.second, std::memory_order_relaxed);
    cell.last_type_number.store(type.first, std::memory_order_relaxed);
    std::optional<message_ring::entry> recorded;
    if (ring != nullptr && ring->recording(began)) recorded = supervision::record(*ring, x, type, began);
    const auto result = guarded(x);
    if (result != caf::invoke_message_result::skipped) add_owned<std::uint64_t>(cell.handled, 1);
    last_clock_ = clock();
    add_owned<std::int64_t>(cell.handling_ns, last_clock_ - began);
    cell.idle_since_ns.store(last_clock_, std::memory_order_relaxed);
    cell.busy_since_ns.store(0, std::memory_order_relaxed);
    if (histogram != nullptr) histogram->add(last_clock_ - began);
    if (recorded) {
      recorded->handling_ns = last_clock_ - began;
      ring->handled(std::move(*recorded));
    }
    return result;
  }

  caf::invoke_message_result guarded(caf::mailbox_element& x) {
    // A handler that made a promise has taken the sender out of the element.
    const auto id = x.mid;
    const auto sender = id.is_request() ? x.sender : caf::strong_actor_ptr{};
    std::exception_ptr fault;
    try {
      return Base::consume(x);
    } catch (...) {
      fault = std::current_exception();
    }
    if (sender)
      sender->get()->enqueue(this->ctrl(), id.response_id(), caf::make_message(supervision::fault_answer()),
                             this->context());
    recover(fault);
    return caf::invoke_message_result::consumed;
  }

  void recover(const std::exception_ptr& fault) {
    cell_->set_last_error(supervision::describe(fault));
    // From now on it is worth a record.
    cell_->recorded().record_until(std::numeric_limits<std::int64_t>::max(), node_->clock.monotonic_ns());
    if (this->getf(caf::abstract_actor::is_shutting_down_flag)) return;
    if (faults_.allows(node_->clock.monotonic_ns()))
      rebuild();
    else
      escalate("failed too often in a short time");
  }

  void rebuild() {
    add_owned<std::uint64_t>(cell_->restarts, 1);
    this->awaited_responses_.clear();
    this->multiplexed_responses_.clear();
    this->bhvr_stack_.clear();
    this->unsetf(caf::abstract_actor::has_timeout_flag);
    supervision::install_quiet_handlers(*this, *cell_);
    try {
      restart_role();
      report({actor_event_kind::restarted, *cell_, {}, 0});
    } catch (...) {
      cell_->set_last_error(supervision::describe(std::current_exception()));
      escalate("could not be restarted");
    }
  }

  void escalate(const char* why) {
    report({actor_event_kind::escalated, *cell_, {}, 0});
    this->quit(to_error({failure_kind::internal, "the actor \"" + cell_->role + "\" " + why}));
  }

  node_services* node_;
  std::shared_ptr<actor_cell> cell_;
  supervision::restart_counter faults_;
  std::int64_t last_clock_ = 0;  ///< end of the message before, in the same turn on a worker
  std::uint32_t steps_ = 0;
  bool paused_ = false;
};

}  // namespace troupe
