#pragma once

/// \file
/// What other threads want done by the one that shows the chat.
///
/// Thread safety: `post` from any thread, the rest from one. `descriptor` is
/// readable while something waits, so that one poll waits for keys and answers.

#include <deque>
#include <functional>
#include <mutex>

namespace troupe::chat {

class inbox {
 public:
  inbox();
  ~inbox();
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;

  void post(std::function<void()> what);
  /// Does what has come; true if that was something.
  bool run();
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  std::mutex guard_;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace troupe::chat
