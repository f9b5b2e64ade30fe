#include "cli/chat/inbox.hpp"

#include <cstdint>
#include <stdexcept>

#include <sys/eventfd.h>
#include <unistd.h>

namespace troupe::chat {

inbox::inbox() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::runtime_error("eventfd: no descriptor is left");
}

inbox::~inbox() {
  ::close(descriptor_);
}

void inbox::post(std::function<void()> what) {
  const std::lock_guard held(guard_);
  waiting_.push_back(std::move(what));
  const std::uint64_t one = 1;
  if (::write(descriptor_, &one, sizeof one) < 0) return;  // full: it is readable already
}

bool inbox::run() {
  std::deque<std::function<void()>> now;
  {
    const std::lock_guard held(guard_);
    now.swap(waiting_);
    std::uint64_t count = 0;
    if (::read(descriptor_, &count, sizeof count) < 0 && now.empty()) return false;
  }
  for (auto& each : now) each();
  return !now.empty();
}

}  // namespace troupe::chat
