#pragma once

/// \file
/// All open connections of a server: for the cap, for the counts, for shutdown.
///
/// Thread safety: a leaf; every member from any thread. Cost: one lock and one
/// hash node per connection's life.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace troupe::net {

/// One open socket as the server sees it. Calls come from any thread.
class connection {
 public:
  virtual ~connection() = default;
  /// Ends in order: a WebSocket sends the close code, HTTP finishes its answer.
  virtual void shut_down(std::uint16_t code) = 0;
  /// Ends at once.
  virtual void abort() = 0;
};

class connection_registry {
 public:
  std::uint64_t add(std::weak_ptr<connection> entry);
  void remove(std::uint64_t id);
  std::size_t count() const;
  std::vector<std::shared_ptr<connection>> all() const;
  /// True once none is left, false if the time ran out first.
  bool wait_until_empty(std::chrono::steady_clock::time_point deadline);

 private:
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::unordered_map<std::uint64_t, std::weak_ptr<connection>> entries_;
  std::uint64_t next_ = 1;
};

}  // namespace troupe::net
