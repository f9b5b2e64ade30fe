#include "models/offline_model.hpp"

#include "models/offline_answer.hpp"
#include "models/offline_tools.hpp"

namespace troupe::models {
namespace {

bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::uint32_t count_words(std::string_view text) noexcept {
  std::uint32_t count = 0;
  bool inside = false;
  for (char c : text) {
    count += !inside && !is_space(c);
    inside = !is_space(c);
  }
  return count;
}

std::uint32_t count_words(const model_request& request) noexcept {
  std::uint32_t count = count_words(request.system);
  for (const auto& message : request.messages) count += count_words(message.text);
  for (const auto& memory : request.memories) count += count_words(memory.record.text);
  return count;
}

class offline_stream final : public model_stream {
 public:
  offline_stream(const model_request& request, std::chrono::nanoseconds pace)
      : pace_(pace), input_words_(count_words(request)) {
    if (!request.messages.empty() && request.messages.back().role == chat_role::tool)
      answer_ = tool_answer(request.messages.back());
    else if (auto call = asked_tool(request))
      call_ = std::move(call);
    else if (request.messages.empty() || request.messages.back().role != chat_role::user)
      error_ = {failure_kind::invalid, "messages: the last one must be the user's"};
    else
      answer_ = offline_answer(request);
    cut(request.options.max_tokens);
  }

  poll_result poll() override {
    poll_result result;
    if (ended_) return result;
    if (pace_.count() > 0 && position_ > 0 && position_ < answer_.size() && !waited_) {
      waited_ = true;
      result.not_before = pace_;
      return result;
    }
    waited_ = false;
    if (call_) {
      result.event.emplace();
      result.event->what = model_event::kind::call;
      result.event->call = std::move(*call_);
      call_.reset();
      return result;
    }
    result.event = position_ < answer_.size() ? next_word() : end();
    return result;
  }

 private:
  /// After that many words, which are what it counts as tokens.
  void cut(std::uint32_t most) {
    if (most == 0 || count_words(answer_) <= most) return;
    std::size_t at = 0;
    for (std::uint32_t words = 0; words < most; ++words) {
      while (is_space(answer_[at])) ++at;
      while (at < answer_.size() && !is_space(answer_[at])) ++at;
    }
    answer_.resize(at);
    cut_ = true;
  }

  model_event next_word() {
    std::size_t end = position_;
    while (end < answer_.size() && is_space(answer_[end])) ++end;
    while (end < answer_.size() && !is_space(answer_[end])) ++end;
    while (end < answer_.size() && is_space(answer_[end])) ++end;
    model_event event;
    event.text = answer_.substr(position_, end - position_);
    position_ = end;
    return event;
  }

  model_event end() {
    ended_ = true;
    model_event event;
    event.what = model_event::kind::ended;
    event.error = error_;
    if (cut_) event.reason = finish_reason::length;
    event.usage.input = input_words_;
    event.usage.output = count_words(answer_);
    return event;
  }

  std::chrono::nanoseconds pace_;
  std::uint32_t input_words_;
  std::string answer_;
  std::optional<tool_call> call_;
  failure error_;
  std::size_t position_ = 0;
  bool waited_ = false;  // the reader was told to come back for the next word
  bool ended_ = false;
  bool cut_ = false;
};

}  // namespace

std::unique_ptr<model_stream> offline_model::open(const model_request& request, std::function<void()>) {
  return std::make_unique<offline_stream>(request, pace_);
}

}  // namespace troupe::models
