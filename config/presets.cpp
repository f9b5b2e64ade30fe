#include "config/presets.hpp"

#include <unistd.h>

#include <algorithm>
#include <thread>

namespace troupe::config {
namespace {

// The XDG specification: a relative path there is to be ignored.
std::filesystem::path absolute_variable(const load_inputs& inputs, const char* name) {
  auto found = inputs.environment.find(name);
  if (found == inputs.environment.end()) return {};
  std::filesystem::path path(found->second);
  return path.is_absolute() ? path : std::filesystem::path();
}

}  // namespace

load_inputs load_inputs::of_process() {
  load_inputs inputs;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text(*entry);
    auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    inputs.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  std::error_code ignored;  // a deleted working directory: relative paths fail later, with their names
  inputs.working_directory = std::filesystem::current_path(ignored);
  inputs.cores = std::max(1u, std::thread::hardware_concurrency());
  return inputs;
}

std::string io_threads_preset(const load_inputs& inputs) {
  return std::to_string(std::clamp(inputs.cores, 1u, 4u));
}

std::string worker_threads_preset(const load_inputs& inputs) {
  return std::to_string(std::clamp(inputs.cores, 1u, 256u));
}

std::string data_dir_preset(const load_inputs& inputs) {
  if (auto data = absolute_variable(inputs, "XDG_DATA_HOME"); !data.empty()) return (data / "troupe").string();
  if (auto home = home_of(inputs); !home.empty()) return (home / ".local/share/troupe").string();
  return "troupe-data";
}

std::filesystem::path home_of(const load_inputs& inputs) {
  return absolute_variable(inputs, "HOME");
}

}  // namespace troupe::config
