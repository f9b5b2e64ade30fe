#include "actors/memory.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"
#include "storage/memory_store.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t records_per_write = 128;

}  // namespace

// -- the offline embedder --------------------------------------------------------

/// In portions: the journal never splits an append, and turns wait for a whole one.
void memory_state::embed_anew(const std::vector<memory_record>& records) {
  for (std::size_t begin = 0; begin < records.size(); begin += records_per_write) {
    journal_append write{journal_lane::bulk, {}};
    for (std::size_t i = begin; i < std::min(begin + records_per_write, records.size()); ++i)
      storage::put_record(write.ops, deps_.space, records[i]);
    ++bulk_;
    self_->request(deps_.journal, caf::infinite, std::move(write))
        .then([this](const journal_committed&) { --bulk_; }, [this](caf::error&) { --bulk_; });
  }
}

void memory_state::recall(memory_recall message, time_point since, owed<memory_recalled> answer) {
  auto run = [this, message, answer](const std::vector<float>& vector) {
    answer->deliver({message.ref, index_.recall(message.query, vector, message.options, deps_.node->clock.wall_ms())});
  };
  if (!deps_.remote) {
    auto vector = deps_.embed->embed(message.query);
    return vector ? run(*vector) : answer->fail(vector.error());
  }
  if (index_.embedded() == 0) return run({});
  questions_->ask(message.query, self_->clock().now(), since + deps_.question.answer, waker(),
                  [this, run = std::move(run)](const std::vector<float>& vector) {
                    settle_dimension(vector);
                    run(vector);
                  });
  look_again_in_time();
}

// -- a remote embedder -------------------------------------------------------------

void memory_state::want_vectors(std::vector<std::uint64_t> ids) {
  if (!deps_.remote || ids.empty()) return;
  vectors_->want(std::move(ids));
  embedding_ready();
}

void memory_state::embedding_ready() {
  if (!deps_.remote || !ready_ || failed_.kind != failure_kind::none) return;
  const auto now = self_->clock().now();
  questions_->poll(now);
  embed_next(now);
  // What the provider asks of one of the two holds for both.
  questions_->hold(vectors_->held_until());
  vectors_->hold(questions_->held_until());
  look_again_in_time();
}

void memory_state::embed_next(time_point now) {
  const auto text = [this](std::uint64_t id) -> const std::string* {
    const auto* record = index_.find(id);
    return record && record->embedder != embedder_id_ ? &record->text : nullptr;
  };
  do {
    if (auto all = vectors_->poll(now)) keep_vectors(std::move(*all));
    if (failed_.kind != failure_kind::none || !vectors_->can_begin(now)) return;
    if (deps_.database->is_read_only())
      return vectors_->put_off(now, {failure_kind::read_only, "nothing can be stored at the moment"});
    if (is_stale()) return read_again();
  } while (vectors_->begin(now, text, waker()));
}

/// In RAM at once, as any change; a write that fails takes it back.
void memory_state::keep_vectors(std::vector<record_embedding::made> all) {
  if (is_stale()) return read_again();
  journal_append write{journal_lane::bulk, {}};
  std::vector<std::uint64_t> ids;
  for (auto& [id, vector] : all) {
    if (!index_.find(id)) continue;  // forgotten meanwhile
    settle_dimension(vector);
    if (!index_.set_embedding(id, embedder_id_, vector)) {
      // Nothing that can be compared: its words are all there is.
      vector.clear();
      (void)index_.set_embedding(id, embedder_id_, vector);
    }
    auto record = *index_.find(id);
    record.embedding = std::move(vector);
    storage::put_record(write.ops, deps_.space, record);
    ids.push_back(id);
  }
  if (ids.empty()) return vectors_->kept();
  ++bulk_;
  self_->request(deps_.journal, caf::infinite, std::move(write))
      .then(
          [this](const journal_committed&) {
            --bulk_;
            touch();
            vectors_->kept();
            embedding_ready();
          },
          [this, ids = std::move(ids)](caf::error& error) {
            --bulk_;
            for (const auto id : ids) (void)index_.set_embedding(id, {}, {});
            vectors_->lost(self_->clock().now(), to_failure(error));
            embedding_ready();
          });
}

/// The first vector of another dimension says that the embedder has changed
/// under its name: none of the old ones can be compared with it.
void memory_state::settle_dimension(const std::vector<float>& vector) {
  if (vector.empty() || index_.dimensions() == 0 || vector.size() == index_.dimensions()) return;
  log::warn("embedding_dimension_changed",
            {{"embedder", embedder_id_}, {"before", index_.dimensions()}, {"now", vector.size()}});
  questions_->forget();
  vectors_->want(index_.drop_embeddings());
}

/// A timer for the first thing that ends by time alone: a deadline, a wait. Urgent,
/// as the waker: one that a full mailbox sheds would leave a question unanswered.
void memory_state::look_again_in_time() {
  auto due = questions_->due();
  if (const auto other = vectors_->due(); other && (!due || *other < *due)) due = other;
  const auto now = self_->clock().now();
  if (!due || (alarm_ > now && alarm_ <= *due)) return;
  alarm_ = std::max(*due, now);
  self_->clock().schedule_message(
      alarm_, caf::strong_actor_ptr(self_->ctrl()),
      caf::make_mailbox_element(self_->ctrl(), caf::make_message_id(caf::message_priority::high), caf::no_stages,
                                memory_embedding_ready{}));
}

std::function<void()> memory_state::waker() const {
  return [self = caf::actor_cast<caf::actor>(self_)] {
    caf::anon_send<caf::message_priority::high>(self, memory_embedding_ready{});
  };
}

}  // namespace troupe
