#pragma once

#include "runtime/ports/blocking_pool.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace troupe {

/// The real blocking pool: a fixed number of threads and a bounded queue.
///
/// Shutdown: `stop` (or the destructor) takes no more work, runs what is
/// queued and joins. Work must not throw; what it throws is swallowed and
/// counted, since a pool thread has nobody to tell.
///
/// Thread safety: `submit` from any thread; `stop` from outside the pool.
class thread_pool final : public blocking_pool {
 public:
  explicit thread_pool(std::size_t threads = 4, std::size_t bound = 1024);
  ~thread_pool() override;
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  [[nodiscard]] bool submit(std::function<void()> work) override;
  void stop();

  std::size_t queued() const;
  std::uint64_t faults() const;

 private:
  void run();

  const std::size_t bound_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::uint64_t faults_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace troupe
