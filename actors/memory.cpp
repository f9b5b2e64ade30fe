#include "actors/memory.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/blocking_pool.hpp"
#include "runtime/ports/clock.hpp"
#include "storage/fact_extraction.hpp"
#include "storage/memory_store.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

namespace troupe {
namespace {

/// Whether two texts are the same words. Close vectors are not enough: "two
/// dogs" and "three dogs" are as close as can be and say different things.
bool same_words(std::string_view a, std::string_view b) {
  auto next = [](std::string_view text, std::size_t& at) {
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80
           && !std::isalnum(static_cast<unsigned char>(text[at])))
      ++at;
    return at < text.size() ? std::tolower(static_cast<unsigned char>(text[at++])) : -1;
  };
  for (std::size_t i = 0, j = 0;;) {
    const int left = next(a, i), right = next(b, j);
    if (left != right) return false;
    if (left < 0) return true;
  }
}

}  // namespace

memory_actor::behavior_type memory_state::start(memory_deps deps) {
  deps_ = std::move(deps);
  begin_loading();
  return {
      [this](memory_add& message) {
        return when_loaded<memory_added>(
            [this, message = std::move(message)](owed<memory_added> answer) { add(message, std::move(answer)); });
      },
      [this](memory_recall& message) {
        return when_loaded<memory_recalled>([this, message = std::move(message)](owed<memory_recalled> answer) {
          auto vector = deps_.embed->embed(message.query);
          if (!vector) return answer->fail(vector.error());
          answer->deliver(
              {message.ref, index_.recall(message.query, *vector, message.options, deps_.node->clock.wall_ms())});
        });
      },
      [this](const memory_list& message) {
        return when_loaded<memory_listed>(
            [this, message](owed<memory_listed> answer) { answer->deliver(list(message)); });
      },
      [this](const memory_forget& message) {
        return when_loaded<memory_forgotten>(
            [this, message](owed<memory_forgotten> answer) { forget(message, std::move(answer)); });
      },
      [this](memory_learn& message) {
        touch();
        if (ready_) return told(std::move(message));
        // Over the bound it stays where it is: in the store, for the next wake-up.
        if (waiting_.size() < deps_.max_waiting)
          waiting_.push_back([this, message = std::move(message)] {
            if (ready_) told(message);
          });
      },
      [this](const memory_loaded&) { loaded(); },
      [this](const drain&) { return drained{}; },  // every write is on its way to the journal already
      [this](const idle_check& message) { idle(message); },
      [this](const sleep_now&) {
        if (ready_ && writes_in_flight_ == 0) return self_->quit();
        tell(self_, deps_.keeper, sleep_refused{deps_.space});
        idle(idle_check{0});
      },
  };
}

void memory_state::idle(const idle_check& message) {
  if (message.activity != 0) idle_timer_ = false;
  if (message.activity == activity_ && message.activity != 0 && ready_ && writes_in_flight_ == 0) {
    tell(self_, deps_.keeper, sleep_request{deps_.space});
  } else if (!idle_timer_) {
    idle_timer_ = true;
    // The count itself stays: a timer left over from before a restart would
    // else spoil this one's, and this one that one's, for ever.
    tell_self_later(self_, deps_.idle_after, idle_check{activity_});
  }
}

failure memory_state::read_space(const storage::database& database, const std::string& space, const embedder& embed,
                                 loading& into) {
  auto read = storage::load_space(database, space, [&](memory_record&& record) {
    if (record.embedder != embed.id()) {
      auto vector = embed.embed(record.text);
      if (!vector) return;  // still found by its words
      record.embedder = embed.id();
      record.embedding = std::move(*vector);
      into.embedded_anew.push_back(record);
    }
    // Only an embedding of another size is refused, and that cannot be after the above.
    (void)into.index.put(std::move(record));
  });
  if (!read) return read.error();
  into.next_id = read->next_id;
  auto lessons = storage::lessons_of(database, space);
  if (!lessons) return lessons.error();
  into.lessons = std::move(*lessons);
  return {};
}

void memory_state::begin_loading() {
  loading_ = std::make_shared<loading>();
  loading_->index = storage::recall_index({}, deps_.embed);
  // A state before this one, or an actor that was killed, may have writes at
  // the journal. The bulk lane comes last: once it answers, all are answered.
  self_->request(deps_.journal, caf::infinite, journal_append{journal_lane::bulk, {}})
      .then([this](const journal_committed&) { read(); },
            [this](caf::error& error) {
              // Only a full journal answers out of turn.
              if (to_failure(error).kind != failure_kind::busy) return read();
              loading_->error = to_failure(error);
              loaded();
            });
}

void memory_state::read() {
  generation_ = deps_.database->generation();
  unconfirmed_ = deps_.database->is_read_only();
  auto work = [slot = loading_, database = deps_.database, space = deps_.space, embed = deps_.embed,
               self = caf::actor_cast<caf::actor>(self_)] {
    slot->error = read_space(*database, space, *embed, *slot);
    slot->done = true;
    caf::anon_send(self, memory_loaded{slot->error});
  };
  if (deps_.node->pool.submit(std::move(work))) return;
  loading_->error = {failure_kind::busy, "too much is being read; try again"};
  loading_->done = true;
  loaded();
}

void memory_state::loaded() {
  // After a restart in place, the answer to the state before may still come.
  if (!loading_ || !loading_->done) return;
  auto slot = std::move(loading_);
  if (slot->error.kind != failure_kind::none) {
    log::error("memory_load_failed", {{"kind", to_string(slot->error.kind)}, {"reason", slot->error.message}});
    failed_ = slot->error;
    for (auto& run : std::exchange(waiting_, {})) run();  // tells them
    return self_->quit(to_error(slot->error));
  }
  index_ = std::move(slot->index);
  next_id_ = slot->next_id;
  ready_ = true;
  if (!slot->embedded_anew.empty() && !unconfirmed_) embed_anew(slot->embedded_anew);
  for (auto& lesson : slot->lessons) learn(lesson.key, lesson.teaching);
  for (auto& run : std::exchange(waiting_, {})) run();
  idle(idle_check{0});
}

void memory_state::embed_anew(const std::vector<memory_record>& records) {
  journal_append write{journal_lane::bulk, {}};
  for (auto& record : records) storage::put_record(write.ops, deps_.space, record);
  ++bulk_;
  self_->request(deps_.journal, caf::infinite, std::move(write))
      .then([this](const journal_committed&) { --bulk_; }, [this](caf::error&) { --bulk_; });
}

template <class Answer>
caf::result<Answer> memory_state::when_loaded(work<Answer> run) {
  touch();
  auto promise = self_->make_response_promise<Answer>();
  auto answer = std::make_shared<pending_answer<Answer>>(promise);
  if (failed_.kind != failure_kind::none) {
    answer->fail(failed_);
  } else if (ready_) {
    run(std::move(answer));
  } else if (waiting_.size() >= deps_.max_waiting) {
    answer->fail({failure_kind::busy, "this memory is being read and too many wait for it; try again"});
  } else {
    waiting_.push_back([this, run = std::move(run), answer = std::move(answer)] {
      if (ready_)
        run(answer);
      else
        answer->fail(failed_);
    });
  }
  return promise;
}

void memory_state::touch() {
  ++activity_;
}

memory_added memory_state::take_in(memory_record record, std::vector<write_op>& ops) {
  const auto now = deps_.node->clock.wall_ms();
  if (auto near = index_.nearest(record.embedding)) {
    if (auto known = index_.find(near->id); known && same_words(known->text, record.text)) {
      // Said again: it is more certain now (reinforcement of the Luna contract, 10.1).
      auto stronger = *known;
      stronger.embedding = record.embedding;
      stronger.importance = std::min(1.0f, stronger.importance + 0.1f * (1.0f - stronger.importance));
      stronger.updated_at = now;
      storage::put_record(ops, deps_.space, stronger);
      const auto id = stronger.id;
      (void)index_.put(std::move(stronger));
      return {id, true};
    }
  }
  record.id = next_id_++;
  record.created_at = record.updated_at = now;
  record.embedder = deps_.embed->id();
  storage::put_record(ops, deps_.space, record);
  storage::put_space(ops, {deps_.space, next_id_});
  const auto id = record.id;
  (void)index_.put(std::move(record));
  return {id, false};
}

void memory_state::add(memory_add message, owed<memory_added> answer) {
  if (message.text.empty()) return answer->fail({failure_kind::invalid, "text: must not be empty"});
  if (!(message.importance >= 0 && message.importance <= 1))
    return answer->fail({failure_kind::invalid, "importance: must be from 0 to 1"});
  auto vector = deps_.embed->embed(message.text);
  if (!vector) return answer->fail(vector.error());
  memory_record record;
  record.text = std::move(message.text);
  record.kind = message.kind.empty() ? "fact" : std::move(message.kind);
  record.importance = message.importance;
  record.source = std::move(message.source);
  record.metadata = std::move(message.metadata);
  record.embedding = std::move(*vector);
  std::vector<write_op> ops;
  const auto added = take_in(std::move(record), ops);
  commit(
      std::move(ops), [answer, added] { answer->deliver(added); },
      [answer](const failure& error) { answer->fail(error); });
}

/// A lesson from a session. It may be one that was learnt already: at wake-up,
/// or told before and told again because an actor in between ended.
void memory_state::told(memory_learn message) {
  if (forgetting_ > 0) return after_forgetting_.push_back(std::move(message));
  if (learning_.count(message.key) != 0) return;
  auto pending = deps_.database->get(column::lessons, message.key);
  if (pending && *pending) learn(message.key, message.teaching);
}

void memory_state::learn(const std::string& key, const std::string& teaching) {
  std::vector<write_op> ops;
  for (auto& fact : storage::extract_facts(teaching)) {
    auto vector = deps_.embed->embed(fact);
    if (!vector) continue;
    memory_record record;
    record.text = std::move(fact);
    record.kind = "fact";
    record.source = "turn";
    record.embedding = std::move(*vector);
    take_in(std::move(record), ops);
  }
  learning_.insert(key);
  // Known in RAM for now; the first write after the store has resumed reads all again.
  if (unconfirmed_ && deps_.database->is_read_only()) return;
  storage::erase_lesson(ops, key);
  // A write that fails leaves the lesson where it is, for the next wake-up.
  commit(
      std::move(ops), [this, key] { learning_.erase(key); }, [](const failure&) {});
}

void memory_state::forget(memory_forget message, owed<memory_forgotten> answer) {
  if (message.all) return forget_all(std::move(answer));
  if (!index_.remove(message.id)) return answer->deliver({0});
  std::vector<write_op> ops;
  storage::erase_record(ops, deps_.space, message.id);
  commit(
      std::move(ops),
      [this, answer] {
        // First: whoever asked may end the node as soon as he is answered.
        purge();
        answer->deliver({1});
      },
      [answer](const failure& error) { answer->fail(error); });
}

void memory_state::purge() {
  // Erasing writes a marker; the forgotten text leaves the files only now.
  auto work = [database = deps_.database, space = deps_.space] {
    if (auto purged = database->purge(storage::space_ranges(space)); !purged)
      log::warn("purge_failed", {{"kind", to_string(purged.error().kind)}, {"reason", purged.error().message}});
  };
  if (!deps_.node->pool.submit(std::move(work))) log::warn("purge_put_off", {{"reason", "the blocking pool is full"}});
}

void memory_state::forget_all(owed<memory_forgotten> answer) {
  const std::uint64_t count = index_.size();
  std::vector<write_op> ops;
  storage::erase_space(ops, deps_.space);
  storage::erase_lessons(ops, deps_.space);
  index_.clear();
  // What is told meanwhile may be older than this: the store knows afterwards.
  ++forgetting_;
  auto done = [this, answer, count] {
    purge();
    answer->deliver({count});
    if (--forgetting_ > 0) return;
    for (auto& message : std::exchange(after_forgetting_, {})) told(std::move(message));
  };
  commit(std::move(ops), std::move(done), [answer](const failure& error) { answer->fail(error); });
}

void memory_state::commit(std::vector<write_op> ops, std::function<void()> done,
                          std::function<void(const failure&)> failed) {
  if (generation_ != deps_.database->generation() || (unconfirmed_ && deps_.database->is_read_only())) {
    // The store was reopened after a failed write, or may be by this very
    // write: read it again before writing on.
    failed_ = {failure_kind::unavailable, "memory is being read again; try again"};
    failed(failed_);
    return self_->quit(to_error(failed_));
  }
  ++writes_in_flight_;
  // Behind a re-embedding of this space, which would bring back what is forgotten now.
  const auto lane = bulk_ > 0 ? journal_lane::bulk : journal_lane::turns;
  self_->request(deps_.journal, caf::infinite, journal_append{lane, std::move(ops)})
      .then(
          [this, lane, done = std::move(done)](const journal_committed&) {
            --writes_in_flight_;
            if (lane == journal_lane::bulk) --bulk_;
            done();
          },
          [this, failed = std::move(failed)](caf::error& error) {
            failed_ = to_failure(error);
            failed(failed_);
            // RAM and store may differ now: read back at the next wake-up.
            self_->quit(error);
          });
  if (lane == journal_lane::bulk) ++bulk_;
}

memory_listed memory_state::list(const memory_list& message) const {
  memory_listed answer;
  answer.total = index_.size();
  answer.records = index_.list(message.limit, message.before);
  return answer;
}

std::string memory_state::to_json() const {
  return "{\"records\":" + std::to_string(index_.size()) + ",\"bytes\":" + std::to_string(index_.memory_bytes())
         + ",\"ready\":" + (ready_ ? "true" : "false") + ",\"writes_in_flight\":" + std::to_string(writes_in_flight_)
         + "}";
}

}  // namespace troupe
