#include "actors/memory.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/log.hpp"
#include "storage/fact_extraction.hpp"
#include "storage/memory_store.hpp"
#include "storage/session_log.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe {
namespace {

/// Two texts whose vectors are this close say the same.
constexpr float same_fact = 0.97f;

}  // namespace

memory_actor::behavior_type memory_state::start(memory_deps deps) {
  deps_ = std::move(deps);
  begin_loading();
  return {
      [this](memory_add& message) {
        return when_loaded<memory_added>([this, message = std::move(message)](auto promise) { add(message, promise); });
      },
      [this](memory_recall& message) {
        return when_loaded<memory_recalled>([this, message = std::move(message)](auto promise) {
          auto vector = deps_.embed->embed(message.query);
          if (!vector) return promise.deliver(to_error(vector.error()));
          promise.deliver(memory_recalled{message.ref, index_.recall(message.query, *vector, message.options,
                                                                     deps_.node->clock.wall_ms())});
        });
      },
      [this](const memory_list& message) {
        return when_loaded<memory_listed>([this, message](auto promise) { promise.deliver(list(message)); });
      },
      [this](const memory_forget& message) {
        return when_loaded<memory_forgotten>([this, message](auto promise) { forget(message, promise); });
      },
      [this](memory_learn& message) {
        touch();
        if (ready_) return learn(message.key, message.teaching);
        waiting_.push_back([this, message = std::move(message)] {
          if (learnt_.count(message.key) == 0) learn(message.key, message.teaching);
        });
      },
      [this](const memory_loaded&) { loaded(); },
      [this](const drain&) { return drained{}; },  // every write is on its way to the journal already
      [this](const idle_check& message) {
        if (message.activity != 0) idle_timer_ = false;
        if (message.activity == activity_ && message.activity != 0 && ready_ && writes_in_flight_ == 0) {
          tell(self_, deps_.keeper, sleep_request{deps_.space});
        } else if (!idle_timer_) {
          idle_timer_ = true;
          tell_self_later(self_, deps_.idle_after, idle_check{++activity_});
        }
      },
      [this](const sleep_now&) {
        if (ready_ && writes_in_flight_ == 0) return self_->quit();
        tell(self_, deps_.keeper, sleep_refused{deps_.space});
        tell_self(self_, idle_check{0});
      },
  };
}

void memory_state::begin_loading() {
  loading_ = std::make_shared<loading>(deps_.embed->dimensions());
  auto work = [slot = loading_, database = deps_.database, space = deps_.space, embed = deps_.embed,
               self = caf::actor_cast<caf::actor>(self_)] {
    auto read = storage::load_space(*database, space, [&](memory_record&& record) {
      slot->next_id = std::max(slot->next_id, record.id + 1);
      if (record.embedder != embed->id()) {
        auto vector = embed->embed(record.text);
        if (!vector) return;
        record.embedder = embed->id();
        record.embedding = std::move(*vector);
        slot->embedded_anew.push_back(record);
      }
      slot->index.add(record);
    });
    if (!read) {
      slot->error = read.error();
    } else {
      slot->next_id = std::max(slot->next_id, *read);
      auto lessons = storage::lessons_of(*database, space);
      if (lessons)
        slot->lessons = std::move(*lessons);
      else
        slot->error = lessons.error();
    }
    caf::anon_send(self, memory_loaded{slot->error});
  };
  if (!deps_.node->pool.submit(std::move(work))) {
    loading_->error = {failure_kind::busy, "too much is being read; try again"};
    tell_self(self_, memory_loaded{loading_->error});
  }
}

void memory_state::loaded() {
  if (!loading_) return;
  auto slot = std::move(loading_);
  if (slot->error.kind != failure_kind::none) {
    log::error("memory_load_failed", {{"kind", to_string(slot->error.kind)}, {"reason", slot->error.message}});
    // Whoever waits is answered by the end of this actor.
    self_->quit(to_error(slot->error));
    return;
  }
  index_ = std::move(slot->index);
  next_id_ = slot->next_id;
  ready_ = true;
  if (!slot->embedded_anew.empty()) {
    journal_append write{journal_lane::bulk, {}};
    for (auto& record : slot->embedded_anew) storage::put_record(write.ops, deps_.space, record);
    self_->request(deps_.journal, caf::infinite, std::move(write))
        .then([](const journal_committed&) {}, [](caf::error&) {});
  }
  for (auto& [key, teaching] : slot->lessons) {
    learnt_.insert(key);
    learn(key, teaching);
  }
  auto waiting = std::move(waiting_);
  waiting_.clear();
  for (auto& run : waiting) run();
}

template <class Answer>
caf::result<Answer> memory_state::when_loaded(work<Answer> run) {
  touch();
  auto promise = self_->make_response_promise<Answer>();
  if (ready_) {
    run(promise);
  } else if (waiting_.size() >= deps_.max_waiting) {
    promise.deliver(to_error({failure_kind::busy, "this memory is being read and too many wait for it; try again"}));
  } else {
    waiting_.push_back([run = std::move(run), promise] { run(promise); });
  }
  return promise;
}

void memory_state::touch() { ++activity_; }

memory_added memory_state::take_in(memory_record record, std::vector<write_op>& ops) {
  const auto now = deps_.node->clock.wall_ms();
  if (auto near = index_.nearest(record.embedding); near && near->similarity >= same_fact) {
    if (auto known = index_.find(near->id)) {
      // Said again: it is more certain now (reinforcement of the Luna contract, 10.1).
      auto stronger = *known;
      stronger.importance = std::min(1.0f, stronger.importance + 0.1f * (1.0f - stronger.importance));
      stronger.updated_at = now;
      storage::put_record(ops, deps_.space, stronger);
      index_.replace(stronger);
      return {stronger.id, true};
    }
  }
  record.id = next_id_++;
  record.created_at = record.updated_at = now;
  record.embedder = deps_.embed->id();
  storage::put_record(ops, deps_.space, record);
  index_.add(record);
  return {record.id, false};
}

void memory_state::add(memory_add message, caf::typed_response_promise<memory_added> promise) {
  if (message.text.empty()) return promise.deliver(to_error({failure_kind::invalid, "text: must not be empty"}));
  if (message.importance < 0 || message.importance > 1)
    return promise.deliver(to_error({failure_kind::invalid, "importance: must be from 0 to 1"}));
  auto vector = deps_.embed->embed(message.text);
  if (!vector) return promise.deliver(to_error(vector.error()));
  memory_record record;
  record.text = std::move(message.text);
  record.kind = message.kind.empty() ? "fact" : std::move(message.kind);
  record.importance = message.importance;
  record.source = std::move(message.source);
  record.metadata = std::move(message.metadata);
  record.embedding = std::move(*vector);
  journal_append write{journal_lane::turns, {}};
  const auto added = take_in(std::move(record), write.ops);
  commit(std::move(write), [promise, added]() mutable { promise.deliver(added); },
         [promise](caf::error& error) mutable { promise.deliver(error); });
}

void memory_state::learn(const std::string& key, const std::string& teaching) {
  journal_append write{journal_lane::turns, {}};
  for (auto& fact : storage::extract_facts(teaching)) {
    auto vector = deps_.embed->embed(fact);
    if (!vector) continue;
    memory_record record;
    record.text = std::move(fact);
    record.kind = "fact";
    record.source = "turn";
    record.embedding = std::move(*vector);
    take_in(std::move(record), write.ops);
  }
  write.ops.push_back({write_kind::erase, column::lessons, key, {}});
  // A write that fails leaves the lesson where it is, for the next wake-up.
  commit(std::move(write), [] {}, [](caf::error&) {});
}

void memory_state::forget(memory_forget message, caf::typed_response_promise<memory_forgotten> promise) {
  journal_append write{journal_lane::turns, {}};
  std::uint64_t count = 0;
  if (message.all) {
    count = index_.size();
    storage::erase_space(write.ops, deps_.space, next_id_);
    index_ = storage::recall_index(deps_.embed->dimensions());
  } else if (index_.remove(message.id)) {
    count = 1;
    storage::erase_record(write.ops, deps_.space, message.id);
  }
  if (count == 0) return promise.deliver(memory_forgotten{0});
  commit(std::move(write), [promise, count]() mutable { promise.deliver(memory_forgotten{count}); },
         [promise](caf::error& error) mutable { promise.deliver(error); });
}

void memory_state::commit(journal_append write, std::function<void()> done, std::function<void(caf::error&)> failed) {
  ++writes_in_flight_;
  self_->request(deps_.journal, caf::infinite, std::move(write))
      .then(
          [this, done = std::move(done)](const journal_committed&) {
            --writes_in_flight_;
            done();
          },
          [this, failed = std::move(failed)](caf::error& error) {
            failed(error);
            // RAM and store may differ now: read back at the next wake-up.
            self_->quit(error);
          });
}

memory_listed memory_state::list(const memory_list& message) const {
  memory_listed answer;
  answer.total = index_.size();
  answer.records = index_.newest(message.limit, message.before);
  return answer;
}

std::string memory_state::to_json() const {
  return "{\"records\":" + std::to_string(index_.size()) + ",\"bytes\":" + std::to_string(index_.memory_bytes())
         + ",\"ready\":" + (ready_ ? "true" : "false") + ",\"writes_in_flight\":" + std::to_string(writes_in_flight_) + "}";
}

}  // namespace troupe
