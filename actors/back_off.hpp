#pragma once

/// \file
/// When to try again what failed at a provider (DESIGN §7, §8).
///
/// The first failure waits about one second, each further one in a row twice as
/// long, up to five minutes; the last half of every wait is random, so that many
/// spaces do not come back at once. What the provider asks for (`retry_after`)
/// is the least, believed up to an hour.
///
/// Ownership: a value. Thread safety: none. Cost: none worth naming.

#include "runtime/ports/random.hpp"

#include <caf/actor_clock.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace troupe {

class back_off {
 public:
  using time_point = caf::actor_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  static constexpr milliseconds first{1000};
  static constexpr milliseconds longest{300000};
  static constexpr milliseconds longest_asked{3600000};

  bool holds(time_point now) const { return now < until_; }
  time_point until() const { return until_; }

  /// Waits. Returns whether this is the first failure in a row. One that comes
  /// while it waits already is of the same outage and lengthens nothing.
  bool failed(time_point now, std::optional<milliseconds> retry_after, random_port& random) {
    const bool began = failures_ == 0;
    const bool waits = holds(now);
    if (!waits) until_ = now + jittered(std::min(first * (1 << std::min(failures_, 10u)), longest), random);
    if (!waits || began) ++failures_;
    if (retry_after) hold(now + std::clamp(*retry_after, milliseconds(0), longest_asked));
    return began;
  }

  /// Waits at least until then; what was not tried did not fail.
  void hold(time_point until) { until_ = std::max(until_, until); }

  /// Returns whether that ends an outage.
  bool succeeded() { return std::exchange(failures_, 0u) != 0; }

 private:
  static milliseconds jittered(milliseconds delay, random_port& random) {
    const auto half = delay.count() / 2;
    return milliseconds(half + static_cast<milliseconds::rep>(random.number() % static_cast<std::uint64_t>(half + 1)));
  }

  time_point until_{};
  unsigned failures_ = 0;
};

}  // namespace troupe
