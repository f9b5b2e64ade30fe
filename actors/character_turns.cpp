// A character's turns: one is in flight, the others wait (contracts/character.md §7).

#include "actors/character.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

namespace json = boost::json;

namespace {

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

caf::result<character_answer> character_state::say(character_say& message) {
  const auto ref = message.ref;
  if (auto* traces = self_->node().traces) traces->at_session(ref.turn, self_->cell().number);
  auto taken = take(message);
  if (!taken) {
    say_failed(ref, nullptr, taken.error());
    return to_error(taken.error());
  }
  ++activity_;
  auto promise = self_->make_response_promise<character_answer>();
  taken->answer = std::make_shared<pending_answer<character_answer>>(promise);
  taken->due = deps_.node->clock.monotonic_ns() + std::chrono::nanoseconds(deps_.reply_limit).count();
  tell_self_later(self_, deps_.reply_limit, character_deadline{ref.turn});
  queue_.push_back(std::move(*taken));
  next();
  return promise;
}

expected<character_state::waiting_job> character_state::take(character_say& message) {
  if (auto fit = usable(); !fit) return fit.error();
  if (message.ref.turn == 0) return failure{failure_kind::invalid, "turn: 0 is no turn"};
  if (cancelled_.contains(message.ref.turn))
    return failure{failure_kind::cancelled, "the turn was stopped before it began"};
  if (queue_.size() >= deps_.max_queued)
    return failure{failure_kind::busy, std::to_string(queue_.size()) + " requests are waiting; try again later"};
  waiting_job job;
  if (!message.context.empty()) {
    boost::system::error_code code;
    auto context = json::parse(message.context, code);
    if (code || !context.is_object()) return failure{failure_kind::invalid, "context: must be a JSON object"};
    job.context = std::move(context.as_object());
  }
  job.say = std::move(message);
  return job;
}

/// What waits gets its turn, if nothing is under way.
void character_state::next() {
  if (turn_ || changing_ || closing_) return;
  if (adopt_later_) {
    auto [who, digest] = *std::exchange(adopt_later_, std::nullopt);
    adopt(std::move(who), digest);
    keep();
    save([this] { announce_change("definition"); }, [](const failure&) {});
  }
  if (ready_ && life_ && !queue_.empty()) {
    auto job = std::move(queue_.front());
    queue_.pop_front();
    switch (job.what) {
      case waiting_job::kind::say: return begin(std::move(job));
      case waiting_job::kind::reset: return start_reset(job);
      case waiting_job::kind::restore: return start_restore(job);
    }
  }
  if (ready_ && !queue_.empty() && queue_.front().what == waiting_job::kind::restore) {
    auto job = std::move(queue_.front());
    queue_.pop_front();
    return start_restore(job);
  }
  if (draining_) return drain_if_done();
  if (is_idle()) idle(idle_check{0});
}

void character_state::begin(waiting_job job) {
  const auto ref = job.say.ref;
  turn_ = open_turn{};
  turn_->request = std::move(job.say);
  turn_->context = std::move(job.context);
  turn_->answer = std::move(job.answer);
  turn_->due = job.due;
  self_->cell().in_flight.store(1, std::memory_order_relaxed);
  close_span(self_, ref.turn, span_kind::queued);
  announce(ref, character_event_kind::turn_started, [this] {
    return json::serialize(json::object{{"user_message", view(turn_->request.text)}});
  });
  // It has waited too long already: whoever asked will not wait for a model.
  if (deps_.node->clock.monotonic_ns() >= turn_->due) return deadline(ref.turn);
  if (!deps_.memory_keeper) return run(ref.turn);
  tell_self_later(self_, deps_.recall_limit, recall_deadline{ref.turn});
  open_memory([this, turn = ref.turn] { recall(turn); });
}

void character_state::make_plan() {
  std::vector<characters::recollection> recollections;
  for (const auto* hits : {&turn_->similar, &turn_->recent})
    for (const auto& hit : *hits) {
      characters::recollection one{hit.record.text, std::clamp<double>(hit.similarity, 0, 1), 0};
      for (const auto& [key, value] : hit.record.metadata)
        if (key == "valence") one.valence = std::clamp(std::strtod(value.c_str(), nullptr), -1.0, 1.0);
      recollections.push_back(std::move(one));
    }
  turn_->plan = life_->begin_turn(turn_->request.text, turn_->context.empty() ? nullptr : &turn_->context,
                                  recollections, now_us());
  turn_->step = phase::running;
}

void character_state::run(std::uint64_t turn) {
  if (!turn_ || turn_->request.ref.turn != turn || turn_->step != phase::recalling) return;
  make_plan();
  runner_ = spawn<runner_role>(*deps_.node, {.label = deps_.id, .parent = self_->cell().id},
                               runner_deps{.session = caf::actor_cast<caf::actor>(self_),
                                           .model = deps_.model,
                                           .approver = deps_.approver,
                                           .recall = {},
                                           .tools = deps_.tool_limit});
  self_->monitor(runner_);
  if (auto* traces = self_->node().traces) traces->at_runner(turn, runner_.id());
  run_turn order;
  order.ref = turn_->request.ref;
  order.system = turn_->plan.system;
  for (const auto& each : turn_->plan.history)
    order.history.push_back({each.by_character ? chat_role::model : chat_role::user, each.text});
  order.prompt = turn_->plan.prompt;
  order.tools = deps_.tools;
  // The instructions hold them already: twice is only for a model that does not read those.
  for (const auto* hits : {&turn_->similar, &turn_->recent})
    if (deps_.quotes_memories) order.recalled.insert(order.recalled.end(), hits->begin(), hits->end());
  order.options = {turn_->plan.temperature, turn_->plan.max_tokens};
  tell(self_, runner_, std::move(order));
}

void character_state::release_runner() {
  if (!runner_) return;
  self_->demonitor(runner_);
  tell_urgent(self_, runner_, run_cancel{});
  runner_ = nullptr;
}

void character_state::delta(run_delta& message) {
  if (!current(message.ref) || turn_->step != phase::running) return;
  if (turn_->raw.empty())
    if (auto* traces = self_->node().traces) traces->first_delta(message.ref.turn);
  turn_->raw += message.text;
  show(turn_->filter.feed(message.text));
  if (turn_->raw.size() >= deps_.max_reply_bytes) end_well();
}

void character_state::show(std::string text) {
  if (text.empty()) return;
  const auto offset = turn_->shown;
  turn_->shown += text.size();
  announce(turn_->request.ref, character_event_kind::reply_delta, [&] {
    return json::serialize(json::object{{"offset", offset}, {"text", view(text)}});
  });
}

caf::result<run_tools_saved> character_state::tools_saved(const turn_ref& ref) const {
  if (current(ref) && turn_->step == phase::running) return run_tools_saved{};
  return to_error({failure_kind::cancelled, "the turn is over"});
}

void character_state::run_over(run_ended& message) {
  if (!current(message.ref)) return;
  add_owned(self_->cell().tokens_in, message.tokens_in);
  add_owned(self_->cell().tokens_out, message.tokens_out);
  if (turn_->step != phase::running) return;
  if (message.error.kind != failure_kind::none) return fall_back(message.error);
  if (is_blank(turn_->raw)) return fall_back({failure_kind::upstream, "the language model has said nothing"});
  end_well();
}

void character_state::end_well() {
  release_runner();
  show(turn_->filter.finish());
  finish(life_->end_turn(std::move(turn_->plan), turn_->raw, end_us()), {});
}

void character_state::fall_back(const failure& why) {
  release_runner();
  log::warn("character_fell_back", {{"character", deps_.id}, {"kind", to_string(why.kind)}});
  finish(life_->fall_back(std::move(turn_->plan), why.message, end_us()), why);
}

void character_state::deadline(std::uint64_t turn) {
  if (turn == 0) {
    autosave_timer_ = false;
    if (dirty_ && !closing_) autosave([](const failure&) {});
    return;
  }
  if (!turn_ || turn_->request.ref.turn != turn || turn_->step == phase::saving) return;
  if (turn_->step == phase::recalling) make_plan();
  fall_back({failure_kind::timeout, "the language model took too long"});
}

/// `why`: what it fell back for, if it did.
void character_state::finish(characters::turn_outcome outcome, const failure& why) {
  turn_->step = phase::saving;
  const auto ref = turn_->request.ref;
  open_span(self_, ref.turn, span_kind::journal_reply);
  if (outcome.memory) remember(*outcome.memory);
  met_us_ = now_us();
  keep();
  const auto body = std::make_shared<const std::string>(json::serialize(outcome.body));
  const auto bytes = outcome.reply.size();
  save(
      [this, ref, body, bytes, kind = why.kind] {
        if (!current(ref)) return;
        turn_->answer->deliver({*body});
        announce(ref, character_event_kind::turn_ended, [&] { return *body; });
        if (auto* traces = self_->node().traces)
          traces->end(ref.turn, kind == failure_kind::none ? event_kind::reply : event_kind::failed, kind, bytes);
        turn_over();
        offer_pending();
      },
      [](const failure&) {});  // `append_failed` tells everybody
}

/// The turn has never been, but for its end.
void character_state::abandon(const failure& why) {
  if (!turn_ || turn_->step == phase::saving) return;
  release_runner();
  if (turn_->step == phase::running) life_->abandon_turn(std::move(turn_->plan));
  say_failed(turn_->request.ref, turn_->answer, why);
  turn_over();
}

void character_state::turn_over() {
  turn_.reset();
  self_->cell().in_flight.store(0, std::memory_order_relaxed);
  next();
}

void character_state::stop(const turn_ref& ref) {
  const bool everything = ref.turn == 0;
  const failure why{failure_kind::cancelled, "the turn was stopped"};
  bool found = false;
  for (auto job = queue_.begin(); job != queue_.end();) {
    if (job->what != waiting_job::kind::say || (!everything && job->say.ref.turn != ref.turn)) {
      ++job;
      continue;
    }
    say_failed(job->say.ref, job->answer, why);
    job = queue_.erase(job);
    found = true;
  }
  if (turn_ && (everything || current(ref))) return abandon(why);
  if (!found) cancelled_.remember(ref.turn);
}

void character_state::refuse_queued(const failure& why) {
  for (auto& job : std::exchange(queue_, {})) {
    if (job.what == waiting_job::kind::say)
      say_failed(job.say.ref, job.answer, why);
    else if (job.answer)
      job.answer->fail(why);
  }
}

/// The one end of a turn that has no reply.
void character_state::say_failed(const turn_ref& ref, const owed& answer, const failure& why) {
  const auto outcome = why.kind == failure_kind::cancelled     ? event_kind::cancelled
                       : why.kind == failure_kind::interrupted ? event_kind::interrupted
                                                               : event_kind::failed;
  if (auto* traces = self_->node().traces) traces->end(ref.turn, outcome, why.kind);
  // One that was refused has not begun for anybody else.
  if (!answer) return;
  answer->fail(why);
  announce(ref, character_event_kind::turn_ended, [&] {
    return json::serialize(json::object{{"error", view(why.message)}});
  });
}

}  // namespace troupe
