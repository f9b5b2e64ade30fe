#pragma once

/// \file
/// Starts other programs for tests. They end with the test program, however that ends.
///
/// Thread safety: any thread, but a program ends with the thread that started it.

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

struct spawned {
  pid_t pid;
  int out;    ///< reading end of its standard output
  int error;  ///< of its standard error; nothing comes there if they are merged
};

/// `environment` is added to a nearly empty one. `merge`: standard error goes
/// where standard output goes.
spawned spawn_process(std::vector<std::string> command, const std::map<std::string, std::string>& environment,
                      const std::string& folder, bool merge);

/// Waits for its end. Exit status, or 128 + signal.
int wait_for_process(pid_t pid);

}  // namespace troupe
