#include "net/io_threads.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>

namespace troupe::net {

io_threads::io_threads(unsigned count) {
  if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) {
    auto& entry = *threads_.emplace_back(std::make_unique<io_thread>());
    // The first socket of a context opens descriptors of the context's own and throws if there are none
    // left: now, not with the first client it happens to get.
    boost::asio::ip::tcp::socket first(entry.context);
    entry.thread = std::thread([&entry] { entry.context.run(); });
  }
}

io_threads::~io_threads() {
  stop();
}

const std::shared_ptr<io_gate>& io_threads::next() {
  return threads_[turn_.fetch_add(1, std::memory_order_relaxed) % threads_.size()]->gate;
}

void io_threads::stop() {
  for (auto& entry : threads_) {
    entry->gate->shut();
    entry->context.stop();
    if (entry->thread.joinable()) entry->thread.join();
  }
}

}  // namespace troupe::net
