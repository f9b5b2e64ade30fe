#pragma once

/// \file
/// The rows that hold something: a sorted list while they are few, a bit per
/// row once that is smaller.
///
/// Ownership: a value. Thread safety: none.
/// Cost: `add` at the end and `contains` are fast; `add` and `remove` in the
/// middle of a list move what follows. At most about one bit per row of the
/// space, or four bytes per row held.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::storage {

class postings {
 public:
  void add(std::uint32_t row) {
    if (dense()) {
      if (row / 64 >= bits_.size()) bits_.resize(row / 64 + 1);
      count_ += (bits_[row / 64] >> (row % 64) & 1) ^ 1;
      bits_[row / 64] |= std::uint64_t{1} << (row % 64);
      return;
    }
    const auto position = std::lower_bound(rows_.begin(), rows_.end(), row);
    if (position != rows_.end() && *position == row) return;
    rows_.insert(position, row);
    ++count_;
    if (count_ >= 64 && count_ > (rows_.back() + 1) / 32) make_dense();
  }

  void remove(std::uint32_t row) {
    if (!contains(row)) return;
    --count_;
    if (dense())
      bits_[row / 64] &= ~(std::uint64_t{1} << (row % 64));
    else
      rows_.erase(std::lower_bound(rows_.begin(), rows_.end(), row));
  }

  bool contains(std::uint32_t row) const noexcept {
    if (dense()) return row / 64 < bits_.size() && (bits_[row / 64] >> (row % 64) & 1);
    return std::binary_search(rows_.begin(), rows_.end(), row);
  }

  std::size_t size() const noexcept { return count_; }

  /// Calls `visit(row)` in ascending order.
  template <class Visitor>
  void for_each(Visitor visit) const {
    for (std::uint32_t row : rows_) visit(row);
    for (std::size_t word = 0; word < bits_.size(); ++word)
      for (std::uint64_t rest = bits_[word]; rest != 0; rest &= rest - 1)
        visit(static_cast<std::uint32_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(rest))));
  }

  std::size_t memory_bytes() const noexcept {
    return rows_.capacity() * sizeof(std::uint32_t) + bits_.capacity() * sizeof(std::uint64_t);
  }

 private:
  bool dense() const noexcept { return !bits_.empty(); }

  void make_dense() {
    bits_.resize(rows_.back() / 64 + 1);
    for (std::uint32_t row : rows_) bits_[row / 64] |= std::uint64_t{1} << (row % 64);
    rows_ = {};
  }

  std::vector<std::uint32_t> rows_;
  std::vector<std::uint64_t> bits_;
  std::size_t count_ = 0;
};

}  // namespace troupe::storage
