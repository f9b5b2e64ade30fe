#pragma once

/// One role in the three forms an inspected actor can have: event-based class,
/// typed class, and state behind `role<...>`.

#include "support/test_node.hpp"

#include "runtime/actor/role.hpp"
#include "runtime/messages/journal.hpp"
#include "runtime/messages/memory.hpp"
#include "runtime/messages/model.hpp"

#include <stdexcept>

namespace troupe::test {

TROUPE_INTERFACE(probe_actor, TROUPE_TELLS(model_ready), TROUPE_TELLS(model_cancel),
                 TROUPE_ASKS(keeper_open, memory_forgotten));

/// What a probe did; outlives it.
struct probe_log {
  std::vector<std::uint64_t> handled;  ///< numbers of the messages, in order
  int starts = 0;
  std::uint64_t since_start = 0;
  bool start_throws = false;
};
using probe_log_ptr = std::shared_ptr<probe_log>;

inline constexpr std::uint64_t bad_number = 666;
inline model_ready number(std::uint64_t n) {
  return {n};
}
inline model_cancel urgent_number(std::uint64_t n) {
  return {turn_ref{0, n, 0}};
}

template <class Behavior>
Behavior probe_behavior(caf::local_actor* self, probe_log_ptr log) {
  if (log->start_throws) throw std::runtime_error("cannot start");
  ++log->starts;
  log->since_start = 0;
  auto note = [log](std::uint64_t n) {
    if (n == bad_number) throw std::runtime_error("bad number");
    log->handled.push_back(n);
    ++log->since_start;
  };
  return {[note](const model_ready& x) { note(x.turn); }, [note](const model_cancel& x) { note(x.ref.turn); },
          [note, self](const keeper_open& x) -> caf::result<memory_forgotten> {
            if (x.id == "throw") throw std::runtime_error("bad path");
            if (x.id == "throw with promise") {
              auto promise = self->make_response_promise<memory_forgotten>();
              throw std::runtime_error("bad path");
            }
            note(1000);
            return memory_forgotten{x.id.size()};
          }};
}

class event_probe : public inspected<caf::event_based_actor> {
 public:
  event_probe(caf::actor_config& config, actor_setup setup, probe_log_ptr log)
      : inspected(config, std::move(setup)), log_(std::move(log)) {}
  static const char* role_name() { return "event probe"; }
  std::string state_json() const override { return std::to_string(log_->since_start); }

 protected:
  caf::behavior make_behavior() override { return probe_behavior<caf::behavior>(this, log_); }

 private:
  probe_log_ptr log_;
};

class typed_probe : public inspected<probe_actor::base> {
 public:
  typed_probe(caf::actor_config& config, actor_setup setup, probe_log_ptr log)
      : inspected(config, std::move(setup)), log_(std::move(log)) {}
  static const char* role_name() { return "typed probe"; }
  std::string state_json() const override { return std::to_string(log_->since_start); }

 protected:
  probe_actor::behavior_type make_behavior() override { return probe_behavior<probe_actor::behavior_type>(this, log_); }

 private:
  probe_log_ptr log_;
};

struct probe_state {
  static constexpr const char* name = "role probe";
  explicit probe_state(role<probe_state, probe_actor>* actor) : self(actor) {}
  probe_actor::behavior_type start(probe_log_ptr given) {
    log = given;
    return probe_behavior<probe_actor::behavior_type>(self, std::move(given));
  }
  std::string to_json() const { return std::to_string(log->since_start); }

  role<probe_state, probe_actor>* self;
  probe_log_ptr log;
};
using role_probe = role<probe_state, probe_actor>;

/// The same under CAF's own stateful actor.
struct plain_state {
  static constexpr const char* name = "stateful probe";
};
class stateful_probe : public caf::stateful_actor<plain_state, inspected<caf::event_based_actor>> {
 public:
  using super = caf::stateful_actor<plain_state, inspected<caf::event_based_actor>>;
  stateful_probe(caf::actor_config& config, actor_setup setup, probe_log_ptr log)
      : super(config, std::move(setup)), log_(std::move(log)) {}
  static const char* role_name() { return plain_state::name; }
  std::string state_json() const override { return std::to_string(log_->since_start); }

 protected:
  caf::behavior make_behavior() override { return probe_behavior<caf::behavior>(this, log_); }

 private:
  probe_log_ptr log_;
};

/// A node with one probe in it.
template <class Probe>
struct probe_fixture {
  explicit probe_fixture(spawn_spec spec = {.label = "probe"})
      : handle(caf::actor_cast<caf::actor>(spawn<Probe>(node.services(), spec, log))) {
    node.run();
    cell = node.registry().find(handle.id())->cell;
  }

  expected<caf::unit_t> command(actor_command_kind kind) {
    return node.ask<caf::unit_t>(handle, actor_command{kind}, urgency::urgent);
  }
  expected<memory_forgotten> backup(std::string path) {
    return node.ask<memory_forgotten>(handle, keeper_open{std::move(path)});
  }
  bool ended() const { return cell->ended.load(); }

  test_node node;
  probe_log_ptr log = std::make_shared<probe_log>();
  caf::actor handle;
  std::shared_ptr<const actor_cell> cell;
};

}  // namespace troupe::test
