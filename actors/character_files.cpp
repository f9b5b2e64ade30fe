// What a character tells of itself, its save files and its resets
// (contracts/character.md §5, §9).

#include "actors/character.hpp"
#include "actors/indented_json.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <caf/all.hpp>

#include <utility>

namespace troupe {

namespace json = boost::json;

caf::result<character_answer> character_state::status(const character_status& message) const {
  if (auto fit = usable(); !fit) return to_error(fit.error());
  if (!life_) return to_error({failure_kind::unavailable, "the character is being read; try again"});
  json::object body{{"character_summary", life_->character_summary()}};
  body["vitals"] = message.vitals ? json::value(life_->vitals()) : json::value();
  body["conversation_history"] = message.history ? json::value(life_->conversation_history()) : json::value();
  body["performance_stats"] = message.performance ? json::value(life_->performance()) : json::value();
  return character_answer{json::serialize(body)};
}

// -- save files -------------------------------------------------------------------

/// As it was before the turn in flight, if there is one.
std::string character_state::save_text() const {
  if (!turn_) return indented(life_->encode(now_us()));
  boost::system::error_code code;
  return indented(json::parse(kept_.state, code));
}

void character_state::write_save(std::string filename, const std::function<void(const expected<save_written>&)>& then) {
  ++files_in_flight_;
  ++activity_;
  self_->request(deps_.library, caf::infinite, save_write{std::move(filename), save_text()})
      .then(
          [this, then](save_written& written) {
            --files_in_flight_;
            then(expected<save_written>(std::move(written)));
          },
          [this, then](caf::error& error) {
            --files_in_flight_;
            then(expected<save_written>(to_failure(error)));
          });
}

caf::result<character_answer> character_state::save_to_file(const character_save& message) {
  if (auto fit = usable(); !fit) return to_error(fit.error());
  if (!life_) return to_error({failure_kind::unavailable, "the character is being read; try again"});
  auto filename = message.filename;
  if (filename.empty()) filename = std::string(public_character_id(deps_.id)) + "_server_save.json";
  auto promise = self_->make_response_promise<character_answer>();
  auto answer = std::make_shared<pending_answer<character_answer>>(promise);
  write_save(std::move(filename), [this, answer](const expected<save_written>& written) {
    if (written)
      answer->deliver({json::serialize(json::object{{"filename", written->path}})});
    else
      answer->fail(written.error());
    next();
  });
  return promise;
}

/// `then` gets a failure of kind `none` when it is written.
void character_state::autosave(std::function<void(const failure&)> then) {
  dirty_ = false;
  write_save(std::string(public_character_id(deps_.id)) + "_server_autosave.json",
             [this, then = std::move(then)](const expected<save_written>& written) {
               failure why;
               if (!written) {
                 why = written.error();
                 log::warn("character_autosave_failed", {{"character", deps_.id}, {"reason", why.message}});
                 dirty_ = true;
                 schedule_autosave();
               }
               then(why);
               next();
             });
}

void character_state::schedule_autosave() {
  if (autosave_timer_ || is_private() || deps_.autosave.count() == 0) return;
  autosave_timer_ = true;
  tell_self_later(self_, deps_.autosave, character_deadline{0});
}

// -- changes that wait for the turn in flight -----------------------------------------

caf::result<character_answer> character_state::wait_for_turn(waiting_job job) {
  const bool loads = job.what == waiting_job::kind::restore;
  if (auto fit = usable(); !fit && !(loads && fit.error().kind == failure_kind::not_found))
    return to_error(fit.error());
  if (queue_.size() >= deps_.max_queued)
    return to_error({failure_kind::busy, std::to_string(queue_.size()) + " requests are waiting; try again later"});
  ++activity_;
  auto promise = self_->make_response_promise<character_answer>();
  job.answer = std::make_shared<pending_answer<character_answer>>(promise);
  queue_.push_back(std::move(job));
  next();
  return promise;
}

void character_state::change_over() {
  changing_ = false;
  next();
}

void character_state::start_restore(waiting_job& job) {
  changing_ = true;
  const auto refused = [&](const failure& why) {
    job.answer->fail(why);
    change_over();
  };
  boost::system::error_code code;
  auto file = json::parse(job.restore.text, code);
  job.restore.text.clear();
  if (code || !file.is_object()) return refused({failure_kind::invalid, "the save file is no JSON object"});
  auto life = characters::inner_life::decode(file.as_object(), now_us());
  if (!life) return refused(life.error());
  if (life->who().id != public_character_id(deps_.id))
    return refused({failure_kind::invalid, "the save file is of the character " + life->who().id});
  // What it replaces is put by first. A private one leaves nothing, and a new one has nothing.
  if (!life_ || is_private()) return replace(job.restore, std::move(*life), job.answer);
  auto loaded = std::make_shared<characters::inner_life>(std::move(*life));
  autosave([this, loaded, request = job.restore, answer = job.answer](const failure& why) {
    if (why.kind == failure_kind::none) return replace(request, std::move(*loaded), answer);
    answer->fail({why.kind, "nothing was loaded, since the present state could not be saved: " + why.message});
    change_over();
  });
}

void character_state::replace(const character_restore& request, characters::inner_life life, const owed& answer) {
  life_ = std::move(life);
  kept_.formed.clear();  // another life: what it forgets at a reset begins here
  reunite();
  keep();
  save(
      [this, watcher = request.watcher, answer] {
        deps_.company->loaded = true;
        join(watcher, false);
        answer->deliver({json::serialize(json::object{{"character_info", life_->character_info()}})});
        announce_change("loaded");
        change_over();
      },
      [answer](const failure& why) { answer->fail(why); });
}

void character_state::start_reset(const waiting_job& job) {
  changing_ = true;
  life_->reset(job.reset.preserve_memories, now_us());
  if (!job.reset.preserve_memories) {
    // Those on their way are forgotten with the others: memory may have them already.
    kept_.forgetting.insert(kept_.forgetting.end(), kept_.formed.begin(), kept_.formed.end());
    kept_.formed.clear();
    kept_.pending.clear();
  }
  keep();
  save(
      [this, answer = job.answer] {
        answer->deliver({json::serialize(json::object{{"character_info", life_->character_info()}})});
        announce_change("reset");
        forget_formed();
        change_over();
      },
      [answer = job.answer](const failure& why) { answer->fail(why); });
}

}  // namespace troupe
