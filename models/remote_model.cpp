#include "models/remote_model.hpp"

#include "models/provider_prompt.hpp"
#include "models/provider_stream.hpp"

namespace troupe::models {

std::unique_ptr<model_stream> remote_model::open(const model_request& request, std::function<void()> wake) {
  if (auto why = provider_->ready(); why.kind != failure_kind::none) return failed_stream(std::move(why));
  if (auto why = check_request(request); why.kind != failure_kind::none) return failed_stream(std::move(why));
  auto post = provider_->chat(model_, request);
  post.total_limit = call_limit_;
  if (!request.traceparent.empty()) post.headers.emplace_back("traceparent", request.traceparent);
  return std::make_unique<provider_stream>(client_->open(std::move(post), std::move(wake)), provider_->decoder(request),
                                           provider_->name(), provider_->key());
}

}  // namespace troupe::models
