#pragma once

/// \file
/// Text whose every byte tells whether it came, in order and when it was due:
/// the language that the paced servers speak and the load generator checks.
///
/// An order stands anywhere in a prompt: `bench{first=A count=B pace_us=C size=D}`:
/// A records at once, then one every C microseconds until there are B. A record
/// is D bytes: its number and the moment it was due (both hex), then letters.
///
/// Thread safety: pure functions and values. Units: ns of the monotonic clock.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::bench {

struct paced_order {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::uint64_t pace_us = 0;
  std::uint64_t size = 64;
};

inline constexpr std::size_t record_header = 26;

/// Nothing if there is no order in the text.
std::optional<paced_order> find_order(std::string_view text);
std::string to_text(const paced_order& order);

std::string make_record(std::uint64_t number, std::uint64_t due_ns, std::size_t size);

/// One answer being given: when the next record is due, and the record.
class paced_source {
 public:
  paced_source(const paced_order& order, std::uint64_t start_ns) : order_(order), start_(start_ns) {}
  bool done() const { return next_ >= order_.count; }
  std::uint64_t due() const {
    return next_ < order_.first ? start_ : start_ + (next_ - order_.first + 1) * order_.pace_us * 1000;
  }
  std::string take() {
    const auto at = due();
    return make_record(next_++, at, order_.size);
  }

 private:
  paced_order order_;
  std::uint64_t start_;
  std::uint64_t next_ = 0;
};

/// The reader's side: takes an answer in pieces of any size.
class record_checker {
 public:
  explicit record_checker(std::size_t size = 64) : size_(size) {}

  /// Calls `take(due_ns)` for each record that is whole.
  template <class Take>
  void feed(std::string_view text, Take&& take) {
    bytes_ += text.size();
    while (!text.empty()) {
      const auto part = text.substr(0, size_ - partial_.size());
      text.remove_prefix(part.size());
      partial_ += part;
      if (partial_.size() < size_) return;
      if (const auto due = check(partial_))
        take(*due);
      else
        ++wrong_;
      partial_.clear();
      ++next_;
    }
  }
  std::uint64_t records() const { return next_; }
  std::uint64_t bytes() const { return bytes_; }
  /// Records that were not byte for byte what had to come next.
  std::uint64_t wrong() const { return wrong_ + (partial_.empty() ? 0 : 1); }

 private:
  std::optional<std::uint64_t> check(std::string_view record) const;

  std::size_t size_;
  std::string partial_;
  std::uint64_t next_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t wrong_ = 0;
};

}  // namespace troupe::bench
