#pragma once

/// \file
/// A language model that says what a test wrote, when the test wants it, and an
/// embedder that needs no word table.

#include "runtime/ports/embedder.hpp"
#include "runtime/ports/language_model.hpp"

#include <cmath>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::test {

/// What one call says.
struct script {
  std::vector<std::string> deltas{"Hello", " there", "."};
  failure error = {};
  bool ends = true;                   ///< else it stops speaking and never ends
  bool held = false;                  ///< each event needs a `release`
  std::vector<tool_call> calls = {};  ///< after the deltas
  std::optional<std::chrono::milliseconds> retry_after = {};
};

class scripted_model final : public language_model {
 public:
  /// One call in flight, or a past one.
  struct call {
    script plan;
    model_request request;
    std::size_t said = 0;
    std::size_t asked = 0;
    std::size_t allowed = 0;
    bool open = true;
    std::function<void()> wake;
  };

  std::string name() const override { return "scripted"; }
  std::size_t most_calls() const override { return most; }

  std::unique_ptr<model_stream> open(const model_request& request, std::function<void()> wake) override {
    auto made = std::make_shared<call>();
    if (next.empty()) {
      made->plan = usual;
    } else {
      made->plan = std::move(next.front());
      next.pop_front();
    }
    made->request = request;
    made->wake = std::move(wake);
    calls.push_back(made);
    return std::make_unique<stream>(made);
  }

  /// Lets the newest call say `events` more.
  void release(std::size_t events = 1) {
    auto& newest = *calls.back();
    newest.allowed += events;
    if (newest.open) newest.wake();
  }
  std::size_t open_calls() const {
    std::size_t count = 0;
    for (auto& each : calls) count += each->open;
    return count;
  }

  std::size_t most = 10000;
  script usual;
  std::deque<script> next;
  std::vector<std::shared_ptr<call>> calls;

 private:
  class stream final : public model_stream {
   public:
    explicit stream(std::shared_ptr<call> state) : state_(std::move(state)) {}
    ~stream() override {
      state_->open = false;
      state_->wake = nullptr;  // it holds the model actor
    }
    poll_result poll() override {
      auto& call = *state_;
      if (call.plan.held && call.allowed == 0) return {};
      model_event event;
      if (call.said < call.plan.deltas.size()) {
        event.text = call.plan.deltas[call.said++];
      } else if (call.asked < call.plan.calls.size()) {
        event.what = model_event::kind::call;
        event.call = call.plan.calls[call.asked++];
      } else if (call.plan.ends) {
        event.what = model_event::kind::ended;
        event.error = call.plan.error;
        event.retry_after = call.plan.retry_after;
      } else {
        return {};
      }
      if (call.plan.held) --call.allowed;
      return {std::move(event), {}};
    }

   private:
    std::shared_ptr<call> state_;
  };
};

/// Counts letters: texts of the same letters are alike, any two are somewhat.
class fake_embedder final : public embedder {
 public:
  std::string id() const override { return name; }
  std::size_t dimensions() const override { return 32; }
  expected<std::vector<float>> embed(std::string_view text) const override {
    std::vector<float> vector(32, 0.0f);
    for (unsigned char letter : text) vector[letter % 32] += 1;
    float length = 0;
    for (auto each : vector) length += each * each;
    if (length > 0)
      for (auto& each : vector) each /= std::sqrt(length);
    return vector;
  }
  bool immediate() const override { return true; }

  std::string name = "letters";
};

}  // namespace troupe::test
