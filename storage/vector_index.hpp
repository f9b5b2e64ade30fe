#pragma once

/// \file
/// Exact nearest neighbours among unit vectors, by scanning (DESIGN §7).
///
/// Every row is kept twice: as int8 codes, which a scan reads, and as floats.
/// A scan takes every row whose int8 score lies within the quantisation error
/// of the k-th best and scores it again in float; so the answer is the one a
/// scan of the floats would give, ties included, at a quarter of its bytes.
///
/// Ownership: copies what it is given.
/// Thread safety: none; owned by one actor.
/// Invariants:
///   1. a similarity is the float dot product of the stored and the query
///      vector, whichever kernel scanned;
///   2. hits come by similarity, highest first, then by id, lowest first;
///   3. `error_` and `norm_` bound every row present (they never shrink, which
///      costs speed at most).
/// Errors: `put` answers `invalid` with the rule that was broken.
/// Cost: `search` one pass over 1 byte per dimension and row; `put` and
/// `remove` one row. Memory about 5 bytes per dimension and row plus 50.

#include "runtime/failure.hpp"
#include "storage/vector_index_kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace troupe::storage {

struct vector_hit {
  std::uint64_t id = 0;
  float similarity = 0;
  bool operator==(const vector_hit&) const = default;
};

/// The dot product as the index takes it: eight running sums, in order.
float dot(std::span<const float> a, std::span<const float> b) noexcept;

class vector_index {
 public:
  /// Decides whether a row may be a hit. Called for few rows, in any order.
  using filter = std::function<bool(std::uint64_t id)>;

  static constexpr std::size_t max_dimensions = 16384;

  /// With 0 the first vector decides the number of dimensions.
  explicit vector_index(std::size_t dimensions = 0, scan_kernel kernel = best_scan_kernel());

  /// Adds the row of `id`, or replaces it. `vector` is unit length.
  expected<void> put(std::uint64_t id, std::span<const float> vector);

  /// Returns whether `id` was there.
  bool remove(std::uint64_t id);

  /// Forgets all rows and the number of dimensions.
  void clear();

  /// The `k` most similar rows that `accept` lets through. None for a query of
  /// other dimensions or not finite.
  std::vector<vector_hit> search(std::span<const float> query, std::size_t k, const filter& accept = {}) const;

  /// The row of `id` until the next change; empty if it is not there.
  std::span<const float> find(std::uint64_t id) const;

  /// The similarity of one row, if it is there.
  std::optional<float> similarity(std::uint64_t id, std::span<const float> query) const;

  std::size_t size() const noexcept { return ids_.size(); }
  std::size_t dimensions() const noexcept { return dimensions_; }
  bool contains(std::uint64_t id) const { return slots_.contains(id); }

  /// Bytes allocated for rows and look-up.
  std::size_t memory_bytes() const noexcept;

 private:
  struct candidate {
    float score;
    std::uint32_t slot;
  };

  void write(std::size_t slot, std::span<const float> vector);
  void move_row(std::size_t from, std::size_t to);
  void append_row(std::uint64_t id);
  std::uint8_t* code(std::size_t slot, std::size_t group) noexcept;
  std::span<const float> row(std::size_t slot) const noexcept;
  std::vector<candidate> scan(std::span<const float> query, std::size_t k, const filter& accept) const;

  std::size_t dimensions_ = 0;
  std::size_t groups_ = 0;  ///< of four dimensions
  scan_kernel kernel_;
  std::vector<std::uint64_t> ids_;
  std::vector<float> rows_;
  std::vector<std::uint8_t> codes_;  ///< whole blocks
  std::vector<float> scales_;        ///< whole blocks
  std::unordered_map<std::uint64_t, std::uint32_t> slots_;
  float error_ = 0;  ///< no row is further from its decoded code
  float norm_ = 0;   ///< no row is longer
};

}  // namespace troupe::storage
