#pragma once

/// \file
/// An HTTP client whose answers are written by the test, piece by piece.
///
///     scripted_http_client client;
///     client.will_answer(200, {}, {"data: {}\n\n", "data: [DONE]\n\n"});
///     auto transfer = client.open(request, wake);
///
/// What was asked is in `requests`. An answer may pause: the transfer then has
/// `nothing` until `resume`, which calls the `wake` of those that wait.
///
/// Thread safety: one thread. Transfers must not outlive the client.

#include "runtime/ports/http_client.hpp"

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {

class scripted_http_client final : public http_client {
 public:
  using event = http_transfer::event;
  using kind = http_transfer::event_kind;
  using script = std::deque<event>;

  std::vector<http_request> requests;
  int aborted = 0;   ///< transfers destroyed before their end
  int finished = 0;  ///< transfers read to their end

  static event head(int status, http_headers headers = {}) {
    event out;
    out.kind = kind::head;
    out.head = {status, std::move(headers)};
    return out;
  }
  static event body(std::string bytes) {
    event out;
    out.kind = kind::body;
    out.bytes = std::move(bytes);
    return out;
  }
  static event pause() { return {}; }
  static event ended(failure error = {}) {
    event out;
    out.kind = kind::ended;
    out.error = std::move(error);
    return out;
  }

  /// The next request gets these events; after the last one it hangs.
  void will_do(script events) { scripts_.push_back(std::move(events)); }

  void will_answer(int status, http_headers headers, const std::vector<std::string>& pieces, failure end = {}) {
    script events{head(status, std::move(headers))};
    for (auto& piece : pieces) events.push_back(body(piece));
    events.push_back(ended(std::move(end)));
    will_do(std::move(events));
  }

  /// Lets paused transfers go on; how many were waiting.
  int resume() {
    const auto waiting = waiting_;  // a wake may open another
    for (auto* each : waiting) each->wake();
    return static_cast<int>(waiting.size());
  }

  std::unique_ptr<http_transfer> open(http_request request, std::function<void()> wake) override {
    if (scripts_.empty()) throw std::logic_error("a request that the script does not expect: " + request.url);
    requests.push_back(std::move(request));
    auto made = std::make_unique<transfer>(*this, std::move(scripts_.front()), std::move(wake));
    scripts_.pop_front();
    return made;
  }

 private:
  class transfer final : public http_transfer {
   public:
    transfer(scripted_http_client& client, script events, std::function<void()> wake)
        : client_(client), events_(std::move(events)), wake_(std::move(wake)) {}

    ~transfer() override {
      client_.forget(this);
      ++(ended_ ? client_.finished : client_.aborted);
    }

    event poll() override {
      if (ended_) throw std::logic_error("polled after the end");
      const bool waits = events_.empty() || events_.front().kind == kind::nothing;
      if (waits) {
        client_.forget(this);
        client_.waiting_.push_back(this);
        return {};
      }
      auto next = std::move(events_.front());
      events_.pop_front();
      ended_ = next.kind == kind::ended;
      return next;
    }

    void wake() {
      client_.forget(this);
      if (!events_.empty()) events_.pop_front();
      wake_();
    }

   private:
    scripted_http_client& client_;
    script events_;
    std::function<void()> wake_;
    bool ended_ = false;
  };

  void forget(transfer* gone) { std::erase(waiting_, gone); }

  std::deque<script> scripts_;
  std::vector<transfer*> waiting_;
};

}  // namespace troupe
