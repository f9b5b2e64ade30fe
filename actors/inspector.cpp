#include "actors/inspector.hpp"

#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/inspection/json_fields.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <charconv>

namespace troupe {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t look_lasts = 60 * second;
constexpr std::chrono::milliseconds state_patience{100};
constexpr std::size_t states_kept = 1000;
constexpr std::size_t state_limit = 1024 * 1024;  // bytes of JSON

inspect_answer error_answer(unsigned status, std::string_view detail) {
  inspect_answer out{status, {}};
  json_object(out.json).text("detail", detail);
  return out;
}

}  // namespace

bool inspector_door::push(call one) {
  std::lock_guard guard(mutex_);
  if (waiting_.size() >= capacity) return false;
  waiting_.push_back(std::move(one));
  return true;
}

std::optional<inspector_door::call> inspector_door::pop() {
  std::lock_guard guard(mutex_);
  if (waiting_.empty()) return std::nullopt;
  auto one = std::move(waiting_.front());
  waiting_.pop_front();
  return one;
}

ask_inspector_function ask_through(std::shared_ptr<inspector_door> door, const caf::actor& inspector) {
  return [door = std::move(door), inspector](inspect_query query, std::function<void(inspect_answer)> done) {
    if (!door->push({std::move(query), done}))
      return done(error_answer(503, "the inspector is busy: too many questions wait"));
    caf::anon_send(inspector, inspect_knock{});
  };
}

std::string_view inspector_state::asked::parameter(std::string_view name) const {
  for (auto& each : query.parameters)
    if (each.name == name) return each.value;
  return {};
}

caf::behavior inspector_state::start(inspector_deps deps) {
  deps_ = std::move(deps);
  started_at_ = deps_.node->clock.wall_ms();
  return {
      [this](const inspect_knock&) { knocked(); },
      [this](const inspect_query& query) -> caf::result<inspect_answer> {
        auto promise = self_->make_response_promise<inspect_answer>();
        auto answer = std::make_shared<pending_answer<inspect_answer>>(promise);
        handle(query, [answer](inspect_answer given) { answer->deliver(std::move(given)); });
        return promise;
      },
      [this](const inspect_tick&) { tick(); },
  };
}

void inspector_state::knocked() {
  if (auto call = deps_.door->pop()) handle(std::move(call->first), std::move(call->second));
}

void inspector_state::handle(inspect_query query, done_function done) {
  auto one = std::make_shared<asked>(asked{std::move(query), std::move(done), deps_.node->clock.monotonic_ns()});
  ++answered_;
  if (one->query.acts) return act(one);
  look(one);
}

void inspector_state::look(const asked_ptr& one) {
  const auto& path = one->query.path;
  const auto first = path.empty() ? std::string_view() : std::string_view(path[0]);
  if (path.size() == 1) {
    if (first == "actors") return looked(), show_actors(one);
    if (first == "tree") return looked(), show_tree(one);
    if (first == "overview") return looked(), show_overview(one);
    if (first == "clients") return show_clients(one);
    if (first == "models") return looked(), show_roles(one, "models", {"model"});
    if (first == "tools") return looked(), show_roles(one, "tools", {"builtin_tools", "mcp_server"});
    if (first == "turns") return show_turns(one);
    if (first == "log") return show_log(one);
    if (first == "dead_letters") return show_letters(one);
    if (first == "audit") return show_audit(one);
    if (first == "store") {
      if (!deps_.store) return fail(one, 404, "this node has no store");
      return show_store(one);
    }
  }
  if (path.size() == 2 && first == "actors") {
    looked();
    const auto entry = deps_.node->registry.find(path[1]);
    if (!entry) return fail(one, 404, "no such actor: it has ended, or there never was one");
    return show_actor(one, entry->cell);
  }
  if (path.size() == 2 && first == "turns") return show_turn(one);
  fail(one, 404, "Not Found");
}

/// Somebody looks: from now on there are rates and histograms.
void inspector_state::looked() {
  looked_until_ns_ = deps_.node->clock.monotonic_ns() + look_lasts;
  if (!ticking_) tick();
}

void inspector_state::tick() {
  const auto now = deps_.node->clock.monotonic_ns();
  ticking_ = now < looked_until_ns_;
  if (!ticking_) {
    rates_.clear();
    states_.clear();
    points_.clear();
    last_point_ns_ = 0;
    return;
  }
  const auto actors = deps_.node->registry.snapshot();
  for (auto& each : actors) each.cell->measured();
  rates_.tick(now, actors);
  sample(actors);
  tell_self_later(self_, std::chrono::seconds(1), inspect_tick{});
}

void inspector_state::answer(const asked_ptr& one, std::string members) {
  const auto cost = (deps_.node->clock.monotonic_ns() - one->began_ns) / 1000;
  std::string body;
  json_object(body).members(members).number("cost_us", cost);
  one->done({200, std::move(body)});
}

void inspector_state::fail(const asked_ptr& one, unsigned status, std::string_view detail) {
  one->done(error_answer(status, detail));
}

void inspector_state::gather(std::vector<std::uint64_t> actors, std::function<void()> then) {
  struct progress {
    std::size_t left;
    std::function<void()> then;
    void one_done() {
      if (--left == 0) then();
    }
  };
  auto going = std::make_shared<progress>(progress{actors.size() + 1, std::move(then)});
  if (states_.size() + actors.size() > states_kept) states_.clear();
  for (const auto number : actors) {
    auto handle = deps_.node->registry.handle(number);
    if (number == self_->id()) states_[number] = {to_json(), deps_.node->clock.monotonic_ns(), {}};
    if (!handle || number == self_->id()) {
      going->one_done();
      continue;
    }
    self_->request<caf::message_priority::high>(handle, state_patience, actor_state_query{})
        .then(
            [this, going, number](actor_state& state) {
              const auto size = state.json.size();
              if (size > state_limit)
                states_[number].error = "the state has " + std::to_string(size) + " bytes, more than can be shown";
              else
                states_[number] = {std::move(state.json), deps_.node->clock.monotonic_ns(), {}};
              going->one_done();
            },
            [this, going, number](caf::error& error) {
              auto& known = states_[number];
              known.error = error == caf::sec::request_timeout ? "the actor did not answer within 100 ms"
                                                               : to_failure(error).message;
              going->one_done();
            });
  }
  going->one_done();
}

const inspector_state::known_state* inspector_state::state_of(std::uint64_t actor) const {
  const auto found = states_.find(actor);
  return found == states_.end() ? nullptr : &found->second;
}

std::optional<std::size_t> inspector_state::number_in(const asked_ptr& one, std::string_view name,
                                                      std::size_t otherwise, std::size_t least, std::size_t most) {
  const auto text = one->parameter(name);
  if (text.empty()) return otherwise;
  std::size_t number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && stopped == text.data() + text.size() && number >= least && number <= most) return number;
  fail(one, 400,
       std::string(name) + ": must be a number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::string inspector_state::to_json() const {
  std::string out;
  json_object(out).flag("looked_at", ticking_).number("answered", answered_).number("states_kept", states_.size());
  return out;
}

}  // namespace troupe
