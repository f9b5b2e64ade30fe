#pragma once

/// \file
/// Reads a transfer as an actor does: polls, and waits for `wake` when there is nothing.

#include "net/upstream/curl_client.hpp"
#include "support/catch.hpp"

#include "support/scripted_http_server.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace troupe::test {

using namespace std::chrono_literals;

inline constexpr auto long_enough = 20s;  // for what should take milliseconds
using upstream::curl_client;
using upstream::curl_options;

inline std::unique_ptr<curl_client> make_client(curl_options options = {}) {
  auto made = curl_client::make(std::move(options));
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

inline http_request get(std::string url) {
  http_request out;
  out.method = "GET";
  out.url = std::move(url);
  return out;
}

inline http_request post(std::string url, std::string body) {
  http_request out;
  out.url = std::move(url);
  out.body = std::move(body);
  return out;
}

struct whole_answer {
  http_head head;
  std::string body;
  failure error;
};

class reader {
 public:
  using kind = http_transfer::event_kind;

  reader(troupe::http_client& client, http_request request)
      : signal_(std::make_shared<signal>()),
        transfer_(client.open(std::move(request), [s = signal_] { s->raise(); })) {}

  /// The next event that is one; fails the test if none comes.
  http_transfer::event next() {
    for (;;) {
      auto event = transfer_->poll();
      if (event.kind != kind::nothing) return event;
      if (!signal_->wait()) throw std::runtime_error("nothing came in time");
    }
  }

  /// What is left up to the end.
  whole_answer rest() {
    whole_answer out;
    for (;;) {
      auto event = next();
      if (event.kind == kind::head) out.head = std::move(event.head);
      if (event.kind == kind::body) out.body += event.bytes;
      if (event.kind == kind::ended) {
        out.error = std::move(event.error);
        return out;
      }
    }
  }

  http_transfer& transfer() { return *transfer_; }
  void destroy() { transfer_.reset(); }
  std::size_t wakes() const {
    std::lock_guard guard(signal_->mutex);
    return signal_->raised;
  }

 private:
  struct signal {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t raised = 0;
    std::size_t seen = 0;
    void raise() {
      std::lock_guard guard(mutex);
      ++raised;
      changed.notify_all();
    }
    bool wait() {
      std::unique_lock lock(mutex);
      if (!changed.wait_for(lock, long_enough, [this] { return raised > seen; })) return false;
      seen = raised;
      return true;
    }
  };
  std::shared_ptr<signal> signal_;
  std::unique_ptr<http_transfer> transfer_;
};

inline whole_answer fetch(troupe::http_client& client, http_request request) {
  return reader(client, std::move(request)).rest();
}

/// Waits until a number has stopped growing for 200 ms. Its growth is what is
/// watched, so a slow machine makes this longer, not wrong.
inline std::size_t settled(const std::atomic<std::size_t>& number) {
  auto last = number.load();
  for (int quiet = 0; quiet < 20;) {
    std::this_thread::sleep_for(10ms);
    const auto now = number.load();
    quiet = now == last && now > 0 ? quiet + 1 : 0;
    last = now;
  }
  return last;
}

}  // namespace troupe::test
