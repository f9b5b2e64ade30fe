#pragma once

/// \file
/// A language model at a provider, reached over HTTP (DESIGN §8).
///
/// Ownership: shares provider and client with whoever else uses them.
/// Thread safety: `open` from any thread. Units: the limit in ms, 0 for none.
/// Errors: never throws; a call that cannot begin (no key, nothing to answer)
/// ends at once. Cost: one translation of the conversation for each call.

#include "models/provider.hpp"
#include "runtime/ports/language_model.hpp"

#include <chrono>

namespace troupe::models {

class remote_model final : public language_model {
 public:
  remote_model(std::shared_ptr<const provider> provider, std::shared_ptr<http_client> client, std::string model,
               std::chrono::milliseconds call_limit, std::size_t most_calls = 64)
      : provider_(std::move(provider)),
        client_(std::move(client)),
        model_(std::move(model)),
        call_limit_(call_limit),
        most_calls_(most_calls) {}

  std::string name() const override { return provider_->name() + ":" + model_; }
  std::size_t most_calls() const override { return most_calls_; }
  std::unique_ptr<model_stream> open(const model_request& request, std::function<void()> wake) override;

 private:
  std::shared_ptr<const provider> provider_;
  std::shared_ptr<http_client> client_;
  std::string model_;
  std::chrono::milliseconds call_limit_;
  std::size_t most_calls_;
};

}  // namespace troupe::models
