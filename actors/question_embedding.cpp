#include "actors/question_embedding.hpp"

#include "runtime/log.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

std::string head_of(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return std::string(text.substr(0, bytes));
}

const std::vector<float>* vector_cache::find(std::string_view text) {
  const auto found = places_.find(text);
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->vector;
}

void vector_cache::put(std::string text, std::vector<float> vector) {
  if (const auto found = places_.find(text); found != places_.end()) {
    const auto old = found->second;
    places_.erase(found);  // first: its key is the entry's own text
    entries_.erase(old);
  }
  entries_.push_front({std::move(text), std::move(vector)});
  places_.emplace(entries_.front().text, entries_.begin());
  if (entries_.size() <= bound_) return;
  places_.erase(entries_.back().text);
  entries_.pop_back();
}

void vector_cache::clear() {
  places_.clear();
  entries_.clear();
}

question_embedding::question_embedding(std::shared_ptr<const batch_embedder> remote, random_port& random,
                                       question_limits limits)
    : remote_(std::move(remote)), random_(random), limits_(limits), cache_(limits.cached) {}

void question_embedding::ask(std::string_view question, time_point now, time_point deadline, std::function<void()> wake,
                             answer run) {
  auto text = head_of(question, limits_.text_bytes);
  if (const auto* known = cache_.find(text)) return run(std::vector<float>(*known));
  if (back_off_.holds(now) || deadline <= now || waiting_ >= limits_.max_waiting) return run({});
  const auto same = std::find_if(open_.begin(), open_.end(), [&](auto& each) { return each.text == text; });
  if (same != open_.end()) {
    ++waiting_;
    return same->waiting.push_back(std::move(run));
  }
  if (open_.size() >= limits_.in_flight) return run({});
  ++waiting_;
  embedding_request asked{{text}, embedding_purpose::query};
  auto job = remote_->open(std::move(asked), std::move(wake));
  auto& made = open_.emplace_back(request{std::move(text), std::move(job), deadline, {}});
  made.waiting.push_back(std::move(run));
  poll(now);
}

void question_embedding::poll(time_point now) {
  // Taken out first: an answer may lead back here.
  std::list<std::pair<request, std::optional<embedding_result>>> done;
  for (auto each = open_.begin(); each != open_.end();) {
    auto result = each->job->poll();
    if (!result && each->deadline > now) {
      ++each;
      continue;
    }
    each->job.reset();
    done.emplace_back(std::move(*each), std::move(result));
    each = open_.erase(each);
  }
  for (auto& [which, result] : done) ended(which, std::move(result), now);
}

void question_embedding::ended(request& which, std::optional<embedding_result> result, time_point now) {
  failure error{failure_kind::timeout, "the embedder did not answer in time"};
  std::vector<float> vector;
  if (result) {
    error = result->error;
    if (error.kind == failure_kind::none && result->vectors.size() != 1)
      error = {failure_kind::broken_stream, "the embedder did not give one vector for one question"};
  }
  if (error.kind == failure_kind::none) {
    vector = std::move(result->vectors.front());
    cache_.put(which.text, vector);
    if (back_off_.succeeded()) log::info("recall_by_meaning_again");
  } else if (error.kind != failure_kind::filtered) {  // that is about the question
    const auto retry_after = result ? result->retry_after : std::nullopt;
    if (back_off_.failed(now, retry_after, random_))
      log::warn("recall_by_words_alone", {{"kind", to_string(error.kind)}, {"reason", error.message}});
    if (retry_after) asked_to_wait_ = std::max(asked_to_wait_, back_off_.until());
  }
  waiting_ -= which.waiting.size();
  for (auto& run : which.waiting) run(vector);
}

std::optional<question_embedding::time_point> question_embedding::due() const {
  std::optional<time_point> first;
  for (auto& each : open_)
    if (!first || each.deadline < *first) first = each.deadline;
  return first;
}

}  // namespace troupe
