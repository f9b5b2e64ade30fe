#pragma once

/// \file
/// What `bench_load` can do, each a file of its own. A scenario prints its
/// results as lines `name value` and returns the exit status.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace troupe::bench {

/// `--name value` pairs of the command line.
class load_options {
 public:
  load_options(int count, char** arguments) {
    for (int i = 2; i + 1 < count; i += 2) values_[arguments[i]] = arguments[i + 1];
  }
  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = values_.find("--" + name);
    return found == values_.end() ? otherwise : found->second;
  }
  double number(const std::string& name, double otherwise) const {
    const auto found = values_.find("--" + name);
    return found == values_.end() ? otherwise : std::atof(found->second.c_str());
  }
  std::uint64_t whole(const std::string& name, std::uint64_t otherwise) const {
    return static_cast<std::uint64_t>(number(name, static_cast<double>(otherwise)));
  }
  std::uint16_t port() const { return static_cast<std::uint16_t>(whole("port", 0)); }
  std::string path() const { return text("path", "/ws"); }

 private:
  std::map<std::string, std::string> values_;
};

inline void report(const char* name, double value) {
  std::printf("%s %.6g\n", name, value);
  std::fflush(stdout);
}

int run_echo(const load_options& options);
int run_hold(const load_options& options);
int run_cycles(const load_options& options);
int run_streams(const load_options& options);
int run_stop(const load_options& options);
int run_requests(const load_options& options);
int run_turns(const load_options& options);
int run_audience(const load_options& options);
int run_visits(const load_options& options);

}  // namespace troupe::bench
