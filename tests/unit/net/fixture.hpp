#pragma once

/// \file
/// A server on a free port with an echo dialect and one that records.

#include "net/server.hpp"
#include "support/ws_client.hpp"

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace troupe::test {

using namespace std::chrono_literals;

/// What the server's side saw of one connection; waits instead of sleeping.
class recorder {
 public:
  template <class Predicate>
  bool wait(Predicate predicate, std::chrono::milliseconds timeout = patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [&] { return predicate(*this); });
  }
  template <class Change>
  void change(Change change) {
    std::lock_guard lock(mutex_);
    change(*this);
    changed_.notify_all();
  }
  bool wait_open() {
    return wait([](auto& r) { return r.out != nullptr; });
  }
  bool wait_closed() {
    return wait([](auto& r) { return r.code != 0; });
  }

  std::vector<std::string> texts;
  std::vector<std::uint64_t> binaries;
  std::uint16_t code = 0;
  std::string reason;
  bool ends_itself = false;
  std::uint16_t asked_to_end = 0;
  std::string principal;
  std::shared_ptr<transport> out;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

class recording_handler final : public net::websocket_handler {
 public:
  recording_handler(std::shared_ptr<recorder> to, bool echo) : to_(std::move(to)), echo_(echo) {}
  void on_text(shared_bytes text) override {
    to_->change([&](auto& r) {
      r.texts.emplace_back(text.view());
      if (echo_) r.out->send(text, 0);
    });
  }
  void on_binary(std::uint64_t size) override {
    to_->change([&](auto& r) { r.binaries.push_back(size); });
  }
  bool on_shut_down(std::uint16_t code, const std::string&) override {
    bool takes_over = false;
    to_->change([&](auto& r) {
      r.asked_to_end = code;
      takes_over = r.ends_itself;
    });
    return takes_over;
  }
  void on_close(std::uint16_t code, std::string reason) override {
    to_->change([&](auto& r) {
      r.code = code;
      r.reason = reason;
    });
  }

 private:
  std::shared_ptr<recorder> to_;
  bool echo_;
};

/// `/echo` answers each text; `/record` only keeps it. `seen` is the latest
/// connection's recorder.
class test_server {
 public:
  explicit test_server(net::server_options options = {}) : server_((defaults(options), std::move(options))) {
    auto& routes = server_.routes();
    for (bool echo : {true, false})
      routes.add_websocket(echo ? "/echo" : "/record",
                           [this, echo](std::shared_ptr<transport> out, const net::upgrade_request& r) {
                             auto made = std::make_shared<recorder>();
                             made->out = std::move(out);
                             made->principal = r.principal;
                             auto handler = std::make_unique<recording_handler>(made, echo);
                             std::lock_guard lock(mutex_);
                             seen_ = made;
                             return handler;
                           });
    routes.add("GET", "/health",
               [](auto&, auto responder) {
                 responder->respond({200, R"({"status":"healthy"})"});
               },
               {.needs = net::access::open});
    routes.add("POST", "/body/{name}", [](const net::http_request& r, auto responder) {
      responder->respond({200, r.parameters.at("name") + ":" + r.body, "text/plain"});
    });
  }
  ~test_server() {
    // The transports hold sessions, the sessions no thread: end in any order.
    server_.stop_accepting();
  }

  void start() {
    auto up = server_.start();
    if (!up) throw std::runtime_error(up.error().message);
  }
  std::uint16_t port() const { return server_.endpoints().front().port; }
  net::server& server() { return server_; }
  net::router& routes() { return server_.routes(); }
  std::shared_ptr<recorder> seen() {
    std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  static void defaults(net::server_options& options) {
    if (options.listen.empty()) options.listen.push_back({"127.0.0.1", 0});
    if (options.threads == 0) options.threads = 2;
  }

  std::mutex mutex_;
  std::shared_ptr<recorder> seen_;
  net::server server_;
};

}  // namespace troupe::test
