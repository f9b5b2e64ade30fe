#include "models/provider_stream.hpp"

#include <utility>

namespace troupe::models {
namespace {

constexpr std::size_t error_body_limit = 64 * 1024;

/// Pieces looked at in one poll: a peer that sends nothing but comments must
/// not keep the actor busy.
constexpr int pieces_per_poll = 64;

/// How long to wait for the end of the HTTP answer once the model has ended:
/// a transfer that is read to its end leaves a connection for the next call.
constexpr std::chrono::milliseconds linger{20};

class ended_stream final : public model_stream {
 public:
  explicit ended_stream(failure error) : error_(std::move(error)) {}

  poll_result poll() override {
    poll_result result;
    if (std::exchange(ended_, true)) return result;
    model_event event;
    event.what = model_event::kind::ended;
    event.error = error_;
    result.event = std::move(event);
    return result;
  }

 private:
  failure error_;
  bool ended_ = false;
};

}  // namespace

model_stream::poll_result provider_stream::poll() {
  poll_result result;
  if (ended_) return result;
  for (int pieces = 0; pieces < pieces_per_poll; ++pieces) {
    if (!last_ && (result.event = decoder_->next())) {
      if (result.event->what != model_event::kind::ended) return result;
      last_ = std::exchange(result.event, std::nullopt);
    }
    if (last_) return finish(std::move(*last_));
    auto event = transfer_->poll();
    if (event.kind == http_transfer::event_kind::nothing) return result;
    take(std::move(event));
  }
  result.not_before = std::chrono::nanoseconds(0);
  return result;
}

/// Gives the ended event, but reads the answer to its end first if that is near.
model_stream::poll_result provider_stream::finish(model_event event) {
  poll_result result;
  if (event.error.kind == failure_kind::none && !drain() && !std::exchange(lingered_, true)) {
    last_ = std::move(event);
    result.not_before = linger;
    return result;
  }
  ended_ = true;
  transfer_.reset();
  last_.reset();
  result.event = std::move(event);
  return result;
}

/// True once the transfer has ended.
bool provider_stream::drain() {
  for (int pieces = 0; transfer_ && pieces < pieces_per_poll; ++pieces) {
    const auto kind = transfer_->poll().kind;
    if (kind == http_transfer::event_kind::nothing) return false;
    if (kind == http_transfer::event_kind::ended) transfer_.reset();
  }
  return !transfer_;
}

void provider_stream::take(http_transfer::event event) {
  using kind = http_transfer::event_kind;
  if (event.kind == kind::head) head_ = std::move(event.head);
  if (event.kind == kind::body) {
    if (!is_refused()) return decoder_->feed(event.bytes);
    error_body_ += event.bytes;
    if (error_body_.size() > error_body_limit) refuse();
  }
  if (event.kind == kind::ended) {
    transfer_.reset();
    if (is_refused()) return refuse();
    decoder_->close(std::move(event.error));
  }
}

void provider_stream::refuse() {
  auto refused = failure_of_answer(provider_, key_, head_, error_body_);
  model_event event;
  event.what = model_event::kind::ended;
  event.error = std::move(refused.error);
  event.retry_after = refused.retry_after;
  last_ = std::move(event);
}

std::unique_ptr<model_stream> failed_stream(failure error) {
  return std::make_unique<ended_stream>(std::move(error));
}

}  // namespace troupe::models
