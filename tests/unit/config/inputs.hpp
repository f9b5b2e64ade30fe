#pragma once

/// Inputs of `load` made by hand: an own folder as working directory, no
/// environment, two cores.

#include "config/settings.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <fstream>

namespace troupe::test {

class made_inputs {
 public:
  made_inputs() {
    inputs.working_directory = folder_.path();
    inputs.cores = 2;
    inputs.environment["HOME"] = "/home/someone";
  }

  void file(const std::string& name, const std::string& text) { std::ofstream(folder_.file(name)) << text; }
  std::string path(const std::string& name) const { return folder_.file(name); }

  config::settings good() const {
    auto loaded = config::load(inputs);
    if (auto error = std::get_if<config::settings_error>(&loaded)) FAIL(error->text());
    return std::get<config::settings>(std::move(loaded));
  }

  std::vector<std::string> problems() const {
    auto loaded = config::load(inputs);
    REQUIRE(std::holds_alternative<config::settings_error>(loaded));
    return std::get<config::settings_error>(std::move(loaded)).problems;
  }

  /// The only problem.
  std::string problem() const {
    auto all = problems();
    CAPTURE(all);
    REQUIRE(all.size() == 1);
    return all.front();
  }

  config::load_inputs inputs;

 private:
  temporary_folder folder_;
};

/// The only problem of one value from the environment.
inline std::string problem_of(const std::string& name, const std::string& text) {
  made_inputs made;
  made.inputs.environment[name] = text;
  return made.problem();
}

inline config::settings with(const std::string& name, const std::string& text) {
  made_inputs made;
  made.inputs.environment[name] = text;
  return made.good();
}

}  // namespace troupe::test
