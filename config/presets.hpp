#pragma once

/// \file
/// Default values: a text, or a function of the machine and the environment
/// together with the words that describe it where no machine is at hand (in
/// the documentation).
///
/// Thread safety: constants and pure functions.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::config {

/// Everything settings are made from; a test fills it in by hand.
struct load_inputs {
  std::map<std::string, std::string> environment;
  std::filesystem::path working_directory;           ///< absolute
  std::optional<std::filesystem::path> config_file;  ///< `--config`; must exist, unlike ./troupe.toml
  std::map<std::string, std::string> command_line;   ///< by setting name ("PORT")
  unsigned cores = 1;

  /// Environment, working directory and cores of this process.
  /// Not safe beside another thread that changes the environment.
  static load_inputs of_process();
};

struct preset {
  constexpr preset(const char* text) : text(text) {}  // implicit: the table reads as plain text
  constexpr preset(const char* words, std::string (*compute)(const load_inputs&)) : words(words), compute(compute) {}

  std::string_view text;
  std::string_view words;
  std::string (*compute)(const load_inputs&) = nullptr;
};

std::string io_threads_preset(const load_inputs& inputs);
std::string worker_threads_preset(const load_inputs& inputs);
std::string data_dir_preset(const load_inputs& inputs);

/// The home directory as the environment names it, or an empty path.
std::filesystem::path home_of(const load_inputs& inputs);

}  // namespace troupe::config
