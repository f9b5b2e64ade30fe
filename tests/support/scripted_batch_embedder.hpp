#pragma once

/// \file
/// A remote embedder that answers what a test wants, when the test wants it.
/// Its vectors count letters, so texts of the same letters are alike without
/// having a word in common.
///
/// Ownership: keeps every call that was made. Thread safety: none, one thread.

#include "runtime/ports/batch_embedder.hpp"

#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

class scripted_batch_embedder final : public batch_embedder {
 public:
  /// One request, in flight or past.
  struct call {
    embedding_request request;
    std::optional<embedding_result> ready;
    std::function<void()> wake;
    bool open = true;  ///< not taken and not aborted yet
    bool taken = false;
  };

  std::string id() const override { return name; }
  std::size_t dimensions() const override { return tells_dimension ? size : 0; }
  std::size_t batch() const override { return batch_size; }

  std::unique_ptr<embedding_job> open(embedding_request request, std::function<void()> wake) const override {
    auto made = std::make_shared<call>();
    made->request = std::move(request);
    made->wake = std::move(wake);
    calls.push_back(made);
    return std::make_unique<job>(*this, made);
  }

  std::vector<float> vector(std::string_view text) const {
    std::vector<float> made(size, 0.0f);
    for (unsigned char letter : text)
      if (size > 0) made[letter % size] += 1;
    float square = 0;
    for (auto each : made) square += each * each;
    if (square > 0)
      for (auto& each : made) each /= std::sqrt(square);
    return made;
  }

  embedding_result answer_to(const embedding_request& request) const {
    embedding_result result;
    result.error = error;
    result.retry_after = retry_after;
    for (auto& text : request.texts) {
      if (!refused.empty() && text.find(refused) != text.npos)
        result.error = {failure_kind::upstream, "scripted answered 400"};
      result.vectors.push_back(vector(text));
    }
    if (result.error.kind != failure_kind::none) result.vectors.clear();
    return result;
  }

  /// Lets a held call have its answer.
  void answer(call& which) const {
    if (!which.open) return;
    which.ready = answer_to(which.request);
    which.wake();
  }
  void answer_all() const {
    const auto now = calls;
    for (auto& each : now) answer(*each);
  }
  std::vector<std::shared_ptr<call>> in_flight() const {
    auto found = calls;
    std::erase_if(found, [](auto& each) { return !each->open; });
    return found;
  }
  std::size_t asked(embedding_purpose purpose) const {
    std::size_t count = 0;
    for (auto& each : calls) count += each->request.purpose == purpose;
    return count;
  }

  std::string name = "scripted:a";
  std::size_t size = 32;
  std::size_t batch_size = 100;
  bool tells_dimension = false;
  bool held = false;    ///< each call needs an `answer`; else it wakes at the first poll
  std::string refused;  ///< a text with this in it fails its request
  failure error;        ///< what every request fails with
  std::optional<std::chrono::milliseconds> retry_after;
  mutable std::vector<std::shared_ptr<call>> calls;

 private:
  class job final : public embedding_job {
   public:
    job(const scripted_batch_embedder& owner, std::shared_ptr<call> state) : owner_(owner), state_(std::move(state)) {}
    ~job() override {
      state_->open = false;
      state_->wake = nullptr;  // it holds the actor
    }
    std::optional<embedding_result> poll() override {
      auto& call = *state_;
      if (call.taken) return std::nullopt;
      if (!call.ready) {
        if (!owner_.held) owner_.answer(call);
        return std::nullopt;
      }
      call.taken = true;
      call.open = false;
      return std::move(call.ready);
    }

   private:
    const scripted_batch_embedder& owner_;
    std::shared_ptr<call> state_;
  };
};

}  // namespace troupe
