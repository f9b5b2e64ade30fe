#pragma once

/// \file
/// Counts what a model has sent, for whoever reads its deltas: new credit is
/// given in halves, so that the model never waits for it and neither mailbox
/// grows (see `model_credit`). One for each call; a value.

#include "runtime/messages/model.hpp"

#include <cstdint>

namespace troupe {

class delta_credit {
 public:
  /// One more has come: what to give now, or 0.
  std::uint32_t taken() {
    constexpr auto half = model_initial_credit / 2;
    if (++unacknowledged_ < half) return 0;
    unacknowledged_ = 0;
    return half;
  }

 private:
  std::uint32_t unacknowledged_ = 0;
};

}  // namespace troupe
