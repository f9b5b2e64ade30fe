#include "actors/character.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/inspection/json_fields.hpp"
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

character_state::~character_state() {
  // What is owed is answered as the promises go; here the turns' other ends.
  if (turn_) lost(turn_->request.ref);
  for (auto& job : queue_)
    if (job.what == waiting_job::kind::say) lost(job.say.ref);
  // Whoever ends stays on the list of those it monitors, with its memory.
  if (memory_) self_->demonitor(memory_);
  if (!runner_) return;
  self_->demonitor(runner_);
  caf::anon_send<caf::message_priority::high>(runner_, run_cancel{});
}

/// Of a turn that a restart or the actor's end cuts short.
void character_state::lost(const turn_ref& ref) {
  if (auto* traces = self_->node().traces) traces->end(ref.turn, event_kind::interrupted, failure_kind::interrupted);
  if (!deps_.encode_event) return;
  const character_event event{
      ref, character_event_kind::turn_ended,
      deps_.encode_event(ref, character_event_kind::turn_ended, R"({"error":"the character was restarted or ended"})")};
  for (auto& [address, member] : deps_.company->members)
    if (member.hears) caf::anon_send(member.handle, event);
}

character_actor::behavior_type character_state::start(character_deps deps) {
  deps_ = std::move(deps);
  self_->set_down_handler([this](caf::down_msg& message) {
    if (runner_ && message.source == runner_.address()) {
      runner_ = nullptr;
      if (turn_ && turn_->step == phase::running) fall_back({failure_kind::internal, "the agent has ended"});
    } else if (memory_ && message.source == memory_.address()) {
      memory_ = nullptr;
    } else {
      leave(message.source, false);
    }
  });
  begin_loading();
  return {
      [this](character_attach& message) { return attach(message); },
      [this](const character_detach& message) { leave(message.watcher.address(), false); },
      [this](const character_subscribe& message) {
        if (message.on)
          join(message.watcher, true);
        else
          leave(message.watcher.address(), true);
      },
      [this](character_say& message) { return say(message); },
      [this](const character_status& message) { return status(message); },
      [this](const character_save& message) { return save_to_file(message); },
      [this](character_restore& message) {
        waiting_job job;
        job.what = waiting_job::kind::restore;
        job.restore = std::move(message);
        return wait_for_turn(std::move(job));
      },
      [this](const character_reset& message) {
        waiting_job job;
        job.what = waiting_job::kind::reset;
        job.reset = message;
        return wait_for_turn(std::move(job));
      },
      [this](const character_search& message) { return search(message); },
      [this](const character_deadline& message) { deadline(message.turn); },
      [this](const recall_deadline& message) {
        if (!turn_ || turn_->request.ref.turn != message.turn || turn_->step != phase::recalling) return;
        close_span(self_, message.turn, span_kind::recall);
        run(message.turn);
      },
      [this](const turn_stop& message) { stop(message.ref); },
      [this](run_delta& message) { delta(message); },
      [this](run_ended& message) { run_over(message); },
      [this](const run_tools_begin& message) { return tools_saved(message.ref); },
      [this](const run_tool_finished& message) { return tools_saved(message.ref); },
      [this](const drain& message) { return begin_drain(message); },
      [this](const drain_deadline&) {
        abandon({failure_kind::interrupted, "the server is shutting down"});
      },
      [this](const idle_check& message) { idle(message); },
      [this](const sleep_now&) { sleep(); },
  };
}

// -- opening --------------------------------------------------------------------

void character_state::begin_loading() {
  // A state before this one, or an actor that was killed, may have appends at
  // the journal. This one comes after them: once it is answered, so are they.
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, {}})
      .then([this](const journal_committed&) { load(); },
            [this](caf::error& error) {
              // Only a full journal answers out of turn.
              if (to_failure(error).kind != failure_kind::busy) return load();
              append_failed(error);
            });
}

void character_state::load() {
  const auto give_up = [this](const failure& why) { append_failed(to_error(why)); };
  if (!is_private()) {
    auto loaded = storage::load_character(*deps_.database, deps_.id);
    if (!loaded) return give_up(loaded.error());
    if (*loaded) {
      kept_ = std::move(**loaded);
      boost::system::error_code code;
      auto state = json::parse(kept_.state, code);
      if (code || !state.is_object()) return give_up({failure_kind::corrupt, "what is kept is no JSON object"});
      auto life = characters::inner_life::decode(state.as_object(), now_us());
      if (!life) return give_up({failure_kind::corrupt, life.error().message});
      life_ = std::move(*life);
    }
  }
  ready_ = true;
  for (auto& who : std::vector(attaching_)) read_definition(who);
  if (deps_.company->loaded) {
    // Restarted in place, with its company there.
    dirty_ = life_.has_value();
    if (life_)
      announce_change("restarted");
    else
      read_definition(attaching_.emplace_back(std::make_shared<waiting_attach>()));
  }
  offer_pending();
  forget_formed();
  if (is_private() && deps_.company->loaded && !has_watchers()) return end_private();
  next();
}

caf::result<character_attached> character_state::attach(character_attach& message) {
  if (draining_) return to_error(shutting_down());
  if (closing_) return to_error(ended());
  if (attaching_.size() >= deps_.max_waiting)
    return to_error({failure_kind::busy, "too many wait for this character; try again"});
  ++activity_;
  auto promise = self_->make_response_promise<character_attached>();
  auto who = std::make_shared<waiting_attach>();
  who->answer = std::make_shared<pending_answer<character_attached>>(promise);
  who->request = std::move(message);
  attaching_.push_back(who);
  if (ready_) read_definition(who);
  return promise;
}

void character_state::read_definition(const attaching& who) {
  auto config = is_private() ? who->request.config : std::string();
  if (is_private() && config.empty()) config = deps_.company->config;
  self_->request(deps_.library, caf::infinite, definition_read{deps_.id, config})
      .then(
          [this, who, config](definition_found& found) {
            if (is_private()) deps_.company->config = config;
            admit(who, found);
          },
          [this, who](caf::error& error) { refuse(who, to_failure(error)); });
}

void character_state::refuse(const attaching& who, const failure& why) {
  std::erase(attaching_, who);
  if (who->answer) who->answer->fail(why);
  next();
}

void character_state::admit(const attaching& who, const definition_found& found) {
  if (closing_ || draining_) return refuse(who, closing_ ? ended() : shutting_down());
  for (const auto& warning : found.warnings) log::warn("character_file", {{"warning", warning}});
  bool changed = false, adopted = false;
  if (!life_ || found.digest != kept_.digest) {
    boost::system::error_code code;
    auto config = json::parse(found.config, code);
    if (code || !config.is_object()) return refuse(who, {failure_kind::internal, "the library gave no JSON object"});
    auto made = characters::definition::from_json(public_character_id(deps_.id), config.as_object(), now_us());
    if (!made) return refuse(who, made.error());
    if (life_) {
      changed = adopted = adopt(std::move(*made), found.digest);
    } else {
      life_.emplace(std::move(*made), now_us());
      kept_.digest = found.digest;
      changed = true;
    }
  }
  constexpr std::int64_t hour = 3600'000'000;
  if (!turn_ && now_us() - met_us_ >= hour && reunite()) changed = true;
  if (!changed || turn_) return let_in(who);
  keep();
  save(
      [this, who, adopted] {
        if (adopted) announce_change("definition");
        let_in(who);
      },
      [this, who](const failure& why) { refuse(who, why); });
}

void character_state::let_in(const attaching& who) {
  std::erase(attaching_, who);
  deps_.company->loaded = true;
  if (who->request.watcher && !who->left) join(who->request.watcher, false);
  if (who->answer) who->answer->deliver({life_->who().name, json::serialize(life_->character_info())});
  if (is_private() && who->answer && !has_watchers()) return end_private();
  next();
}

/// The file is another one than it was made from. False: that waits.
bool character_state::adopt(characters::definition who, std::uint64_t digest) {
  // A turn that is abandoned leaves it as it was before: not amid one.
  if (turn_) {
    adopt_later_.emplace(std::move(who), digest);
    return false;
  }
  life_->adopt(std::move(who));
  kept_.digest = digest;
  log::info("character_file_changed", {{"character", deps_.id}});
  return true;
}

bool character_state::reunite() {
  met_us_ = now_us();
  return life_->reunite(met_us_);
}

// -- company ----------------------------------------------------------------------

bool character_state::has_watchers() const {
  return std::ranges::any_of(deps_.company->members, [](auto& each) { return each.second.watches; });
}

void character_state::join(const caf::actor& watcher, bool hears) {
  if (!watcher) return;
  auto [known, is_new] = deps_.company->members.try_emplace(watcher.address());
  known->second.handle = watcher;
  (hears ? known->second.hears : known->second.watches) = true;
  if (is_new) self_->monitor(watcher);
  ++activity_;
}

void character_state::leave(const caf::actor_addr& who, bool only_events) {
  if (!only_events)
    for (auto& waiting : attaching_)
      if (waiting->request.watcher && waiting->request.watcher.address() == who) waiting->left = true;
  auto known = deps_.company->members.find(who);
  if (known == deps_.company->members.end()) return;
  const bool watched = known->second.watches;
  known->second.hears = false;
  if (!only_events) known->second.watches = false;
  if (!known->second.watches) {
    self_->demonitor(known->second.handle);
    deps_.company->members.erase(known);
  }
  ++activity_;
  if (is_private() && watched && !has_watchers() && attaching_.empty()) return end_private();
  // The keeper may have said that the last lease is gone before the watcher left.
  if (is_idle()) idle(idle_check{0});
}

void character_state::announce(const turn_ref& ref, character_event_kind kind,
                               const std::function<std::string()>& make_body) {
  if (!deps_.encode_event) return;
  caf::message shared;
  for (auto& [address, member] : deps_.company->members) {
    if (!member.hears) continue;
    // Encoded once, and one message for all: they take it by const reference.
    if (shared.empty())
      shared = caf::make_message(character_event{ref, kind, deps_.encode_event(ref, kind, make_body())});
    tell(self_, member.handle, shared);
  }
}

void character_state::announce_change(std::string_view reason) {
  announce(turn_ref{}, character_event_kind::changed, [&] {
    return json::serialize(json::object{{"reason", json::string_view(reason.data(), reason.size())}});
  });
}

// -- the store ----------------------------------------------------------------------

/// The inner life has changed. REQUIRES: no turn has begun and not ended.
void character_state::keep() {
  kept_.state = json::serialize(life_->encode(now_us()));
  self_->cell().kept_bytes.store(kept_.state.size(), std::memory_order_relaxed);
  dirty_ = true;
  schedule_autosave();
}

void character_state::save(done then, failed otherwise) {
  ++activity_;
  if (is_private()) return then();
  std::vector<write_op> ops;
  storage::put_character(ops, deps_.id, kept_);
  ++saves_in_flight_;
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, std::move(ops)})
      .then(
          [this, then = std::move(then)](const journal_committed&) {
            --saves_in_flight_;
            then();
          },
          [this, otherwise = std::move(otherwise)](caf::error& error) {
            --saves_in_flight_;
            closing_ = true;  // nothing may begin now
            otherwise(to_failure(error));
            append_failed(error);
          });
}

void character_state::append_failed(const caf::error& error) {
  const auto why = to_failure(error);
  closing_ = true;
  log::error("character_ended", {{"character", deps_.id}, {"kind", to_string(why.kind)}, {"reason", why.message}});
  for (auto& who : std::exchange(attaching_, {}))
    if (who->answer) who->answer->fail(why);
  if (turn_) {
    say_failed(turn_->request.ref, turn_->answer, why);
    release_runner();
    turn_.reset();
  }
  refuse_queued(why);
  for (auto& waiting : std::exchange(draining_for_, {})) waiting.deliver({});
  // What is in the store is unknown now: the next to open reads it back.
  self_->quit(error);
}

// -- sleep ----------------------------------------------------------------------------

bool character_state::is_idle() const {
  return ready_ && deps_.company->members.empty() && attaching_.empty() && !turn_ && queue_.empty() && !changing_
         && offered_.empty() && !forgetting_ && saves_in_flight_ == 0 && files_in_flight_ == 0 && !closing_;
}

void character_state::idle(const idle_check& message) {
  if (message.activity != 0) idle_timer_ = false;
  if (!is_idle()) return;  // the keeper says when the last lease is gone
  if (message.activity == activity_ && message.activity != 0) {
    tell(self_, deps_.keeper, sleep_request{deps_.id});
    return;
  }
  if (idle_timer_) return;
  idle_timer_ = true;
  // The count itself stays: a timer left over from before a restart would else
  // spoil this one's, and this one that one's, for ever.
  tell_self_later(self_, deps_.idle_after, idle_check{activity_});
}

void character_state::sleep() {
  if (!is_idle()) {
    tell(self_, deps_.keeper, sleep_refused{deps_.id});
    return;
  }
  if (is_private()) return end_private();
  closing_ = true;
  // The store has it; the file is for people, and for when the server ends while it sleeps.
  if (!dirty_) return self_->quit();
  autosave([this](const failure&) { self_->quit(); });
}

/// Its last client has gone: nothing of it stays.
void character_state::end_private() {
  if (std::exchange(closing_, true)) return;
  refuse_queued(ended());
  abandon({failure_kind::cancelled, "the character's last client has gone"});
  const auto erase = [this] {
    std::vector<write_op> ops;
    storage::erase_character_space(ops, deps_.id);
    self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::turns, std::move(ops)})
        .then([this](const journal_committed&) { self_->quit(); }, [this](caf::error&) { self_->quit(); });
  };
  if (!memory_) return erase();
  self_->request(memory_, caf::infinite, memory_forget{0, true})
      .then([erase](const memory_forgotten&) { erase(); }, [erase](caf::error&) { erase(); });
}

caf::result<drained> character_state::begin_drain(const drain& message) {
  draining_ = true;
  auto promise = self_->make_response_promise<drained>();
  draining_for_.emplace_back(promise);
  refuse_queued(shutting_down());
  for (auto& who : std::exchange(attaching_, {}))
    if (who->answer) who->answer->fail(shutting_down());
  if (turn_) tell_self_later(self_, std::chrono::milliseconds(message.grace_ms), drain_deadline{});
  drain_if_done();
  return promise;
}

void character_state::drain_if_done() {
  if (!draining_ || turn_ || changing_ || drain_saving_) return;
  const auto answer = [this] {
    for (auto& waiting : std::exchange(draining_for_, {})) waiting.deliver({});
  };
  if (is_private()) return end_private();  // the drain is answered by its end
  if (!life_ || !deps_.company->loaded) return answer();
  drain_saving_ = true;
  autosave([answer](const failure&) { answer(); });
}

std::int64_t character_state::now_us() const {
  return deps_.node->clock.wall_ms() * 1000;
}

/// A time for a turn's end. An episode's id is made of it: no two may be alike.
std::int64_t character_state::end_us() {
  kept_.last_us = std::max(now_us(), kept_.last_us + 1);
  return kept_.last_us;
}

expected<void> character_state::usable() const {
  if (draining_) return shutting_down();
  if (closing_) return ended();
  if (!deps_.company->loaded) return failure{failure_kind::not_found, "no character is loaded"};
  return {};
}

std::string character_state::to_json() const {
  std::string out;
  std::size_t watchers = 0, subscribers = 0;
  for (auto& [address, member] : deps_.company ? deps_.company->members : decltype(character_company::members)()) {
    watchers += member.watches;
    subscribers += member.hears;
  }
  {
    json_object to(out);
    if (life_) {
      const auto vitals = life_->vitals();
      if (const auto* mood = vitals.if_contains("mood_state"); mood && mood->is_object())
        if (const auto* word = mood->get_object().if_contains("current_state"); word && word->is_string())
          to.text("mood", std::string_view(word->get_string().data(), word->get_string().size()));
      if (const auto* state = vitals.if_contains("neurochemical_state")) to.raw("levels", json::serialize(*state));
      to.number("history", life_->conversation_history().size());
    }
    to.number("watchers", watchers).number("subscribers", subscribers).number("queued", queue_.size());
    to.flag("in_turn", turn_.has_value()).number("episodes_pending", kept_.pending.size());
    to.flag("private", is_private()).flag("draining", draining_);
  }
  return out;
}

}  // namespace troupe
