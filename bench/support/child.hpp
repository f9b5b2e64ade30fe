#pragma once

/// \file
/// The other processes of a benchmark: servers and the load generator.
///
/// Ownership: the destructor ends the process and waits for it.
/// Thread safety: none. Errors: `std::runtime_error` with what did not happen:
/// a benchmark without its other half has nothing to say.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe::bench {

class child {
 public:
  explicit child(std::vector<std::string> command, const std::map<std::string, std::string>& environment = {},
                 const std::string& folder = {});
  ~child();
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  /// The next line of its standard output, without the end; nothing at its end.
  bool read_line(std::string& line);
  void write_line();
  void close_input();
  /// Exit status, or 128 + signal.
  int wait();
  void kill(int signal);
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
};

/// `name value` lines of the load generator.
using results = std::map<std::string, double>;

struct running_server {
  std::unique_ptr<child> process;
  std::uint16_t port = 0;
};

/// `bench_server MODE ...`.
running_server start_bench_server(const std::string& mode, std::vector<std::string> arguments = {});
/// The real program.
running_server start_troupe(const std::string& data_dir, std::map<std::string, std::string> environment = {});
/// Ends it in order and waits.
void stop(running_server& server);

/// `bench_load SCENARIO --port PORT ...`, to its end; "status" is its exit
/// status, not 0 if bytes were wrong or missing, which is said on standard error.
results run_load(const std::string& scenario, std::uint16_t port, std::vector<std::string> arguments);
/// A load that goes on: reads its results up to the line `ready`.
std::unique_ptr<child> start_load(const std::string& scenario, std::uint16_t port, std::vector<std::string> arguments,
                                  results& results);

/// Of this build: "bench/load/bench_load", "troupe".
std::string built_program(const std::string& name);

struct process_memory {
  double resident = 0;      ///< bytes
  double proportional = 0;  ///< bytes
};
process_memory memory_of(pid_t pid);
/// Processor time used so far; finer than the ticks of proc(5).
double cpu_seconds(pid_t pid);

/// A folder of its own, in the build directory if no other is named, removed in the end.
class scratch_folder {
 public:
  explicit scratch_folder(const std::string& in = {});
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// One HTTP GET's body; empty if it failed.
std::string http_get(std::uint16_t port, const std::string& path);
/// The same through the control socket of the real program in this folder.
std::string control_get(const std::string& data_dir, const std::string& path);

}  // namespace troupe::bench
