#pragma once

/// \file
/// An HTTP answer that is of use only when it is there whole: embeddings, a
/// list of models.
///
/// Ownership: owns the transfer; destroying it aborts the request.
/// Thread safety: used by one actor at a time. Bounds: 64 MiB of body.
/// Errors: as `failure_of_answer`; `broken_stream` for more than the bound.

#include "models/provider_failure.hpp"
#include "runtime/ports/http_client.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe::models {

class whole_answer {
 public:
  whole_answer(std::unique_ptr<http_transfer> transfer, std::string provider, std::string key)
      : transfer_(std::move(transfer)), provider_(std::move(provider)), key_(std::move(key)) {}

  struct result {
    std::string body;
    provider_failure failed;  ///< kind `none` for a 2xx answer
  };
  /// The result, once. Otherwise the transfer's `wake` will be called.
  std::optional<result> poll();

 private:
  result finish(failure error);

  std::unique_ptr<http_transfer> transfer_;
  std::string provider_;
  std::string key_;
  http_head head_;
  std::string body_;
};

}  // namespace troupe::models
