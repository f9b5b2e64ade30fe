#pragma once

/// \file
/// Turns as their askers see them: from the question to the first piece of the
/// answer and to its end, and whether an answer that was ordered (paced_text.hpp)
/// came byte for byte.
///
/// Ownership: values. Thread safety: none. Units: ns of the monotonic clock;
/// what `tell` prints says its own.

#include "bench/load/frames.hpp"
#include "bench/load/histogram.hpp"
#include "bench/load/paced_text.hpp"
#include "bench/load/scenarios.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace troupe::bench {

class turn_times {
 public:
  /// `question`: where the order stands, if there is one.
  turn_times(std::size_t clients, std::string_view question) : clients_(clients), order_(find_order(question)) {}

  /// What is asked before `from` or ends after `until` does not count.
  void measure(std::uint64_t from, std::uint64_t until) {
    from_ = from;
    until_ = until;
  }

  void asked(std::uint32_t client) {
    clients_[client] = {now_ns(), false, record_checker(order_ ? order_->size : record_header)};
  }

  void piece(std::uint32_t client, std::string_view text) {
    auto& state = clients_[client];
    ++pieces_;
    if (!state.begun && counts(now_ns())) first_.record(now_ns() - state.asked);
    state.begun = true;
    if (order_) state.checker.feed(text, [](std::uint64_t) {});
  }

  void ended(std::uint32_t client) {
    auto& state = clients_[client];
    ++turns_;
    if (const auto now = now_ns(); counts(now)) whole_.record(now - state.asked);
    if (order_ && (state.checker.records() != order_->count || state.checker.wrong() != 0)) ++wrong_;
  }

  /// Answers that were not what was ordered.
  std::uint64_t wrong() const { return wrong_; }

  void tell(double seconds) const {
    report("turns_per_second", static_cast<double>(whole_.count()) / seconds);
    report("turns", static_cast<double>(turns_));
    report("median_ms", static_cast<double>(whole_.percentile(0.5)) / 1e6);
    report("p99_ms", static_cast<double>(whole_.percentile(0.99)) / 1e6);
    report("first_median_ms", static_cast<double>(first_.percentile(0.5)) / 1e6);
    report("first_p99_ms", static_cast<double>(first_.percentile(0.99)) / 1e6);
    report("pieces_per_turn", static_cast<double>(pieces_) / static_cast<double>(std::max<std::uint64_t>(1, turns_)));
    report("wrong", static_cast<double>(wrong_));
  }

 private:
  struct client_state {
    std::uint64_t asked = 0;
    bool begun = false;
    record_checker checker{record_header};
  };

  bool counts(std::uint64_t now) const { return now >= from_ && now < until_; }

  std::vector<client_state> clients_;
  std::optional<paced_order> order_;
  histogram whole_;
  histogram first_;
  std::uint64_t from_ = ~std::uint64_t{0};
  std::uint64_t until_ = 0;
  std::uint64_t pieces_ = 0;
  std::uint64_t turns_ = 0;
  std::uint64_t wrong_ = 0;
};

}  // namespace troupe::bench
