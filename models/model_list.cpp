#include "models/model_list.hpp"

namespace troupe::models {

model_list::model_list(std::shared_ptr<const models::provider> provider, http_client& client,
                       std::function<void()> wake)
    : provider_(std::move(provider)), refused_(provider_->ready()) {
  if (refused_.kind != failure_kind::none) return;
  auto request = provider_->list();
  request.total_limit = std::chrono::seconds(30);
  answer_.emplace(client.open(std::move(request), std::move(wake)), provider_->name(), provider_->key());
}

std::optional<model_names> model_list::poll() {
  if (done_) return std::nullopt;
  model_names out;
  if (!answer_) {
    out.error = refused_;
  } else {
    auto answer = answer_->poll();
    if (!answer) return std::nullopt;
    out.error = std::move(answer->failed.error);
    if (out.error.kind == failure_kind::none) {
      auto names = provider_->names(answer->body);
      if (names) {
        out.names = std::move(*names);
      } else {
        out.error = names.error();
      }
    }
  }
  done_ = true;
  return out;
}

}  // namespace troupe::models
