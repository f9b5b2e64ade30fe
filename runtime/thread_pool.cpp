#include "runtime/thread_pool.hpp"

#include <algorithm>

namespace troupe {

thread_pool::thread_pool(std::size_t threads, std::size_t bound) : bound_(bound) {
  threads = std::max<std::size_t>(threads, 1);
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

thread_pool::~thread_pool() {
  stop();
}

bool thread_pool::submit(std::function<void()> work) {
  {
    std::lock_guard guard(mutex_);
    if (stopping_ || queue_.size() >= bound_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void thread_pool::stop() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

std::size_t thread_pool::queued() const {
  std::lock_guard guard(mutex_);
  return queue_.size();
}

std::uint64_t thread_pool::faults() const {
  std::lock_guard guard(mutex_);
  return faults_;
}

void thread_pool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    bool failed = false;
    try {
      work();
    } catch (...) {
      failed = true;
    }
    work = nullptr;  // what it captured is released before the lock is taken
    lock.lock();
    if (failed) ++faults_;
  }
}

}  // namespace troupe
