#pragma once

/// \file
/// Figures that mean something on a machine that is never quite still: baseline
/// and candidate in turns, A B B A A B ..., the ratio of each pair, and the
/// spread of the ratios.

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace troupe::bench {

struct spread {
  double least = 0;
  double median = 0;
  double most = 0;
};

inline spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {values.front(), values[values.size() / 2], values.back()};
}

struct pairs {
  std::vector<double> baseline;
  std::vector<double> ours;
  void add(double base, double own) {
    baseline.push_back(base);
    ours.push_back(own);
  }
  spread ratio() const {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(baseline[i] > 0 ? ours[i] / baseline[i] : 0);
    return spread_of(std::move(ratios));
  }
  /// What ours takes beyond the baseline.
  spread added() const {
    std::vector<double> differences;
    for (std::size_t i = 0; i < ours.size(); ++i) differences.push_back(ours[i] - baseline[i]);
    return spread_of(std::move(differences));
  }
};

/// Runs one pair, number `i`: the first of a pair alternates. Returns the
/// baseline's result and ours.
template <class Baseline, class Ours>
auto run_pair(int i, Baseline&& baseline, Ours&& ours) {
  if (i % 2 == 0) {
    auto first = baseline();
    return std::pair(std::move(first), ours());
  }
  auto second = ours();
  return std::pair(baseline(), std::move(second));
}

inline void print_header() {
  std::printf("%-44s %-22s %-9s %-34s %s\n", "what", "ratio (least to most)", "goal", "ours", "baseline");
}

inline std::string text_of(const spread& values, const char* unit) {
  char text[96];
  std::snprintf(text, sizeof text, "%.4g (%.4g to %.4g) %s", values.median, values.least, values.most, unit);
  return text;
}

/// One row; `goal` is of the ratio unless it says otherwise.
inline void print_pairs(const char* what, const char* unit, const char* goal, const pairs& of) {
  const auto ratio = of.ratio();
  char ratio_text[64];
  std::snprintf(ratio_text, sizeof ratio_text, "%.2f (%.2f to %.2f)", ratio.median, ratio.least, ratio.most);
  std::printf("%-44s %-22s %-9s %-34s %s\n", what, ratio_text, goal, text_of(spread_of(of.ours), unit).c_str(),
              text_of(spread_of(of.baseline), unit).c_str());
  std::fflush(stdout);
}

/// The row of a goal that is a difference.
inline void print_added(const char* what, const char* unit, const char* goal, const pairs& of) {
  std::printf("%-44s %-22s %-9s %s\n", what, "", goal, ("+ " + text_of(of.added(), unit)).c_str());
  std::fflush(stdout);
}

}  // namespace troupe::bench
