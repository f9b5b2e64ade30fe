#pragma once

/// \file
/// Which models a provider has (DESIGN §8): the names that may follow its own
/// in MODEL. Of Gemini only those that hold conversations.
///
/// Ownership: owns its request; destroying it aborts it.
/// Thread safety: used by one actor at a time. Errors: see provider_failure.hpp.

#include "models/provider.hpp"
#include "models/whole_answer.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::models {

struct model_names {
  failure error;                   ///< kind `none` when it went well
  std::vector<std::string> names;  ///< as the provider orders them
};

class model_list {
 public:
  /// `wake` as in `http_client::open`.
  model_list(std::shared_ptr<const provider> provider, http_client& client, std::function<void()> wake);
  /// The names, once. Otherwise `wake` will be called.
  std::optional<model_names> poll();

 private:
  std::shared_ptr<const models::provider> provider_;
  failure refused_;
  std::optional<whole_answer> answer_;
  bool done_ = false;
};

}  // namespace troupe::models
