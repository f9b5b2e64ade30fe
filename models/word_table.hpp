#pragma once

/// \file
/// The 50,000 word vectors that are part of the binary (data/README.md).
///
/// Ownership: the bytes live in the program image; only an index of their
/// positions is allocated (about 0.7 MB), on first use.
/// Thread safety: immutable after `instance()`, which is safe to race.
/// Errors: a table that does not parse is a build fault and throws.
/// Cost: first use about 2 ms; a look-up tens of nanoseconds.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace troupe::models {

class word_table {
 public:
  static const word_table& instance();

  /// Reads a table of the format in data/README.md, which must outlive it.
  explicit word_table(std::string_view bytes);

  std::size_t size() const noexcept { return offsets_.size(); }
  std::size_t dimensions() const noexcept { return dimensions_; }

  /// The word's position by frequency, from 0.
  std::optional<std::uint32_t> rank(std::string_view word) const noexcept;

  std::string_view word(std::uint32_t rank) const noexcept;

  /// The word's unit vector is `scale` × `codes`.
  std::span<const std::int8_t> codes(std::uint32_t rank) const noexcept;
  float scale(std::uint32_t rank) const noexcept;

  /// Adds `weight` × the word's unit vector.
  void add(std::uint32_t rank, float weight, std::span<float> sum) const noexcept;

 private:
  std::string_view bytes_;
  std::size_t dimensions_ = 0;
  std::vector<std::uint32_t> offsets_;  ///< by rank
  std::vector<std::uint32_t> slots_;    ///< open addressing: rank + 1, or 0
};

}  // namespace troupe::models
