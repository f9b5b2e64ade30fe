#include "net/upstream/socket_watch.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace troupe::upstream {
namespace {

int checked(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

epoll_event watched(int descriptor, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  return event;
}

int as_curl_has_it(std::uint32_t events) {
  int out = 0;
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) out |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) out |= CURL_CSELECT_OUT;
  if ((events & EPOLLERR) != 0) out |= CURL_CSELECT_ERR;
  return out;
}

}  // namespace

socket_watch::socket_watch()
    : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  auto event = watched(event_, EPOLLIN);
  if (event_ >= 0 && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &event) == 0) return;
  const int why = errno;
  if (event_ >= 0) ::close(event_);
  ::close(epoll_);
  throw std::system_error(why, std::generic_category(), "eventfd");
}

socket_watch::~socket_watch() {
  ::close(event_);
  ::close(epoll_);
}

void socket_watch::set(curl_socket_t socket, int what) {
  if (what == CURL_POLL_REMOVE) {
    // Closed already: then the kernel has forgotten it by itself.
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
    return;
  }
  auto event =
      watched(socket, ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U));
  // A number that was closed and given out again is new to the kernel, whatever libcurl remembers of it.
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event) != 0 && errno == ENOENT)
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
}

void socket_watch::wake() {
  const std::uint64_t one = 1;
  // Full only after 2^64 - 2 of them, and then it is awake.
  [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
}

const std::vector<socket_watch::ready>& socket_watch::wait(std::chrono::milliseconds longest) {
  std::array<epoll_event, 256> events;
  ready_.clear();
  const int count =
      ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(longest.count()));
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd != event_) {
      ready_.push_back({event.data.fd, as_curl_has_it(event.events)});
      continue;
    }
    std::uint64_t wakes = 0;
    [[maybe_unused]] const auto read = ::read(event_, &wakes, sizeof wakes);
  }
  return ready_;
}

}  // namespace troupe::upstream
