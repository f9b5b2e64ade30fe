#pragma once

/// What a test may leave behind: processes and descriptors of this program.

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <unistd.h>

namespace troupe::test {

/// Numbers of our descriptors that are open.
inline std::set<std::string> open_descriptors() {
  std::set<std::string> out;
  for (auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    auto target = std::filesystem::read_symlink(each.path(), gone);
    // The listing's own descriptor is closed by the time it is looked at.
    if (!gone && target.string().find("/proc/") != 0) out.insert(each.path().filename().string());
  }
  return out;
}

/// How many processes are our children, or in one of these groups.
inline int children_of_ours(const std::set<int>& groups = {}) {
  int count = 0;
  for (auto& each : std::filesystem::directory_iterator("/proc")) {
    if (each.path().filename().string().find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(each.path() / "stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) continue;
    std::istringstream rest(text.substr(name_end + 1));
    std::string state;
    int parent = 0, group = 0;
    rest >> state >> parent >> group;
    if (parent == getpid() || (state != "Z" && groups.count(group) != 0)) ++count;
  }
  return count;
}

}  // namespace troupe::test
