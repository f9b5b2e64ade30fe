#pragma once

#include "runtime/failure.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Turns text into a unit vector (DESIGN §7).
///
/// Thread safety: `embed` may be called from any thread.
class embedder {
 public:
  virtual ~embedder() = default;
  /// Names the vector space: vectors of different ids never mix.
  virtual std::string id() const = 0;
  virtual std::size_t dimensions() const = 0;
  /// Unit length, or all zero for a text without anything to embed.
  virtual expected<std::vector<float>> embed(std::string_view text) const = 0;
  /// Whether `embed` is pure and fast (microseconds), so that an actor may
  /// call it on a scheduler worker.
  virtual bool immediate() const = 0;
};

}  // namespace troupe
