#pragma once

/// \file
/// Waits for the sockets that libcurl names (DESIGN §5 "Upstream"), so that a
/// round costs what is ready and not what is open.
///
/// Ownership: owns its epoll and event descriptors, not the sockets.
/// Thread safety: `wake` from any thread, the rest is one thread's.
/// Errors: `std::system_error` from the constructor, for lack of descriptors.
/// Cost: one system call a change, one a round. Source: epoll(7), curl_multi_socket_action(3).

#include <chrono>
#include <vector>

#include <curl/curl.h>

namespace troupe::upstream {

class socket_watch {
 public:
  struct ready {
    curl_socket_t socket;
    int events;  ///< CURL_CSELECT_...
  };

  socket_watch();
  ~socket_watch();
  socket_watch(const socket_watch&) = delete;
  socket_watch& operator=(const socket_watch&) = delete;

  /// `what` as CURLMOPT_SOCKETFUNCTION has it.
  void set(curl_socket_t socket, int what);
  /// Ends the wait under way or the next.
  void wake();
  /// What is ready, nothing if the time is over or `wake` was called. Valid until the next call.
  const std::vector<ready>& wait(std::chrono::milliseconds longest);

 private:
  int epoll_;
  int event_;
  std::vector<ready> ready_;
};

}  // namespace troupe::upstream
