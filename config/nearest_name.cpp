#include "config/nearest_name.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace troupe::config {
namespace {

// Optimal string alignment: three rows of the Levenshtein table, since a swap
// looks two rows back.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(above, std::exchange(row, before));
  }
  return above[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates) {
  std::string_view best;
  // A name far longer than any setting's is no typing mistake and not worth the table.
  if (name.size() > 64) return best;
  std::size_t smallest = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    auto changes = distance(name, candidate);
    if (changes < smallest) {
      smallest = changes;
      best = candidate;
    }
  }
  return best;
}

}  // namespace troupe::config
