#include "actors/memory.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/blocking_pool.hpp"
#include "runtime/ports/clock.hpp"
#include "storage/fact_extraction.hpp"
#include "storage/memory_store.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

/// The record that says the same already. By meaning, then by words; where the
/// vector is still to come by words alone.
std::optional<std::uint64_t> memory_state::said_before(const memory_record& record) const {
  if (deps_.remote) return texts_.find(record.text, index_);
  const auto near = index_.nearest(record.embedding);
  if (!near) return std::nullopt;
  const auto* known = index_.find(near->id);
  return known && same_words(known->text, record.text) ? std::optional(near->id) : std::nullopt;
}

memory_added memory_state::take_in(memory_record record, std::vector<write_op>& ops) {
  const auto now = deps_.node->clock.wall_ms();
  if (const auto known = said_before(record)) {
    // Said again: it is more certain now (reinforcement of the Luna contract, 10.1).
    auto stronger = *index_.find(*known);
    const auto vector = index_.embedding(*known);
    stronger.embedding.assign(vector.begin(), vector.end());
    stronger.importance = std::min(1.0f, stronger.importance + 0.1f * (1.0f - stronger.importance));
    stronger.updated_at = now;
    storage::put_record(ops, deps_.space, stronger);
    (void)index_.put(std::move(stronger));
    return {*known, true};
  }
  record.id = next_id_++;
  record.created_at = record.updated_at = now;
  if (deps_.remote)
    texts_.put(record.id, record.text);
  else
    record.embedder = embedder_id_;
  storage::put_record(ops, deps_.space, record);
  storage::put_space(ops, {deps_.space, next_id_});
  const auto id = record.id;
  (void)index_.put(std::move(record));
  self_->cell().kept_bytes.store(index_.memory_bytes(), std::memory_order_relaxed);
  return {id, false};
}

void memory_state::add(memory_add message, owed<memory_added> answer) {
  if (message.text.empty()) return answer->fail({failure_kind::invalid, "text: must not be empty"});
  if (!(message.importance >= 0 && message.importance <= 1))
    return answer->fail({failure_kind::invalid, "importance: must be from 0 to 1"});
  memory_record record;
  if (!deps_.remote) {
    auto vector = deps_.embed->embed(message.text);
    if (!vector) return answer->fail(vector.error());
    record.embedding = std::move(*vector);
  }
  record.text = std::move(message.text);
  record.kind = message.kind.empty() ? "fact" : std::move(message.kind);
  record.importance = message.importance;
  record.source = std::move(message.source);
  record.metadata = std::move(message.metadata);
  std::vector<write_op> ops;
  const auto added = take_in(std::move(record), ops);
  commit(
      std::move(ops),
      [this, answer, added] {
        answer->deliver(added);
        // Only what is durable is embedded: a vector never brings back what was refused.
        if (!added.reinforced) want_vectors({added.id});
      },
      [answer](const failure& error) { answer->fail(error); });
}

/// A lesson from a session. It may be one that was learnt already: at wake-up,
/// or told before and told again because an actor in between ended.
void memory_state::told(memory_learn message) {
  if (forgetting_ > 0) return after_forgetting_.push_back(std::move(message));
  if (learning_.count(message.key) != 0) return;
  auto pending = deps_.database->get(column::lessons, message.key);
  if (!pending || !*pending) return;
  open_span(self_, message.ref.turn, span_kind::learn);
  learn(message.key, message.teaching, message.ref.turn);
}

void memory_state::learn(const std::string& key, const std::string& teaching, std::uint64_t turn) {
  std::vector<write_op> ops;
  std::vector<std::uint64_t> fresh;
  for (auto& fact : storage::extract_facts(teaching)) {
    memory_record record;
    if (!deps_.remote) {
      auto vector = deps_.embed->embed(fact);
      if (!vector) continue;
      record.embedding = std::move(*vector);
    }
    record.text = std::move(fact);
    record.kind = "fact";
    record.source = "turn";
    const auto added = take_in(std::move(record), ops);
    if (!added.reinforced) fresh.push_back(added.id);
  }
  learning_.insert(key);
  // Known in RAM for now; the first write after the store has resumed reads all again.
  if (unconfirmed_ && deps_.database->is_read_only()) return;
  storage::erase_lesson(ops, key);
  // A write that fails leaves the lesson where it is, for the next wake-up.
  commit(
      std::move(ops),
      [this, key, turn, fresh = std::move(fresh)] {
        close_span(self_, turn, span_kind::learn);
        learning_.erase(key);
        want_vectors(fresh);
      },
      [](const failure&) {});
}

void memory_state::forget(memory_forget message, owed<memory_forgotten> answer) {
  if (message.all) return forget_all(std::move(answer));
  std::vector<write_op> ops;
  message.more.push_back(message.id);
  for (const auto id : message.more) {
    const auto* known = index_.find(id);
    if (!known) continue;
    if (deps_.remote) texts_.remove(id, known->text);
    index_.remove(id);
    storage::erase_record(ops, deps_.space, id);
  }
  const std::uint64_t count = ops.size();
  if (count == 0) return answer->deliver({0});
  commit(
      std::move(ops),
      [this, answer, count] {
        // First: whoever asked may end the node as soon as he is answered.
        purge();
        answer->deliver({count});
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
  texts_.clear();
  if (deps_.remote) {
    vectors_->clear();
    questions_->forget();
  }
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

/// The store was reopened after a failed write, or may be by the very next one:
/// it is to be read again before writing on.
bool memory_state::is_stale() const {
  return generation_ != deps_.database->generation() || (unconfirmed_ && deps_.database->is_read_only());
}

void memory_state::read_again() {
  failed_ = {failure_kind::unavailable, "memory is being read again; try again"};
  self_->quit(to_error(failed_));
}

void memory_state::commit(std::vector<write_op> ops, std::function<void()> done,
                          std::function<void(const failure&)> failed) {
  if (is_stale()) {
    read_again();
    return failed(failed_);
  }
  ++writes_in_flight_;
  // Behind vectors of this space, whose records would bring back what is forgotten now.
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

}  // namespace troupe
