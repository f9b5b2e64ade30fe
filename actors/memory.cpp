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

namespace troupe {
namespace {

/// Whether two texts are the same words. Close vectors are not enough: "two
/// dogs" and "three dogs" are as close as can be and say different things.
bool same_words(std::string_view a, std::string_view b) {
  auto next = [](std::string_view text, std::size_t& at) {
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80 && !std::isalnum(static_cast<unsigned char>(text[at]))) ++at;
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
        return when_loaded<memory_added>([this, message = std::move(message)](auto promise) { add(message, promise); });
      },
      [this](memory_recall& message) {
        return when_loaded<memory_recalled>([this, message = std::move(message)](auto promise) {
          auto vector = deps_.embed->embed(message.query);
          if (!vector) {
            promise.deliver(to_error(vector.error()));
            return;
          }
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
        // What was read with the space at wake-up was learnt then.
        auto run = [this, message = std::move(message)] {
          if (learnt_.count(message.key) == 0) learn(message.key, message.teaching);
        };
        if (ready_)
          run();
        else
          waiting_.push_back(std::move(run));
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
  generation_ = deps_.database->generation();
  loading_ = std::make_shared<loading>();
  auto work = [slot = loading_, database = deps_.database, space = deps_.space, embed = deps_.embed,
               self = caf::actor_cast<caf::actor>(self_)] {
    slot->error = read_space(*database, space, *embed, *slot);
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
  for (auto& lesson : slot->lessons) {
    learnt_.insert(lesson.key);
    learn(lesson.key, lesson.teaching);
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

void memory_state::add(memory_add message, caf::typed_response_promise<memory_added> promise) {
  if (message.text.empty()) {
    promise.deliver(to_error({failure_kind::invalid, "text: must not be empty"}));
    return;
  }
  if (message.importance < 0 || message.importance > 1) {
    promise.deliver(to_error({failure_kind::invalid, "importance: must be from 0 to 1"}));
    return;
  }
  auto vector = deps_.embed->embed(message.text);
  if (!vector) {
    promise.deliver(to_error(vector.error()));
    return;
  }
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
  storage::erase_lesson(write.ops, key);
  // A write that fails leaves the lesson where it is, for the next wake-up.
  commit(std::move(write), [] {}, [](caf::error&) {});
}

void memory_state::forget(memory_forget message, caf::typed_response_promise<memory_forgotten> promise) {
  journal_append write{journal_lane::turns, {}};
  std::uint64_t count = 0;
  if (message.all) {
    count = index_.size();
    storage::erase_space(write.ops, deps_.space);
    storage::erase_lessons(write.ops, deps_.space);
    index_.clear();
  } else if (index_.remove(message.id)) {
    count = 1;
    storage::erase_record(write.ops, deps_.space, message.id);
  }
  if (count == 0) {
    promise.deliver(memory_forgotten{0});
    return;
  }
  commit(std::move(write), [promise, count]() mutable { promise.deliver(memory_forgotten{count}); },
         [promise](caf::error& error) mutable { promise.deliver(error); });
}

void memory_state::commit(journal_append write, std::function<void()> done, std::function<void(caf::error&)> failed) {
  if (generation_ != deps_.database->generation()) {
    // The store was reopened after a failed write: read it again before writing on.
    auto error = to_error({failure_kind::unavailable, "memory is being read again; try again"});
    failed(error);
    return self_->quit(error);
  }
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
  answer.records = index_.list(message.limit, message.before);
  return answer;
}

std::string memory_state::to_json() const {
  return "{\"records\":" + std::to_string(index_.size()) + ",\"bytes\":" + std::to_string(index_.memory_bytes())
         + ",\"ready\":" + (ready_ ? "true" : "false") + ",\"writes_in_flight\":" + std::to_string(writes_in_flight_) + "}";
}

}  // namespace troupe
