#include "support/test_node.hpp"

#include "runtime/actor/hooks.hpp"
#include "runtime/system_config.hpp"

#include <caf/scheduled_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <stdexcept>

namespace troupe {
namespace {

using coordinator = caf::scheduler::test_coordinator;

/// Where actors run. Lives as long as the node, since an actor remembers it
/// between its turns.
class step_unit final : public caf::execution_unit {
 public:
  step_unit(caf::actor_system& system, coordinator& jobs) : caf::execution_unit(&system), jobs_(jobs) {}
  void exec_later(caf::resumable* job) override { jobs_.jobs.push_back(job); }

 private:
  coordinator& jobs_;
};

/// The next time-out of CAF's clock, which keeps its schedule to itself.
struct schedule_access : caf::detail::test_actor_clock {
  static std::optional<time_point> next(const caf::detail::test_actor_clock& clock) {
    const auto& schedule = clock.*(&schedule_access::schedule_);
    if (schedule.empty()) return std::nullopt;
    return schedule.begin()->first;
  }
};

class asking_actor final : public caf::event_based_actor {
 public:
  explicit asking_actor(caf::actor_config& config) : caf::event_based_actor(config) {
    set_default_handler(default_handler{
        [](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> { return caf::message{}; }});
    set_error_handler(error_handler{[](caf::scheduled_actor*, caf::error&) {}});
  }
  caf::behavior make_behavior() override {
    return {[](caf::unit_t) {}};
  }
};

class recording_actor final : public caf::event_based_actor {
 public:
  recording_actor(caf::actor_config& config, std::shared_ptr<recorder_log> log)
      : caf::event_based_actor(config), log_(std::move(log)) {
    set_default_handler(
        default_handler{[this](caf::scheduled_actor*, caf::message_view& view) -> caf::result<caf::message> {
          keep(view.copy_content_to_message());
          return caf::message{};
        }});
    set_down_handler(down_handler{[this](caf::scheduled_actor*, caf::down_msg& x) { keep(caf::make_message(x)); }});
    set_error_handler(error_handler{[this](caf::scheduled_actor*, caf::error& x) { keep(caf::make_message(x)); }});
  }
  caf::behavior make_behavior() override {
    return {[](caf::unit_t) {}};
  }

 private:
  void keep(caf::message content) {
    const auto id = current_message_id();
    recorded_message entry{content, current_sender(), id.is_urgent_message(), id.is_request(), {}};
    if (entry.asked) entry.promise = make_response_promise();
    auto reply = log_->reply ? log_->reply(content) : std::nullopt;
    if (reply && entry.asked) answer(std::exchange(entry.promise, {}), std::move(*reply));
    log_->messages.push_back(std::move(entry));
  }

  static void answer(caf::response_promise promise, caf::message reply) {
    if (reply.match_elements<caf::error>())
      promise.deliver(reply.get_as<caf::error>(0));
    else
      promise.deliver(std::move(reply));
  }

  std::shared_ptr<recorder_log> log_;
};

}  // namespace

struct test_node::parts {
  explicit parts(std::uint64_t seed)
      : random(seed),
        config(scheduling::stepped),
        system(std::make_unique<caf::actor_system>(config)),
        jobs(dynamic_cast<coordinator&>(system->scheduler())),
        unit(*system, jobs),
        services{*system, clock, random, pool, registry, true},
        asker(system->spawn<asking_actor>()) {
    system->await_actors_before_shutdown(false);
  }

  void resume(caf::resumable* job) {
    switch (job->resume(&unit, 1)) {
      case caf::resumable::resume_later: return jobs.jobs.push_back(job);
      case caf::resumable::done:
      case caf::resumable::awaiting_message: return job->intrusive_ptr_release_impl();
      case caf::resumable::shutdown_execution_unit: return;
    }
  }

  /// Runs job `which`, counting the pool's work after the actors' jobs.
  void run_job(std::size_t which) {
    if (which >= jobs.jobs.size()) return pool.run_one(which - jobs.jobs.size());
    auto* job = jobs.jobs[which];
    jobs.jobs.erase(jobs.jobs.begin() + static_cast<std::ptrdiff_t>(which));
    resume(job);
  }

  test_clock clock;
  test_random random;
  test_pool pool;
  actor_registry registry;
  system_config config;
  std::unique_ptr<caf::actor_system> system;
  coordinator& jobs;
  step_unit unit;
  node_services services;
  caf::actor asker;
  std::vector<recorder> recorders;
};

test_node::test_node(std::uint64_t seed) {
  set_actor_event_hook(nullptr);  // tests provoke faults on purpose
  parts_ = std::make_unique<parts>(seed);
  run();
}

test_node::~test_node() {
  auto& p = *parts_;
  try {
    p.pool.clear();
    for (auto& each : p.recorders) {
      each.clear();
      each = recorder(each.handle(), std::make_shared<recorder_log>());
      caf::anon_send_exit(each.handle(), caf::exit_reason::kill);
    }
    // Ending actors may start others.
    for (int round = 0; round < 100; ++round) {
      for (const auto& each : p.registry.snapshot())
        if (auto handle = each.handle()) caf::anon_send_exit(handle, caf::exit_reason::kill);
      run();
      if (p.registry.count() == 0) break;
    }
    caf::anon_send_exit(p.asker, caf::exit_reason::kill);
    run();
  } catch (...) {  // a test that failed must not also terminate
  }
  p.asker = nullptr;
  p.recorders.clear();
  p.system.reset();
}

node_services& test_node::services() {
  return parts_->services;
}
caf::actor_system& test_node::system() {
  return *parts_->system;
}
actor_registry& test_node::registry() {
  return parts_->registry;
}
test_clock& test_node::clock() {
  return parts_->clock;
}
test_random& test_node::random() {
  return parts_->random;
}
test_pool& test_node::pool() {
  return parts_->pool;
}

std::size_t test_node::ready() const {
  return parts_->jobs.jobs.size() + parts_->pool.queued();
}

bool test_node::step() {
  if (ready() == 0) return false;
  parts_->run_job(0);
  return true;
}

bool test_node::step_random() {
  const auto choices = ready();
  if (choices == 0) return false;
  parts_->run_job(parts_->random.below(choices));
  return true;
}

void test_node::run() {
  for (int steps = 0; step(); ++steps)
    if (steps > 10'000'000) throw std::runtime_error("the node does not come to rest");
}

void test_node::run_random() {
  for (int steps = 0; step_random(); ++steps)
    if (steps > 10'000'000) throw std::runtime_error("the node does not come to rest");
}

void test_node::advance(std::chrono::milliseconds by) {
  run();
  auto& time = parts_->jobs.clock();
  const auto end = time.now() + by;
  while (true) {
    const auto next = schedule_access::next(time);
    const auto to = next && *next < end ? std::max(*next, time.now()) : end;
    const auto distance = to - time.now();
    parts_->clock.move(std::chrono::duration_cast<std::chrono::nanoseconds>(distance).count());
    time.advance_time(distance);
    run();
    if (to >= end) {
      const auto due = schedule_access::next(time);
      if (!due || *due > end) return;
    }
  }
}

recorder test_node::record() {
  auto log = std::make_shared<recorder_log>();
  recorder made(parts_->system->spawn<recording_actor>(log), log);
  parts_->recorders.push_back(made);
  run();
  return made;
}

caf::event_based_actor& test_node::asker() {
  auto* raw = caf::actor_cast<caf::abstract_actor*>(parts_->asker);
  auto& asker = dynamic_cast<caf::event_based_actor&>(*raw);
  asker.context(&parts_->unit);
  return asker;
}

}  // namespace troupe
