#pragma once

/// \file
/// Where a transfer's reader and the curl thread meet: the answer's head, the
/// unread bytes, the end, and who has to be woken.
///
/// Ownership: shared by the two. Thread safety: `poll` and `close` belong to
/// the reader, the rest to the curl thread. The lock is held for moving
/// strings only, never while `wake` runs.
/// Bounds: takes no more once `max_buffered` bytes are unread.

#include "runtime/ports/http_client.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace troupe::upstream {

class curl_inbox {
 public:
  curl_inbox(std::function<void()> wake, std::size_t max_buffered)
      : wake_(std::move(wake)), max_buffered_(max_buffered == 0 ? 1 : max_buffered) {}

  /// `resume` becomes true when this read has made room for a paused transfer.
  http_transfer::event poll(bool& resume);
  /// Afterwards `wake` is not called any more, and is not being called unless
  /// it is `wake` that closes. True if the transfer is still under way.
  bool close();

  void put_head(http_head head);
  /// False when full: keep the bytes, the reader will ask to resume.
  bool put_body(std::string_view bytes);
  void end(failure error);
  /// Calls `wake` if the reader has found nothing and there is something now.
  void notify();

 private:
  bool anything() const { return head_ || !body_.empty() || end_; }

  std::mutex mutex_;
  std::condition_variable woken_;
  std::function<void()> wake_;
  std::optional<std::thread::id> waking_;  // runs `wake` now
  const std::size_t max_buffered_;
  std::optional<http_head> head_;
  std::string body_;
  std::optional<failure> end_;
  bool paused_ = false;
  bool waiting_ = false;  // the last poll found nothing
  bool closed_ = false;
};

}  // namespace troupe::upstream
