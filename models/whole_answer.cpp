#include "models/whole_answer.hpp"

namespace troupe::models {
namespace {

constexpr std::size_t body_limit = 64 * 1024 * 1024;

}  // namespace

std::optional<whole_answer::result> whole_answer::poll() {
  using kind = http_transfer::event_kind;
  while (transfer_) {
    auto event = transfer_->poll();
    if (event.kind == kind::nothing) return std::nullopt;
    if (event.kind == kind::head) head_ = std::move(event.head);
    if (event.kind == kind::ended) return finish(std::move(event.error));
    if (event.kind == kind::body) body_ += event.bytes;
    if (body_.size() > body_limit)
      return finish({failure_kind::broken_stream, "the answer is over " + std::to_string(body_limit) + " bytes"});
  }
  return std::nullopt;
}

whole_answer::result whole_answer::finish(failure error) {
  transfer_.reset();
  result out;
  if (head_.status != 0 && (head_.status < 200 || head_.status > 299)) {
    out.failed = failure_of_answer(provider_, key_, head_, body_);
  } else if (error.kind != failure_kind::none) {
    out.failed.error = failure_of_transport(provider_, error);
  } else {
    out.body = std::move(body_);
  }
  return out;
}

}  // namespace troupe::models
