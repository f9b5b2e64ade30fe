#include "actors/record_embedding.hpp"

#include "actors/question_embedding.hpp"
#include "runtime/log.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

/// It answered, and did not like what it was asked.
bool is_refusal(failure_kind kind) {
  return kind == failure_kind::invalid || kind == failure_kind::upstream || kind == failure_kind::filtered;
}

}  // namespace

record_embedding::record_embedding(std::shared_ptr<const batch_embedder> remote, random_port& random,
                                   record_limits limits)
    : remote_(std::move(remote)), random_(random), limits_(limits), next_batch_(most()) {}

std::size_t record_embedding::most() const {
  return std::max<std::size_t>(1, std::min(limits_.batch, remote_->batch()));
}

void record_embedding::want(std::uint64_t id) {
  // The newest, as a rule, and then it goes to the end.
  const auto place = std::lower_bound(waiting_.begin(), waiting_.end(), id);
  if (place == waiting_.end() || *place != id) waiting_.insert(place, id);
}

void record_embedding::want(std::vector<std::uint64_t> ids) {
  waiting_.insert(waiting_.end(), ids.begin(), ids.end());
  std::sort(waiting_.begin(), waiting_.end());
  waiting_.erase(std::unique(waiting_.begin(), waiting_.end()), waiting_.end());
}

bool record_embedding::begin(time_point now, const text_of& text, std::function<void()> wake) {
  if (!can_begin(now)) return false;
  embedding_request request;
  for (std::size_t bytes = 0; !waiting_.empty() && asked_.size() < next_batch_ && bytes < limits_.batch_bytes;) {
    const auto id = waiting_.back();
    waiting_.pop_back();
    const auto* found = text(id);
    if (!found) continue;
    asked_.push_back(id);
    request.texts.push_back(head_of(*found, limits_.text_bytes));
    bytes += request.texts.back().size();
  }
  if (asked_.empty()) return false;
  deadline_ = now + limits_.answer;
  job_ = remote_->open(std::move(request), std::move(wake));
  return true;
}

std::optional<std::vector<record_embedding::made>> record_embedding::poll(time_point now) {
  if (!job_) return std::nullopt;
  auto result = job_->poll();
  if (!result && deadline_ > now) return std::nullopt;
  job_.reset();
  if (!result) result.emplace().error = {failure_kind::timeout, "the embedder did not answer in time"};
  if (result->error.kind == failure_kind::none && result->vectors.size() != asked_.size())
    result->error = {failure_kind::broken_stream, "the embedder did not give one vector for each text"};
  if (result->error.kind != failure_kind::none) {
    failed(now, result->error, result->retry_after);
    return std::nullopt;
  }
  next_batch_ = std::min(2 * next_batch_, most());
  std::vector<made> all;
  all.reserve(asked_.size());
  for (std::size_t i = 0; i < asked_.size(); ++i) all.push_back({asked_[i], std::move(result->vectors[i])});
  return all;
}

void record_embedding::failed(time_point now, const failure& error,
                              std::optional<std::chrono::milliseconds> retry_after) {
  const bool refused = is_refusal(error.kind);
  const auto count = asked_.size();
  next_batch_ = std::max<std::size_t>(1, count / 2);
  if (refused && count == 1)
    ++given_up_;
  else
    want(asked_);
  asked_.clear();
  if (refused && count > 1 && !retry_after) return;  // which one of them? at once
  wait(now, error, retry_after);
}

void record_embedding::wait(time_point now, const failure& error,
                            std::optional<std::chrono::milliseconds> retry_after) {
  if (back_off_.failed(now, retry_after, random_))
    log::warn("embedding_put_off",
              {{"kind", to_string(error.kind)}, {"reason", error.message}, {"waiting", waiting_.size()}});
  if (retry_after) asked_to_wait_ = std::max(asked_to_wait_, back_off_.until());
}

void record_embedding::kept() {
  asked_.clear();
  if (back_off_.succeeded()) log::info("embedding_goes_on", {{"waiting", waiting_.size()}});
}

void record_embedding::lost(time_point now, const failure& error) {
  want(std::exchange(asked_, {}));
  wait(now, error, {});
}

std::optional<record_embedding::time_point> record_embedding::due() const {
  if (job_) return deadline_;
  if (!asked_.empty() || waiting_.empty()) return std::nullopt;
  return back_off_.until();
}

}  // namespace troupe
