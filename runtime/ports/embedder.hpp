#pragma once

#include "runtime/failure.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// One question, prepared for being compared with many texts word by word.
///
/// Thread safety: immutable. It must not outlive the embedder it came from.
class word_comparison {
 public:
  virtual ~word_comparison() = default;
  /// How well the words of a text answer the question's: 0 (not at all) to 1.
  virtual float score(std::span<const std::uint32_t> terms) const = 0;
};

/// Turns text into a unit vector (DESIGN §7).
///
/// An embedder that has a vector per word may also compare word by word, which
/// keeps apart what one vector per text blurs. To it a text is its `terms`.
///
/// Thread safety: all functions may be called from any thread.
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
  /// The text's words that carry a subject, as numbers of this embedder's own,
  /// each once. Empty from an embedder that does not compare word by word.
  virtual std::vector<std::uint32_t> terms(std::string_view /*text*/) const { return {}; }
  /// Null when the question has no such words, or the embedder does not compare.
  virtual std::unique_ptr<const word_comparison> compare(std::string_view /*question*/) const { return nullptr; }
};

}  // namespace troupe
