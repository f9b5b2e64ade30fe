#pragma once

/// \file
/// The one thread in which libcurl works (DESIGN §5): takes commands, lets
/// libcurl read and write, ends what is over, watches limits, wakes readers.
///
/// libcurl is told which socket is ready (curl_multi_socket_action): left to find
/// out by itself it looks at every open transfer in every round, 0.8 ms with 1,000.
///
/// Ownership: shared by the client, its thread and the transfers.
/// Thread safety: `start`, `abort`, `resume` and `stop` from any thread, `run` is
/// the thread. Bounds: a transfer has at most three commands in the queue.

#include "net/upstream/curl_exchange.hpp"
#include "net/upstream/socket_watch.hpp"

#include <curl/curl.h>

#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::upstream {

class curl_loop {
 public:
  explicit curl_loop(std::size_t kept_connections);
  ~curl_loop();
  curl_loop(const curl_loop&) = delete;
  curl_loop& operator=(const curl_loop&) = delete;

  /// After `stop` the transfer ends `interrupted`.
  void start(std::unique_ptr<curl_exchange> exchange);
  void abort(std::shared_ptr<curl_inbox> inbox);
  void resume(std::shared_ptr<curl_inbox> inbox);

  void run();
  void stop();

 private:
  using clock = curl_exchange::clock;

  struct command {
    enum class kind { start, abort, resume } what;
    std::shared_ptr<curl_inbox> inbox;
    std::unique_ptr<curl_exchange> exchange;
  };
  struct entry {
    std::unique_ptr<curl_exchange> exchange;
    std::optional<clock::time_point> check;  // its place in `checks_`: not later than its next limit
  };
  using entries = std::unordered_map<curl_inbox*, entry>;

  static int socket_callback(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int timer_callback(CURLM*, long wait_ms, void* self);

  bool push(command given);
  bool obey();  // false when stopped
  void begin(std::unique_ptr<curl_exchange> exchange);
  void tell_time();
  void read_notes();
  void take_finished();
  void check_limits();
  void watch(curl_inbox* inbox, entry& of);
  void finish(entries::iterator at, failure error);
  void remove(entries::iterator at, bool early);  // early: with its connection
  void wake_readers();
  void end_all();
  std::chrono::milliseconds longest_wait() const;

  std::mutex mutex_;
  std::vector<command> commands_;
  bool stopping_ = false;

  socket_watch sockets_;

  // What follows is the thread's own.
  CURLM* multi_;                            // null once the thread is over
  std::optional<clock::time_point> timer_;  // when libcurl wants to be told the time
  entries entries_;
  std::set<std::pair<clock::time_point, curl_inbox*>> checks_;
  std::vector<std::shared_ptr<curl_inbox>> notes_;  // something happened
  std::vector<std::shared_ptr<curl_inbox>> to_wake_;
};

}  // namespace troupe::upstream
