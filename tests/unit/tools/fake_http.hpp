#pragma once

/// \file
/// An `http_client` that a test plays the other side of: it keeps what was
/// asked and gives what the test hands it. One thread.

#include "runtime/ports/http_client.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace troupe::test {

/// One request as the server sees it.
struct asked_request {
  http_request request;
  std::deque<http_transfer::event> events;
  std::function<void()> wake;
  bool waiting = false;
  bool aborted = false;

  std::string header(const std::string& name) const {
    for (auto& [key, value] : request.headers)
      if (key == name) return value;
    return {};
  }
  void head(int status, std::string type, http_headers more = {}) {
    http_transfer::event event;
    event.kind = http_transfer::event_kind::head;
    event.head.status = status;
    event.head.headers = std::move(more);
    if (!type.empty()) event.head.headers.emplace_back("content-type", std::move(type));
    add(std::move(event));
  }
  void body(std::string bytes) {
    http_transfer::event event;
    event.kind = http_transfer::event_kind::body;
    event.bytes = std::move(bytes);
    add(std::move(event));
  }
  void end(failure error = {}) {
    http_transfer::event event;
    event.kind = http_transfer::event_kind::ended;
    event.error = std::move(error);
    add(std::move(event));
  }
  void json(const std::string& text, int status = 200, http_headers more = {}) {
    head(status, "application/json", std::move(more));
    body(text);
    end();
  }
  void empty(int status) {
    head(status, "");
    end();
  }

 private:
  void add(http_transfer::event event) {
    events.push_back(std::move(event));
    if (std::exchange(waiting, false) && !aborted) wake();
  }
};

class fake_http final : public http_client {
 public:
  std::unique_ptr<http_transfer> open(http_request request, std::function<void()> wake) override {
    asked.push_back(std::make_shared<asked_request>());
    asked.back()->request = std::move(request);
    asked.back()->wake = std::move(wake);
    return std::make_unique<transfer>(asked.back());
  }

  asked_request& last() { return *asked.back(); }
  /// How many are open and not aborted.
  std::size_t open_count() const {
    std::size_t count = 0;
    for (auto& each : asked) count += !each->aborted;
    return count;
  }

  std::vector<std::shared_ptr<asked_request>> asked;

 private:
  class transfer final : public http_transfer {
   public:
    explicit transfer(std::shared_ptr<asked_request> of) : of_(std::move(of)) {}
    ~transfer() override {
      of_->aborted = true;
      of_->wake = nullptr;  // as the port says: never called after this
    }
    event poll() override {
      if (of_->events.empty()) {
        of_->waiting = true;
        return {};
      }
      auto next = std::move(of_->events.front());
      of_->events.pop_front();
      return next;
    }

   private:
    std::shared_ptr<asked_request> of_;
  };
};

}  // namespace troupe::test
