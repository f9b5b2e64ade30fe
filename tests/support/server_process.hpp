#pragma once

/// \file
/// The real program in its own process, for tests that kill it, restart it and
/// look at it as a user would.
///
/// Listens on a port of the system's choosing, which is read from what the
/// server prints; nothing is waited for by sleeping. The destructor kills.
/// Thread safety: none, but `kill` may be called from another thread.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace troupe {

struct command_output {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out;
  std::string error;
};

/// Runs a program to its end. `input` is its standard input.
command_output run_command(const std::vector<std::string>& command,
                           const std::map<std::string, std::string>& environment = {}, const std::string& folder = {});

class server_process {
 public:
  struct options {
    std::string binary;  ///< path of `troupe`
    std::string data_dir;
    std::vector<std::string> arguments;              ///< after `serve`
    std::map<std::string, std::string> environment;  ///< added to a nearly empty one
    std::chrono::seconds start_limit{60};
  };

  explicit server_process(options with);
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  /// True once it listens. False if it ended first; see `output` and `wait`.
  bool start();
  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  void kill(int signal);
  /// Exit status, or 128 + signal.
  int wait();
  /// Waits until `mark` stands in the output at or behind `from`; its position,
  /// or nothing when time has passed or the output has ended without it.
  std::optional<std::size_t> find_output(const std::string& mark, std::size_t from,
                                         std::chrono::milliseconds limit) const;
  /// Standard output and error so far; complete after `wait`.
  std::string output() const;

 private:
  /// Without a limit: waits. False at the end or when time is up.
  bool read_some(std::optional<std::chrono::steady_clock::time_point> limit);

  options options_;
  std::atomic<pid_t> pid_{-1};
  int pipe_ = -1;
  std::uint16_t port_ = 0;
  /// Reads on once the server runs: a full pipe would stop it at its next line.
  std::thread reader_;
  mutable std::mutex output_lock_;
  mutable std::condition_variable output_changed_;
  bool ended_ = false;  ///< nothing more will be printed
  std::string output_;
};

}  // namespace troupe
