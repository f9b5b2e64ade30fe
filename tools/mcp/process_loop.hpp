#pragma once

/// \file
/// The one thread that runs every child process of the stdio transport: starts
/// it, moves lines between its pipes and whoever talks to it, ends it.
///
/// A process ends in steps: its input is closed; after a grace its group gets
/// SIGTERM; after another, SIGKILL. It ends so when it is let go, when it closes
/// its output or input, and when it breaks a bound. No step blocks a caller.
///
/// Invariant: when `process_loop` is destroyed, none of its processes is left
/// and none of their descriptors.
///
/// Ownership: links are shared between their user and the loop; the loop must
/// outlive its users' calls. Thread safety: any thread.
/// Bounds: 16 MiB a line; 32 MiB unread or 32 MiB unwritten per process: reading pauses,
/// writing fails. Cost: one thread, woken by an eventfd; sleeping costs nothing.

#include "runtime/failure.hpp"
#include "tools/mcp/child_process.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace troupe::mcp {

/// What the user of a process and the loop share.
struct process_link {
  process_command command;

  std::mutex guard;  // of all below
  std::string to_write;
  bool let_go = false;  ///< the user wants it ended
  failure let_go_why{failure_kind::cancelled, "was ended by us"};
  std::deque<std::string> lines;
  std::size_t unread = 0;  ///< bytes in `lines`
  bool paused = false;     ///< too much is unread: `nudge` after taking some
  bool closed = false;
  failure error;       ///< once closed
  std::string errors;  ///< once closed: the last of its standard error
  bool waiting = false;
  std::function<void()> wake;
};

class process_loop {
 public:
  explicit process_loop(std::chrono::milliseconds grace = std::chrono::seconds(2));
  /// Ends every process; waits for that, at most about two graces.
  ~process_loop();
  process_loop(const process_loop&) = delete;
  process_loop& operator=(const process_loop&) = delete;

  /// Starts a process. If that fails, the link is closed with the reason.
  void open(std::shared_ptr<process_link> link);
  /// Something was changed in a link: more to write, room to read, let go.
  void nudge();
  /// Processes that are not reaped yet.
  std::size_t running() const;

 private:
  struct running_process;
  void run();
  void start_new();
  int next_timeout() const;
  void wake_loop();

  std::chrono::milliseconds grace_;
  descriptor wake_;
  mutable std::mutex guard_;
  std::vector<std::shared_ptr<process_link>> to_open_;
  bool stopping_ = false;
  std::size_t running_count_ = 0;
  std::vector<std::unique_ptr<running_process>> processes_;  // the thread's own
  std::thread thread_;
};

}  // namespace troupe::mcp
