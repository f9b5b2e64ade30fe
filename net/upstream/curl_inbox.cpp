#include "net/upstream/curl_inbox.hpp"

#include <utility>

namespace troupe::upstream {

http_transfer::event curl_inbox::poll(bool& resume) {
  using kind = http_transfer::event_kind;
  http_transfer::event next;
  std::lock_guard guard(mutex_);
  waiting_ = false;
  if (head_) {
    next.kind = kind::head;
    next.head = std::move(*head_);
    head_.reset();
  } else if (!body_.empty()) {
    // All of it at once, so that whatever was paused may go on: less than half is left.
    next.kind = kind::body;
    next.bytes = std::exchange(body_, {});
    resume = std::exchange(paused_, false);
  } else if (end_) {
    next.kind = kind::ended;
    next.error = *end_;
  } else {
    waiting_ = true;
  }
  return next;
}

bool curl_inbox::close() {
  std::function<void()> dropped;  // what it captured is released without the lock
  std::unique_lock lock(mutex_);
  closed_ = true;
  const bool under_way = !end_;
  if (waking_ == std::this_thread::get_id()) return under_way;  // `notify` drops it
  woken_.wait(lock, [this] { return !waking_; });
  dropped = std::exchange(wake_, nullptr);
  lock.unlock();
  return under_way;
}

void curl_inbox::put_head(http_head head) {
  std::lock_guard guard(mutex_);
  if (!closed_) head_ = std::move(head);
}

bool curl_inbox::put_body(std::string_view bytes) {
  std::lock_guard guard(mutex_);
  if (closed_) return true;  // its abort is on its way
  if (body_.size() >= max_buffered_) {
    paused_ = true;
    return false;
  }
  body_ += bytes;
  return true;
}

void curl_inbox::end(failure error) {
  std::lock_guard guard(mutex_);
  if (!end_) end_ = std::move(error);
}

void curl_inbox::notify() {
  std::function<void()> dropped;
  {
    std::lock_guard guard(mutex_);
    if (!waiting_ || closed_ || !wake_ || !anything()) return;
    waiting_ = false;
    waking_ = std::this_thread::get_id();
  }
  wake_();  // stays in place: `close` waits, or leaves it to us
  {
    std::lock_guard guard(mutex_);
    waking_.reset();
    if (closed_) dropped = std::exchange(wake_, nullptr);
  }
  woken_.notify_all();
}

}  // namespace troupe::upstream
