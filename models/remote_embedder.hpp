#pragma once

/// \file
/// An embedder at a provider, reached over HTTP (DESIGN §7, §8): batches, keeps
/// the order, checks the dimension, makes every vector unit length.
///
/// Ownership: shares provider and client. A job may outlive its embedder.
/// Thread safety: all functions from any thread; a job is used by one actor.
/// Units: the limit of one batch in ms, 0 for none.
/// Errors: one failed batch fails the request; `broken_stream` for a number of
/// vectors or a dimension that does not fit. Retries are the caller's.

#include "models/provider.hpp"
#include "runtime/ports/batch_embedder.hpp"

#include <atomic>
#include <chrono>

namespace troupe::models {

class remote_embedder final : public batch_embedder {
 public:
  /// `dimensions` 0: the model's own, known after the first answer.
  remote_embedder(std::shared_ptr<const provider> provider, std::shared_ptr<http_client> client, std::string model,
                  std::size_t dimensions, std::chrono::milliseconds call_limit);

  std::string id() const override;
  std::size_t dimensions() const override { return shared_->dimensions; }
  std::size_t batch() const override { return shared_->provider->embedding_batch(); }
  std::unique_ptr<embedding_job> open(embedding_request request, std::function<void()> wake) const override;

 private:
  class job;
  struct shared_part {
    std::shared_ptr<const models::provider> provider;
    std::shared_ptr<http_client> client;
    std::string model;
    std::size_t asked_dimensions = 0;
    std::chrono::milliseconds call_limit{0};
    std::atomic<std::size_t> dimensions = 0;
  };

  std::shared_ptr<shared_part> shared_;
};

}  // namespace troupe::models
