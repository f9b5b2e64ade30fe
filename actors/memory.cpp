#include "actors/memory.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/blocking_pool.hpp"
#include "runtime/ports/clock.hpp"
#include "storage/memory_store.hpp"

#include <caf/all.hpp>

#include <utility>

namespace troupe {
memory_actor::behavior_type memory_state::start(memory_deps deps) {
  deps_ = std::move(deps);
  embedder_id_ = deps_.remote ? deps_.remote->id() : deps_.embed->id();
  if (deps_.remote) {
    questions_.emplace(deps_.remote, deps_.node->random, deps_.question);
    vectors_.emplace(deps_.remote, deps_.node->random, deps_.record);
  }
  begin_loading();
  return {
      [this](memory_add& message) {
        return when_loaded<memory_added>(
            [this, message = std::move(message)](owed<memory_added> answer) { add(message, std::move(answer)); });
      },
      [this](memory_recall& message) {
        return when_loaded<memory_recalled>(
            [this, message = std::move(message), since = self_->clock().now()](owed<memory_recalled> answer) {
              recall(message, since, std::move(answer));
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
      [this](const memory_embedding_ready&) { embedding_ready(); },
      [this](const drain&) { return drained{}; },  // every write is on its way to the journal already
      [this](const idle_check& message) { idle(message); },
      [this](const sleep_now&) {
        const bool asks = questions_ && questions_->open() > 0;
        if (ready_ && writes_in_flight_ == 0 && !asks) return self_->quit();
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
                                 const batch_embedder* remote, loading& into) {
  auto read = storage::load_space(database, space, [&](memory_record&& record) {
    if (remote) return read_record(std::move(record), *remote, into);
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

void memory_state::read_record(memory_record record, const batch_embedder& remote, loading& into) {
  const auto id = record.id;
  const auto made_by = std::exchange(record.embedder, {});
  const auto vector = std::exchange(record.embedding, {});
  into.texts.put(id, record.text);
  if (auto put = into.index.put(std::move(record)); !put) return;  // cannot be: its id is not 0
  // A model that was replaced under the same name may have another dimension.
  const auto wanted = remote.dimensions();
  const bool fits = wanted == 0 || vector.empty() || vector.size() == wanted;
  if (made_by != remote.id() || !fits || !into.index.set_embedding(id, made_by, vector))
    into.without_vector.push_back(id);
}

void memory_state::begin_loading() {
  loading_ = std::make_shared<loading>();
  loading_->index = storage::recall_index({}, deps_.remote ? nullptr : deps_.embed);
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
               remote = deps_.remote, self = caf::actor_cast<caf::actor>(self_)] {
    slot->error = read_space(*database, space, *embed, remote.get(), *slot);
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
  texts_ = std::move(slot->texts);
  next_id_ = slot->next_id;
  ready_ = true;
  self_->cell().kept_bytes.store(index_.memory_bytes(), std::memory_order_relaxed);
  if (!slot->embedded_anew.empty() && !unconfirmed_) embed_anew(slot->embedded_anew);
  for (auto& lesson : slot->lessons) learn(lesson.key, lesson.teaching);
  for (auto& run : std::exchange(waiting_, {})) run();
  want_vectors(std::move(slot->without_vector));
  idle(idle_check{0});
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

memory_listed memory_state::list(const memory_list& message) const {
  memory_listed answer;
  answer.total = index_.size();
  answer.records = index_.list(message.limit, message.before);
  return answer;
}

std::string memory_state::to_json() const {
  return "{\"records\":" + std::to_string(index_.size()) + ",\"with_vector\":" + std::to_string(index_.embedded())
         + ",\"waiting_for_vector\":" + std::to_string(vectors_ ? vectors_->waiting() : 0)
         + ",\"without_vector_until_woken\":" + std::to_string(vectors_ ? vectors_->given_up() : 0)
         + ",\"questions_asked\":" + std::to_string(questions_ ? questions_->open() : 0)
         + ",\"bytes\":" + std::to_string(index_.memory_bytes()) + ",\"ready\":" + (ready_ ? "true" : "false")
         + ",\"writes_in_flight\":" + std::to_string(writes_in_flight_) + "}";
}

}  // namespace troupe
