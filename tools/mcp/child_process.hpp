#pragma once

/// \file
/// A child process that speaks over its standard input and output, in a process
/// group of its own.
///
/// The program is started without a shell, with exactly the environment given.
/// The kernel kills it when the thread that started it ends (PR_SET_PDEATHSIG),
/// so start children from a thread that lives as long as the server. Its own
/// children are reached through the group; one that leaves the group is not.
///
/// Once the child has ended, the rest of its group is killed before the child
/// is reaped: until then its number cannot belong to anybody else.
///
/// Ownership: owns descriptors and child; destroying it kills the group and
/// waits for the child, which takes no longer than the kernel needs.
/// Thread safety: none; the thread that started it.
/// Errors: `not_found` for no such program, `unavailable` for what else keeps it
/// from starting; messages name the program, never arguments or environment.
/// Source: DESIGN §12; fork(2), pidfd_open(2), prctl(2).

#include "runtime/failure.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe::mcp {

/// A file descriptor of one's own.
class descriptor {
 public:
  explicit descriptor(int number = -1) : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor() { close(); }
  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();
  int release();

 private:
  int number_;
};

struct process_command {
  std::vector<std::string> words;  ///< program and arguments; the program is looked for in PATH
  std::map<std::string, std::string> environment;
};

class child_process {
 public:
  /// Starts it. Its input and output pipes are non-blocking on our side.
  static expected<child_process> start(const process_command& command);

  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;
  ~child_process();

  descriptor input;                                      ///< to write to
  descriptor output;                                     ///< to read from
  descriptor errors;                                     ///< to read from
  int ended_descriptor() const { return pidfd_.get(); }  ///< readable once it has ended

  /// Sends a signal to the whole group.
  void signal(int number);
  /// How it ended ("ended with status 1", "was killed by signal 9"), once
  /// `ended_descriptor` is readable. Kills what is left of its group.
  std::string reap();
  pid_t number() const { return pid_; }

 private:
  child_process() = default;
  pid_t pid_ = -1;  ///< -1: reaped
  descriptor pidfd_;
};

}  // namespace troupe::mcp
