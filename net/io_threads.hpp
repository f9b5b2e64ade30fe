#pragma once

/// \file
/// The I/O threads: one `io_context` each (DESIGN §5), so that everything of
/// one connection runs on one thread without a strand.
///
/// Ownership: `io_threads` owns contexts and threads; everything else holds an
/// `io_gate`, which outlives them and swallows tasks once they are gone, so
/// that an actor that answers after the end of the server hits no dead memory.
///
/// Thread safety: all of it, except `stop`, which must not be called from an
/// I/O thread. Cost of a post: one uncontended lock beyond Asio's own.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::net {

/// The way onto one I/O thread.
class io_gate {
 public:
  explicit io_gate(boost::asio::io_context& context) : context_(&context) {}

  /// Runs `task` on the I/O thread, later; drops it after the end.
  template <class Task>
  void post(Task&& task) {
    std::lock_guard lock(mutex_);
    if (context_) boost::asio::post(*context_, std::forward<Task>(task));
  }

  /// REQUIRES: called on the I/O thread, or before `io_threads::stop`.
  boost::asio::io_context& context() { return *context_; }

 private:
  friend class io_threads;
  void shut() {
    std::lock_guard lock(mutex_);
    context_ = nullptr;
  }

  std::mutex mutex_;
  boost::asio::io_context* context_;
};

class io_threads {
 public:
  /// Starts `count` threads; 0 means one per core.
  explicit io_threads(unsigned count);
  ~io_threads();
  io_threads(const io_threads&) = delete;
  io_threads& operator=(const io_threads&) = delete;

  std::size_t size() const { return threads_.size(); }

  /// The next thread, round robin.
  const std::shared_ptr<io_gate>& next();
  const std::shared_ptr<io_gate>& first() const { return threads_.front()->gate; }

  /// Stops and joins. Sockets must be closed before.
  void stop();

 private:
  struct io_thread {
    io_thread() : gate(std::make_shared<io_gate>(context)), work(context.get_executor()) {}
    boost::asio::io_context context{1};
    std::shared_ptr<io_gate> gate;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
    std::thread thread;
  };

  std::vector<std::unique_ptr<io_thread>> threads_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace troupe::net
