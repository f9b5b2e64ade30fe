#pragma once

/// \file
/// `--name value` of a benchmark's command line.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace troupe::bench {

class bench_options {
 public:
  /// `known` names every option with its default.
  bench_options(int count, char** arguments, std::map<std::string, double> known) : values_(std::move(known)) {
    for (int i = 1; i < count; i += 2) {
      const std::string name = arguments[i];
      const auto found = name.starts_with("--") ? values_.find(name.substr(2)) : values_.end();
      if (found != values_.end() && i + 1 < count) {
        found->second = std::atof(arguments[i + 1]);
        continue;
      }
      std::fprintf(stderr, "unknown option %s; known, with a number each:", name.c_str());
      for (auto& [each, value] : values_) std::fprintf(stderr, " --%s (%g)", each.c_str(), value);
      std::fprintf(stderr, "\n");
      std::exit(2);
    }
  }
  double operator[](const std::string& name) const { return values_.at(name); }
  std::string text(const std::string& name) const {
    char text[32];
    std::snprintf(text, sizeof text, "%.15g", values_.at(name));
    return text;
  }
  int whole(const std::string& name) const { return static_cast<int>(values_.at(name)); }

 private:
  std::map<std::string, double> values_;
};

}  // namespace troupe::bench
