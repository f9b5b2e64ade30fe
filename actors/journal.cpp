#include "actors/journal.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/inspection/json_fields.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/all.hpp>

namespace troupe {

journal_actor::behavior_type journal_state::start(journal_deps deps) {
  deps_ = std::move(deps);
  if (deps_.database->is_read_only()) schedule_retry();
  return {
      [this](journal_append& message) { return append(std::move(message)); },
      [this](const journal_flush&) { flush(); },
      [this](const journal_retry&) { retry(); },
      [this](const journal_replicated& message) { replicated(message); },
  };
}

caf::result<journal_committed> journal_state::append(journal_append&& message) {
  if (deps_.database->is_read_only()) {
    if (!retry_scheduled_) retry();
    if (deps_.database->is_read_only()) return to_error(read_only());
  }
  if (turns_.size() + bulk_.size() >= deps_.max_waiting)
    return to_error(
        {failure_kind::busy, "the journal has " + std::to_string(deps_.max_waiting) + " writes waiting; try again"});
  auto promise = self_->make_response_promise<journal_committed>();
  auto& lane = message.lane == journal_lane::turns ? turns_ : bulk_;
  lane.push_back({std::move(message.ops), pending_answer<journal_committed>(promise)});
  schedule_flush();
  return promise;
}

failure journal_state::read_only() const {
  return {failure_kind::read_only, "nothing can be stored at the moment: " + deps_.database->read_only_reason()};
}

void journal_state::schedule_flush() {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  // Through the mailbox: every append that is already there joins this batch.
  tell_self(self_, journal_flush{});
}

void journal_state::flush() {
  flush_scheduled_ = false;
  batch appends;
  std::vector<write_op> ops;
  auto take = [&](std::deque<waiting_append>& lane, std::size_t limit) {
    std::size_t taken = 0;
    while (!lane.empty() && taken < limit) {
      auto& front = lane.front();
      taken += front.ops.size();
      std::move(front.ops.begin(), front.ops.end(), std::back_inserter(ops));
      front.ops.clear();
      appends.push_back(std::move(front));
      lane.pop_front();
    }
  };
  take(turns_, static_cast<std::size_t>(-1));
  take(bulk_, deps_.bulk_per_flush);
  if (appends.empty()) return;

  const auto began = self_->node().clock.monotonic_ns();
  auto written = deps_.database->write(ops, true);
  write_times_->add(self_->node().clock.monotonic_ns() - began);
  if (!written) {
    log::error("journal_write_failed",
               {{"kind", to_string(written.error().kind)}, {"reason", written.error().message}});
    const auto error = deps_.database->is_read_only() ? read_only() : written.error();
    answer_all(appends, error);
    for (auto* lane : {&turns_, &bulk_}) {
      for (auto& waiting : *lane) waiting.answer.fail(error);
      lane->clear();
    }
    schedule_retry();
    return;
  }
  const auto number = ++*deps_.batches;
  commits_ += appends.size();
  if (deps_.replication == nullptr) {
    answer_all(appends, {});
  } else {
    awaiting_replication_.emplace(number, std::move(appends));
    deps_.replication->replicate(number, ops, [self = caf::actor_cast<caf::actor>(self_), number](failure error) {
      caf::anon_send(self, journal_replicated{number, std::move(error)});
    });
  }
  if (!turns_.empty() || !bulk_.empty()) schedule_flush();
}

void journal_state::schedule_retry() {
  if (retry_scheduled_) return;
  retry_scheduled_ = true;
  tell_self_later(self_, deps_.retry_every, journal_retry{});
}

void journal_state::retry() {
  retry_scheduled_ = false;
  if (!deps_.database->is_read_only()) return;
  if (auto resumed = deps_.database->try_resume()) {
    log::info("journal_resumed", {});
    return;
  }
  schedule_retry();
}

void journal_state::replicated(const journal_replicated& message) {
  auto found = awaiting_replication_.find(message.batch);
  if (found == awaiting_replication_.end()) return;
  auto appends = std::move(found->second);
  awaiting_replication_.erase(found);
  answer_all(appends, message.error);
}

void journal_state::answer_all(batch& appends, const failure& error) {
  for (auto& waiting : appends) {
    if (error.kind == failure_kind::none)
      waiting.answer.deliver({});
    else
      waiting.answer.fail(error);
  }
}

std::string journal_state::to_json() const {
  const auto microseconds = [this](double share) -> std::optional<double> {
    const auto ns = write_times_->percentile(share);
    return ns ? std::optional(static_cast<double>(*ns) / 1000) : std::nullopt;
  };
  std::string out;
  json_object(out)
      .number("batches", deps_.batches ? *deps_.batches : 0)
      .number("commits", commits_)
      .number("waiting_turns", turns_.size())
      .number("waiting_bulk", bulk_.size())
      .real("sync_p50_us", microseconds(0.5))
      .real("sync_p99_us", microseconds(0.99))
      .flag("read_only", deps_.database && deps_.database->is_read_only());
  return out;
}

}  // namespace troupe
