#pragma once

/// \file
/// Texts for measuring recall: fact/question pairs from data/recall and made-up
/// personal facts that answer none of the questions.

#include <cstdint>
#include <fstream>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe::bench {

struct recall_pair {
  bool test = false;  ///< of the half that nothing was tuned on
  std::string fact;
  std::string question;
  bool overlaps = false;  ///< they share a content word or two
};

inline std::vector<recall_pair> read_pairs(const std::string& path) {
  std::ifstream file(path);
  std::vector<recall_pair> pairs;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    const auto third = line.find('\t', second + 1);
    if (third == std::string::npos) throw std::runtime_error(path + ": a line has no four columns");
    pairs.push_back({line.substr(0, first) == "test", line.substr(first + 1, second - first - 1),
                     line.substr(second + 1, third - second - 1), line.substr(third + 1) == "some"});
  }
  return pairs;
}

inline std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

/// `count` distinct facts from hand-written templates; the same for a seed on
/// every platform (std::mt19937_64 is fixed by the standard).
std::vector<std::string> made_up_facts(std::size_t count, std::uint64_t seed);

}  // namespace troupe::bench
