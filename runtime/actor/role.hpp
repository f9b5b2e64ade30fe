#pragma once

/// \file
/// A role: an inspected actor whose state is a class of its own (DESIGN §10).
///
///     struct journal_state {
///       static constexpr const char* name = "journal";
///       explicit journal_state(role<journal_state, journal_actor>* self);
///       journal_actor::behavior_type start(journal_deps deps);
///       std::string to_json() const;  // optional
///     };
///
/// The state is made with the actor's pointer; `start` gets copies of the
/// arguments of `spawn` at the start and after every restart in place.
///
/// Ownership: the actor owns state and arguments and releases both when it
/// ends, not when its last handle goes: actors that hold each other's handles
/// do not leak. (CAF's `stateful_actor` does the same for the state, but
/// cannot survive a state whose constructor throws during a restart.)
/// Thread safety: as any CAF actor.

#include "runtime/actor/inspected.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <string>
#include <tuple>
#include <utility>

namespace troupe {

template <class Handle>
struct role_base;
template <>
struct role_base<caf::actor> {
  using type = inspected<caf::event_based_actor>;
};
template <class... Signatures>
struct role_base<caf::typed_actor<Signatures...>> {
  using type = inspected<caf::typed_event_based_actor<Signatures...>>;
};

template <class State, class Handle = caf::actor>
class role final : public role_base<Handle>::type {
 public:
  using super = typename role_base<Handle>::type;
  using behavior_type = typename super::behavior_type;
  using handle_type = Handle;

  static const char* role_name() noexcept { return State::name; }

  template <class... Args>
  role(caf::actor_config& config, actor_setup setup, Args&&... args)
      : super(config, std::move(setup)), state(storage_.value), start_(starter(std::forward<Args>(args)...)) {
    make_state();
  }

  ~role() override { destroy_state(); }

  const char* name() const override { return State::name; }

  /// This actor's handle.
  Handle handle() { return caf::actor_cast<Handle>(this); }

  /// Valid until the actor ends.
  State& state;

  void restart_role() override {
    destroy_state();
    make_state();
    auto next = start_(state);
    if constexpr (requires { next.unbox(); })
      this->do_become(std::move(next.unbox()), true);
    else
      this->do_become(std::move(next), true);
  }

  std::string state_json() const override {
    if constexpr (requires(const State& s) {
                    { s.to_json() } -> std::convertible_to<std::string>;
                  })
      return alive_ ? std::as_const(state).to_json() : std::string("{}");
    else
      return super::state_json();
  }

  void on_exit() override { release(); }

  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    release();
    return super::cleanup(std::move(reason), host);
  }

 protected:
  behavior_type make_behavior() override { return start_(state); }

 private:
  union storage {
    storage() {}
    ~storage() {}
    State value;
  };

  template <class... Args>
  static std::function<behavior_type(State&)> starter(Args&&... args) {
    return [kept = std::tuple<std::decay_t<Args>...>(std::forward<Args>(args)...)](State& state) {
      return std::apply([&](const auto&... each) { return state.start(std::decay_t<decltype(each)>(each)...); }, kept);
    };
  }

  void make_state() {
    new (&storage_.value) State(this);
    alive_ = true;
  }

  void destroy_state() noexcept {
    if (std::exchange(alive_, false)) storage_.value.~State();
  }

  void release() {
    destroy_state();
    start_ = nullptr;
  }

  storage storage_;
  bool alive_ = false;
  std::function<behavior_type(State&)> start_;
};

}  // namespace troupe
