#pragma once

/// \file
/// SIGINT, SIGTERM and SIGHUP read instead of obeyed, so that leaving can save.
///
/// The problem: a signal goes to any thread that does not block it, and the
/// link has threads of its own. So they are made while everything is blocked;
/// then the main thread lets through what it wants to be interrupted by.
///
/// Thread safety: the main thread; one per process.

namespace troupe::chat {

class signal_input {
 public:
  /// Blocks them, and SIGWINCH, for this thread and those that it makes.
  signal_input();
  ~signal_input();
  signal_input(const signal_input&) = delete;
  signal_input& operator=(const signal_input&) = delete;

  /// As at the beginning.
  void hold();
  /// This thread ends with them again, as long as there is nothing to save.
  void obey();
  /// From now on they are input. SIGWINCH goes through to this thread.
  void read_them();
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// The signal that has come, or 0.
int read_signal(int descriptor);

}  // namespace troupe::chat
