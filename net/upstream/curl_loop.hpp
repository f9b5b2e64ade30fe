#pragma once

/// \file
/// The one thread in which libcurl works (DESIGN §5): takes commands, lets
/// libcurl read and write, ends what is over, watches limits, wakes readers.
///
/// Ownership: shared by the client, its thread and the transfers.
/// Thread safety: `start`, `abort`, `resume` and `stop` from any thread, `run` is
/// the thread. Bounds: a transfer has at most three commands in the queue.

#include "net/upstream/curl_exchange.hpp"

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

  bool push(command given);
  bool obey();  // false when stopped
  void begin(std::unique_ptr<curl_exchange> exchange);
  void read_notes();
  void take_finished();
  void check_limits();
  void watch(curl_inbox* inbox, entry& of);
  void finish(entries::iterator at, failure error);
  void remove(entries::iterator at, bool early);  // early: with its connection
  void wake_readers();
  void end_all();
  int wait_ms() const;

  std::mutex mutex_;
  std::vector<command> commands_;
  bool stopping_ = false;

  // What follows is the thread's own, except that any thread may call
  // curl_multi_wakeup, which it does under the mutex.
  CURLM* multi_;  // null once the thread is over
  entries entries_;
  std::set<std::pair<clock::time_point, curl_inbox*>> checks_;
  std::vector<std::shared_ptr<curl_inbox>> notes_;  // something happened
  std::vector<std::shared_ptr<curl_inbox>> to_wake_;
};

}  // namespace troupe::upstream
